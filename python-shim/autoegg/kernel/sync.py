"""Makes disk, driver and Spark agree on one state of all local libraries, or raises and leaves the last state in place.

Order of a change: ask the disk (barrier) → compile → give the eggs to Spark (inert until named) → reload the driver (all
or nothing) → name the new state in the session. So nothing that fails leaves driver and workers apart.
"""

from __future__ import annotations

import ast
import logging
import threading
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from autoegg.errors import AutoeggError, DaemonUnavailable
from autoegg.import_statements import with_parents
from autoegg.kernel import sentences
from autoegg.kernel.barrier import ask, moved_to
from autoegg.kernel.cell_code import names_wanted
from autoegg.kernel.comparison import Comparison
from autoegg.kernel.delivery import Delivering
from autoegg.kernel.discovery import Discovery
from autoegg.kernel.fallback import DiskCheck
from autoegg.kernel.followed import Followed
from autoegg.kernel.foreign import ForeignModules
from autoegg.kernel.history import History
from autoegg.kernel.journal import Journal
from autoegg.kernel.library import Library
from autoegg.kernel.locality import Locality
from autoegg.kernel.moves import Moves
from autoegg.kernel.pins import Pins, Wanted
from autoegg.kernel.reading import Reading
from autoegg.kernel.recall import Recall
from autoegg.kernel.received import ReceivedLibraries
from autoegg.kernel.running import RunningCells
from autoegg.kernel.saves import take_notice
from autoegg.kernel.strangers import strangers
from autoegg.kernel.switching import Switching
from autoegg.kernel.watch import Watch
from autoegg.protocol import Delivery, LibrarySpec, State
from autoegg.reload import CompiledCode, Reloader, Report
from autoegg.spark import Target, live_targets
from autoegg.versions.version import Version

_log = logging.getLogger("autoegg")

Result = TypeVar("Result")


class Synchroniser:
    """The one owner of what this kernel's driver and Spark session run. Thread-safe.

    Args:
        namespace: gives the notebook's names.
        folder: private directory for the eggs given to Spark.
        changed: called (on any thread) after anything that a person can see has changed.
        received: libraries whose files lie on the Jupyter server's side.
    """

    def __init__(
        self,
        namespace: Callable[[], dict[str, Any]],
        folder: Path,
        changed: Callable[[], None],
        received: ReceivedLibraries,
    ) -> None:
        self.received = received
        self.enabled = True
        self.reship_on_save = True
        self.configured = False
        """Whether these two have been chosen: a page that opens the notebook later must not choose again."""
        self.refusal: AutoeggError | None = None
        self._changed = changed
        self.lock = threading.RLock()
        """Held while anything changes."""
        self._locality = Locality()
        self._discovery = Discovery(self._locality)
        self._imports_to_check = False
        self._running = RunningCells()
        self._watch = Watch(self._noticed)
        self._followed = Followed(self._watch, lambda path: self._reading.resolve(path))
        self._disk = DiskCheck()
        self._reading = Reading(self._followed.by_spec, lambda: self.reloader.executing_again)
        self.delivering = Delivering(uuid.uuid4().hex, folder)
        self.reloader = Reloader(namespace, self._locality.owns, self._reading.read, CompiledCode())
        self.reloader.on_import = self._imported
        self.reloader.kept = self._reading.keeps
        self._comparison = Comparison(self.reloader, self._reading)
        self._moves = Moves(self._locality, self._reading, self._comparison)
        self._foreign = ForeignModules(self._locality.owns, lambda: self.reloader.executed())
        self._switching = Switching(
            self.reloader, self._reading, self._comparison, self._moves, self._foreign, self.delivering
        )
        self.pins = Pins(
            lambda: self.libraries,
            self.history,
            self._comparison,
            Recall(self._watch, folder / "recalled"),
            lambda: self._or_refuse(self._receive_and_synchronise),
        )

    @property
    def libraries(self) -> list[Library]:
        return self._followed.all

    @property
    def removed(self) -> list[LibrarySpec]:
        """The libraries that the user has removed from the list."""
        return self._followed.removed

    @property
    def following(self) -> list[Library]:
        """The libraries that are updated now: none while autoegg is switched off, and none that are paused."""
        return self._followed.enabled if self.enabled else []

    @property
    def changes(self) -> int:
        """How often the driver has switched from one version of its libraries to another."""
        return self._switching.changes

    @property
    def journal(self) -> Journal:
        return self._switching.journal

    @property
    def history(self) -> History:
        return self._switching.history

    @property
    def daemon_message(self) -> str | None:
        """Why there is no daemon; None while there is one."""
        return self._disk.reason

    def git_mark(self, version: str) -> dict[str, Any] | None:
        """The git commit of a version (``GitMark``), as far as the daemon has reported it."""
        return self._watch.marks.get(version)

    def find(self, name: str) -> list[Library]:
        return self._followed.find(name)

    def install(self) -> None:
        self.reloader.install()
        self._discovery.everything_imported(but=self.reloader.loaded_by_hand)

    def close(self) -> None:
        """Leaves the import system and the daemon. Spark keeps the eggs that it lists: a new executor needs them."""
        self.reloader.uninstall()
        self._watch.close()

    # ------------------------------------------------------------------ when

    def before_cell(self, tree: ast.AST) -> list[str]:
        """From here on the cell has one state. Returns sentences for the user; raises to refuse the cell."""
        if not self.enabled:
            return []
        with self.lock:
            if self._running.join():
                return []
            self._foreign.forget_changed()
            names = names_wanted(tree)
            with self._switching.unimported.wanted_by_cell(names):
                self._followed.imported_again(self._locality.imported(with_parents(names)))
                lines = self._or_refuse(
                    lambda: self._receive_and_synchronise(lambda: self._discovery.wanted_by(names))
                )
            self._running.begin()
            return [*self._followed.news(), *lines]

    def after_cell(self, imports: str) -> None:
        """A cell with these import statements has ended: what it imported is taken up now, so that the next cell finds it ready."""
        self._running.end()
        self._foreign.note()
        self.reloader.note_cell(imports)
        if self.enabled and self._discovery.pending:
            with self.lock:
                try:
                    self._followed.take_up(self._discovery.take())
                    self._settle([library for library in self.libraries if library.version is None])
                except AutoeggError as refusal:
                    _log.info("after the cell: %s", refusal)  # the next cell asks again and refuses with it
            self._changed()

    def find_imported(self) -> list[Library]:
        """The libraries of what is imported, found now instead of with the next cell, which brings them up to date."""
        if self.enabled:
            with self.lock:
                try:
                    self._followed.take_up(self._discovery.take())
                except AutoeggError as refusal:
                    _log.info(
                        "found before a cell: %s", refusal
                    )  # the next cell asks again and refuses with it
            self._changed()
        return self.libraries

    def before_pickle(self, target: Target) -> State | None:
        """A function is about to be pickled for Spark: ships what this cell has imported since it began."""
        with self.lock:
            to_check = self._imports_to_check or self._discovery.pending
            if not self.enabled or (self.delivering.is_active(target, self.libraries) and not to_check):
                return self.delivering.state
            try:
                self._followed.take_up(self._discovery.take())
                self._settle(self._followed.enabled)
            except DaemonUnavailable as unavailable:
                # Workers then import for themselves, if they can; but never something older than the driver runs.
                if any(library.version and not self.driver_runs(library) for library in self.libraries):
                    raise
                _log.warning("not shipped: %s", unavailable)
                return self.delivering.state
            self.delivering.bring(target, self.libraries)
        self._changed()
        return self.delivering.state

    def ship(self) -> list[str]:
        """Brings driver and Spark up to date now; raises what a cell would be refused with."""
        with self.lock:
            return self._or_refuse(self._receive_and_synchronise)

    def run_again_whole(self, name: str | None = None) -> tuple[list[str], Report]:
        """Brings all up to date, and then runs a library's modules again, as a whole: of what the run has made of them, nothing stays.

        Args:
            name: None: all libraries.

        Returns: the names of the libraries, and what happened. Raises what a cell would be refused with.
        """
        with self.lock:
            libraries = self.libraries if name is None else self.find(name)
            if not libraries:
                raise AutoeggError(sentences.unknown(name) if name else "no library of yours is imported")
            self._or_refuse(self._receive_and_synchronise)
            report = self._or_refuse(lambda: self._switching.run_again_whole(libraries))
        self._changed()
        return [library.name for library in libraries], report

    def follow(self, libraries: Iterable[dict[str, Any]]) -> None:
        """In a fork of this process: brings it to these versions (``LibrarySpec`` and ``Delivery`` each), as its parent is.

        Raises what a cell would be refused with.
        """
        with self.lock:
            moved = {}
            for said in libraries:
                spec = LibrarySpec.from_json(said["spec"])
                library = self._followed.by_spec.setdefault(spec, Library(spec))
                move = moved_to(library.version, Version(spec, Delivery.from_json(said["delivery"])))
                if move is not None:
                    moved[spec] = move
            if moved:
                self._switching.switch([self._followed.by_spec[spec] for spec in moved], moved, [])

    def renew(self, spoiled: Collection[str] = ()) -> None:
        """Brings the eggs to all executors once more, after one of them could not use them. Raises ShipFailed.

        ``spoiled`` are those that Spark does not bring again under their names.
        """
        with self.lock:
            for target in self.delivering.reachable(live_targets()):
                self.delivering.renew(target, self.libraries, spoiled)

    def _or_refuse(self, step: Callable[[], Result]) -> Result:
        before = self.refusal
        try:
            result = step()
            self.refusal = None
            return result
        except AutoeggError as refusal:
            self.refusal = refusal
            self.journal.refused(refusal)
            raise
        finally:
            if before is not self.refusal:
                self._changed()

    # ------------------------------------------------------------------ what

    def add_at(self, path: Path) -> list[Library]:
        """Adds the libraries at an absolute path; raises LibraryRefused with the reason."""
        with self.lock:
            added = self._followed.add_at(path)
        self._changed()
        return added

    def left_out(self, library: Library) -> list[dict[str, Any]]:
        """What the daemon leaves out of the library's folder, with the rule; nothing where it cannot be asked."""
        return self._watch.left_out(library.key)

    def remove(self, name: str) -> list[Library]:
        """Stops keeping these libraries current until ``add``: the driver keeps what it has loaded, workers get them no longer."""
        with self.lock:
            gone = self._followed.remove(name)
        self._changed()
        return gone

    def restore(self, name: str) -> list[Library]:
        """Undoes ``remove``. Raises LibraryRefused with the reason."""
        with self.lock:
            back = self._followed.restore(name)
        self._changed()
        return back

    def _imported(self, module: str, path: str) -> None:
        self._imports_to_check = True
        self._discovery.imported(module, path)

    def _receive_and_synchronise(self, wanted: Callable[[], Iterable[LibrarySpec]] = tuple) -> list[str]:
        """``wanted`` is asked when the files that come from elsewhere are there."""
        self.received.bring()
        lines = self._synchronise(wanted())
        if self.daemon_message is None:
            self.received.confirm(self._followed.enabled)
        return lines

    def _synchronise(self, wanted: Iterable[LibrarySpec]) -> list[str]:
        self._followed.follow(self._moves)
        self._followed.take_up([*self._discovery.take(), *wanted])
        watched = self._followed.enabled
        if not watched:
            return []
        try:
            moved = ask(self._watch, watched)
        except DaemonUnavailable as unavailable:
            lines = self._switching.without_daemon(self._disk, unavailable, watched)
            self._changed()
            return lines
        self._disk.daemon_is_back()
        targets, lines = self.delivering.present(live_targets())
        if moved or self._imports_to_check:
            lines += self._switching.switch(watched, moved, targets)
            self._imports_to_check = False
            lines += self._bring(self.delivering.reachable(targets))
            self._changed()
            return lines
        self._switching.refuse_unimported(watched)
        behind = [target for target in targets if not self.delivering.is_active(target, self.libraries)]
        lines += self._bring(behind)
        if behind:
            self._changed()
        return lines

    def _bring(self, targets: list[Target]) -> list[str]:
        return self.delivering.with_each(
            targets, lambda target: self.delivering.bring(target, self.libraries)
        )

    def _settle(self, libraries: list[Library]) -> None:
        self._switching.settle(libraries, lambda unsettled: ask(self._watch, unsettled))
        self._imports_to_check = False

    def keeps(self, path: str) -> bool:
        """Whether a loaded source file is kept up to date here at this moment."""
        return self.enabled and self._locality.owns(path) and not self._followed.leaves_alone(path)

    def doubt(self) -> None:
        """Somebody else may have changed loaded modules: the next check finds out, and brings them back."""
        with self.lock:
            self.reloader.doubt()
            self._imports_to_check = True

    def pin(self, name: str, version: str | None) -> Version | None:
        """Pins a library to a version that a kernel has run before; None goes back to what is on disk.

        Driver and Spark have switched when it returns. Raises what a cell would be refused with; the pin is as it was then.
        """
        found = self.find(name)
        if not found:
            raise AutoeggError(sentences.unknown(name))
        self.put({found[0]: version})
        return found[0].pinned

    def put(self, wanted: Wanted) -> None:
        """The same for several libraries: all of them switch, or none."""
        with self.lock:
            self.pins.put(wanted)
        self._changed()

    @contextmanager
    def on_versions(self, wanted: Wanted) -> Iterator[None]:
        """The same for the time of the block: driver and Spark go back to what they run now, whatever happens in it."""
        if not self.enabled:
            raise AutoeggError("autoegg is off, so no other version can be run: `%autoegg on` resumes")
        if self._running.others:
            raise AutoeggError(
                "another cell is running in this kernel, and would go to that version too: run this one after it"
            )
        with self.lock:
            way = self.pins.go(wanted)
        try:
            # Not under the lock: threads of the block submit jobs, too.
            yield
        finally:
            with self.lock:
                self.pins.back(way)
            self._changed()

    def driver_runs(self, library: Library) -> bool:
        """Whether every module of the library that is loaded was executed from the bytes of its version."""
        return library.version is not None and not self._comparison.differing(library, library.version)

    def strangers(self) -> Iterator[tuple[Library, str, str]]:
        """(library, module, file) of loaded modules that bear a library's name and are none of its files."""
        return strangers(self.libraries, self._reading.resolve)

    def _noticed(self, key: str, delivery: Delivery | None) -> None:
        """The daemon reports a save, on a separate thread."""
        with self.lock:
            for library in self.libraries:
                if library.key == key and library.pinned is not None and delivery is not None:
                    library.ahead = delivery.version  # shown, and left alone until the pin is taken off
                elif library.key == key and library.enabled and self.enabled and delivery is not None:
                    early = self.delivering if self.reship_on_save else None
                    take_notice(library, delivery, self._reading, self._switching.unimported, early)
        self._changed()
