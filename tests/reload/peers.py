"""The scenario suite with other ways of bringing edited code into a notebook: ``peers.py PEERS PAGE``.

PEERS is a folder with jurigged and what it needs; PAGE gets the table between its two markers. Each scenario runs in a
forked process of its own, for each way. Nobody is asked for a report except us; and whoever goes by modification times gets times that
are seconds apart.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import os
import selectors
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import scenario as scenario_module
from reload_harness import Notebook
from scenario import ALL, Scenario, in_library

from autoegg.errors import AutoeggError

HERE = Path(__file__).resolve().parent
SECONDS = 30
BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"


class Way:
    """Plain Python: cells run in one namespace and nothing is reloaded."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        self.cells: list[str] = []

    def cell(self, text: str) -> None:
        self.cells.append(text)
        exec(compile(text, "<cell>", "exec", dont_inherit=True), self.namespace)

    def edited(self, changed: list[str], removed: list[str]) -> None:
        """Called after each edit, before the next cell."""

    def modules(self) -> dict[str, ModuleType]:
        """The loaded modules below the root, in the order of their import."""
        found = {}
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str) and file.startswith(str(self.root) + os.sep):
                found[name] = module
        return found


class Reload(Way):
    """``importlib.reload`` of the modules whose files changed."""

    def edited(self, changed: list[str], removed: list[str]) -> None:
        for module in self.modules().values():
            if module.__file__ in changed:
                importlib.reload(module)


class Purge(Way):
    """The library's modules are taken out of ``sys.modules`` and the notebook's import statements run again."""

    def edited(self, changed: list[str], removed: list[str]) -> None:
        for name in self.modules():
            del sys.modules[name]
        for text in self.cells:
            for node in ast.parse(text).body:
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    exec(compile(ast.Module([node], []), "<cell>", "exec"), self.namespace)


class Jurigged(Way):
    """jurigged, told of each changed file."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        from jurigged import live
        from jurigged.register import registry

        registry.set_logger(None)
        self._watcher = live.Watcher(registry)
        registry.auto_register(filter=lambda name: name.startswith(str(root) + os.sep))

    def edited(self, changed: list[str], removed: list[str]) -> None:
        for path in changed:
            if any(module.__file__ == path for module in self.modules().values()):
                self._watcher.refresh(path)


class Autoreload(Way):
    """IPython's ``%autoreload``, in a shell."""

    mode = "2"

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        self._shell: Any = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
        self.cell("%load_ext autoreload")
        self.cell(f"%autoreload {self.mode}")

    def cell(self, text: str) -> None:
        self._shell.run_cell(text).raise_error()


class Autoreload3(Autoreload):
    mode = "3"


WAYS: dict[str, type[Way] | None] = {
    "jupyterlab-autoegg": None,
    "`%autoreload 2`": Autoreload,
    "`%autoreload 3`": Autoreload3,
    "jurigged": Jurigged,
    "`importlib.reload` of the changed modules": Reload,
    "`sys.modules` purged, imports run again": Purge,
    "nothing": Way,
}


def write(root: Path, files: dict[str, str | None], later: int) -> tuple[list[str], list[str]]:
    changed, removed = [], []
    for name, text in files.items():
        path = root / name
        if text is None:
            path.unlink()
            removed.append(str(path))
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (time.time() + later, time.time() + later))
        changed.append(str(path))
    importlib.invalidate_caches()
    return changed, removed


def ours(case: Scenario, root: Path) -> None:
    files = in_library({"__init__.py": "", **case.files})
    with Notebook(root, files) as notebook:  # type: ignore[arg-type]
        notebook.run(case.cells)
        refused = tuple(getattr(case, "refused", ()))
        if refused:
            try:
                notebook.edit(in_library(case.edit))
            except AutoeggError as refusal:
                assert all(words in str(refusal) for words in refused)
            else:
                raise AssertionError("not refused")
        else:
            said = "\n".join(notebook.edit(in_library(case.edit)).lines)
            assert all(words in said for words in case.says)
        notebook.run(case.check)


def theirs(way: type[Way], case: Scenario, root: Path) -> None:
    write(root, in_library({"__init__.py": "", **case.files}), later=-60)
    sys.path[:0] = [str(root), str(root / "site-packages")]
    notebook = way(root)
    notebook.cell(case.cells)
    changed = write(root, in_library(case.edit), later=0)
    with contextlib.suppress(Exception):
        notebook.edited(*changed)
    notebook.cell(case.check)


def in_a_fork(action: Callable[[Path], None]) -> bool:
    """Whether the action ends well in a process of its own, in time."""
    root = Path(os.path.realpath(tempfile.mkdtemp(prefix="peers-")))
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        right = False
        try:
            os.setsid()
            nothing = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(nothing, descriptor)
            os.chdir(root)
            action(root)
            right = True
        except BaseException:
            right = False
        finally:
            os.write(writing, b"1" if right else b"0")
            os._exit(0)
    os.close(writing)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(reading, selectors.EVENT_READ)
            answer = os.read(reading, 1) if selector.select(SECONDS) else b"0"
    finally:
        os.close(reading)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        shutil.rmtree(root, ignore_errors=True)
    return answer == b"1"


@dataclass
class Score:
    right: int = 0
    all: int = 0

    def count(self, good: bool) -> None:
        self.right += good
        self.all += 1


def load_scenarios() -> dict[str, list[Scenario]]:
    """Group (the file's name) → its scenarios."""
    groups: dict[str, list[Scenario]] = {}
    for file in sorted(HERE.glob("scenarios_*.py")):
        before = len(ALL)
        importlib.import_module(file.stem)
        groups[file.stem.removeprefix("scenarios_").replace("_", " ")] = scenario_module.ALL[before:]
    return groups


def table(groups: dict[str, list[Scenario]]) -> list[str]:
    import asyncio  # noqa: F401 - forks find it loaded
    import dataclasses  # noqa: F401

    from IPython.core.interactiveshell import InteractiveShell  # noqa: F401

    for name in ("pytest", "jurigged.live", "jurigged.register"):
        importlib.import_module(name)
    lines = [
        "<!-- prettier-ignore -->",
        f"| way | right of {len(ALL)} | {' | '.join(f'{name} ({len(cases)})' for name, cases in groups.items())} |",
        f"| --- | ---: |{' ---: |' * len(groups)}",
    ]
    for name, way in WAYS.items():
        total = Score()
        cells = []
        for cases in groups.values():
            score = Score()
            for case in cases:
                good = in_a_fork(
                    lambda root, case=case, way=way: (
                        ours(case, root) if way is None else theirs(way, case, root)
                    )  # type: ignore[misc]
                )
                if not good and (way is None or "--verbose" in sys.argv):
                    print(f"{name}: {case.name}", flush=True)
                score.count(good)
                total.count(good)
            cells.append(str(score.right))
        lines.append(f"| {name} | {total.right} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    return lines


def versions() -> str:
    from importlib.metadata import version

    names = [f"IPython {version('ipython')}", f"jurigged {version('jurigged')}"]
    return f"Python {sys.version_info.major}.{sys.version_info.minor}, {', '.join(names)}."


def main(peers: str, page: str) -> None:
    sys.path.append(peers)
    text = Path(page).read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    lines = table(load_scenarios())
    block = "\n".join([BEGIN, "", versions(), "", *lines, "", END])
    Path(page).write_text(before + block + after)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
