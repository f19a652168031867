"""Puts the parts of the kernel side together for one IPython shell."""

from __future__ import annotations

import ast
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autoegg.daemon.folder import private_folder, restore
from autoegg.errors import AutoeggError, ShipFailed
from autoegg.kernel.advice import advice_on
from autoegg.kernel.autoreload import Autoreload, rebind_copies
from autoegg.kernel.cached import CachedData
from autoegg.kernel.cell_code import binding_imports, parsed
from autoegg.kernel.cells import Cells
from autoegg.kernel.comm import StateComm
from autoegg.kernel.early import early_cells, last_cell, told
from autoegg.kernel.gate import Gate
from autoegg.kernel.lineage import starts_spark
from autoegg.kernel.load_ext import QuietLoad
from autoegg.kernel.loaded import Loaded, set_loaded
from autoegg.kernel.log import RecentRecords
from autoegg.kernel.magics import AutoeggMagics
from autoegg.kernel.missing import Missing
from autoegg.kernel.pools import Pools
from autoegg.kernel.received import ReceivedLibraries
from autoegg.kernel.recording import Recording
from autoegg.kernel.status import kernel_state
from autoegg.kernel.sync import Synchroniser
from autoegg.kernel.tracebacks import Tracebacks, sentence_in, spoiled_in
from autoegg.kernel.upgraded import Upgraded
from autoegg.spark import hooks, live_target


class KernelSession:
    """The extension as loaded into one shell: gate, synchroniser, Spark hooks, magics and comm."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        # Lives as long as the process: Spark fetches eggs from it for executors that come later.
        folder = self._folder = private_folder()
        self.log = RecentRecords()
        self.starting_spark = False
        self.comm = StateComm(lambda: kernel_state(self.sync, self.cells, self.cached, self.starting_spark))
        self._received = ReceivedLibraries(shell, folder / "received", self.comm.publish)
        self.sync = Synchroniser(lambda: shell.user_ns, folder / "eggs", self.comm.publish, self._received)
        self.cells = Cells(shell, self._versions)
        self.cached = CachedData(lambda: shell.user_ns, self._versions)
        self.recording = Recording(self.sync, lambda: self.comm.is_shown)
        self._gate = Gate(shell, self._before_cell, self._after_cell, self._cell_ended)
        self._tracebacks = Tracebacks(shell, lambda: self.sync.libraries, self._received.own_paths)
        self._autoreload = Autoreload(shell, self.sync.keeps)
        self._quiet_load = QuietLoad(shell)
        package: Any = sys.modules["autoegg"]
        self._upgraded = Upgraded(Path(package.__file__), package.__version__)
        self._pools = Pools(self.sync, folder / "pools")
        self._missing = Missing(lambda: self.sync.libraries, self.sync.left_out)

    @property
    def last_cell(self) -> int:
        return last_cell(self._shell)

    def install(self) -> None:
        logging.getLogger("autoegg").addHandler(self.log)
        hooks.install(self.sync.before_pickle)
        self.sync.install()
        for imports in self._cells_before():
            self.sync.reloader.note_cell(imports)
        self._pools.install()
        self._gate.install()
        self._tracebacks.install()
        self._mind_autoreload()
        parts = Loaded(self.sync, self.comm, self.log, self.cells, self.cached, self.recording)
        self._shell.register_magics(AutoeggMagics(self._shell, parts))
        self._quiet_load.install()
        set_loaded(parts)
        self._take_in_early_cells()
        self.comm.install()
        self._received.install()

    def uninstall(self) -> None:
        set_loaded(None)
        self._received.uninstall()
        self._quiet_load.uninstall()
        self._autoreload.uninstall()
        self._tracebacks.uninstall()
        self._gate.uninstall()
        hooks.uninstall()
        self._pools.uninstall()
        self.comm.uninstall()
        self.sync.close()
        logging.getLogger("autoegg").removeHandler(self.log)

    def _cells_before(self) -> Iterator[str]:
        """The import statements of cells that ran before the extension was loaded."""
        for source in list(getattr(self._shell.history_manager, "input_hist_raw", ())):
            tree = parsed(source) if "import" in source or "%run" in source else None
            if tree is not None:
                yield binding_imports(tree)

    def _take_in_early_cells(self) -> None:
        # For a person to see, as in `_cell_ended`.
        try:
            early = list(early_cells(self._shell, _unloaded_in))
            if early:
                libraries = {library.name for library in self.sync.find_imported()}
                numbers = self.cells.ran_before(early, libraries)
                if numbers:
                    print(f"autoegg: {told(numbers)}", file=sys.stderr)
        except Exception:
            _log.exception("which cells ran before is not shown")

    def _versions(self) -> dict[str, str]:
        return {
            library.name: library.version.name
            for library in self.sync.libraries
            if library.version is not None
        }

    def _before_cell(self, tree: ast.AST) -> None:
        self._mind_autoreload()
        self._mind_folder()
        self.cells.begins(tree)
        self.sync.history.cell_begins()
        if live_target() is None and starts_spark(tree):
            self.starting_spark = True
            self.comm.publish()
        upgraded = self._upgraded.notice()
        for line in [
            *([upgraded] if upgraded else ()),
            *self.sync.before_cell(tree),
            *self._pools.left_behind(),
        ]:
            print(f"autoegg: {line}", file=sys.stderr)

    def _mind_folder(self) -> None:
        """It may have been removed, with its contents: some systems clean up temporary files that have not been used for days."""
        if not self.sync.following:
            return
        try:
            restore(self._folder)
        except OSError as error:
            raise ShipFailed(
                f"autoegg's temporary folder was removed and cannot be created again ({error}); restart the kernel, or go on "
                "without autoegg (`%autoegg off`)"
            ) from error

    def _mind_autoreload(self) -> None:
        """Its hook runs before ours, so it is kept off as soon as a cell that has loaded it ends."""
        if not self.sync.enabled:
            self._autoreload.let_go(self.sync.reloader.executed, self.sync.reloader.sources.digest)
        elif self._autoreload.keep_off():
            rebind_copies(self.sync.reloader.namespaces(), self.sync.keeps)
            self.sync.doubt()
        notice = self._autoreload.notice() if self.sync.enabled else None
        if notice is not None:
            print(f"autoegg: {notice}", file=sys.stderr)

    def _after_cell(self, imports: str, error: BaseException | None) -> None:
        advice = advice_on(error) or self._missing.advice(error)
        if advice is not None:
            print(f"autoegg: {advice}", file=sys.stderr)
        self._mind_autoreload()
        try:
            if sentence_in(error) is not None:
                # So that running the cell again, as the worker says, is of use.
                self.sync.renew(spoiled_in(error))
            self.sync.after_cell(imports)
        except AutoeggError as refusal:
            self.log.note(refusal)

    def _cell_ended(self, result: Any) -> None:
        # For a person to see: what fails here must not reach the cell.
        try:
            self.starting_spark = False
            self.sync.history.cell_ended(result.execution_count)
            on_others = bool(self.cells.on_others)
            self.recording.cell_ended(self.cells.ended(result), on_others)
            self.cached.look()
            self.comm.publish()
        except Exception:
            _log.exception("what the cell ran on is not shown")


_log = logging.getLogger("autoegg")

_current: KernelSession | None = None
_unloaded_in = 0
"""Number of the cell that has unloaded the extension."""


def load(shell: Any) -> KernelSession:
    """Loads the extension once; loading again changes nothing."""
    global _current
    if _current is None:
        session = KernelSession(shell)
        session.install()
        _current = session
    return _current


def unload() -> None:
    """Removes every hook; workers keep the last state that was named."""
    global _current, _unloaded_in
    if _current is not None:
        session, _current = _current, None
        _unloaded_in = session.last_cell
        session.uninstall()
