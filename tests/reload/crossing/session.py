"""A notebook that has imported a library, and what a fresh process has after each edit."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import TracebackType
from typing import Any

from fresh import Fresh, Imported, Question, import_all
from holdings import STATE_NAMES, Holdings, is_told, module_of, steady
from reload_harness import Notebook

from autoegg.contents import Values, brief, describe, differences, variable
from autoegg.errors import AutoeggError

Files = dict[str, str]


class Session:
    """Below ``root``, of which ``fresh`` answers; what was imported is forgotten at the end."""

    def __init__(self, root: Path, fresh: Fresh) -> None:
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        self.root = root
        self.files: Files = {}
        self._fresh = fresh
        self._notebook = Notebook(root)
        self._holdings = Holdings(self._notebook)
        self._values: Values = {}
        self._before: Files = {}
        self.report: Any = None

    def __enter__(self) -> Session:
        self._notebook.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._notebook.__exit__(kind, error, trace)

    def _names(self) -> list[str]:
        return sorted(map(module_of, self.files))

    def write(self, files: Files) -> Imported:
        """Put the files there, without telling anybody; what a fresh process makes of them."""
        changes: dict[str, str | None] = {n: t for n, t in files.items() if self.files.get(n) != t}
        changes |= dict.fromkeys(self.files.keys() - files.keys())
        self._notebook.write(changes)
        self.files = dict(files)
        return self._fresh.imports(Question(self._names(), ["lib"], leave_out=STATE_NAMES))

    def begin(self) -> str:
        """The first import; what is wrong with it, or nothing."""
        expected = self.write(self.files)
        self._notebook.run("import lib")
        errors = import_all(self._names())
        self._notebook.run("".join(f"import {name}\n" for name in self._names() if name not in errors))
        self._values = describe(["lib"], leave_out=STATE_NAMES)
        self._holdings.keep(self._names())
        self._before = self.files
        if errors != expected.errors:
            return f"  fresh {expected.errors}, here {errors}"
        return brief(differences(expected.values, self._values))

    def edited(self, expected: Imported) -> tuple[str, str]:
        """Brings the notebook to what was written. ``right``, ``told``, ``wrong`` or ``refused``, and the details."""
        changed = [str(self.root / n) for n, t in self.files.items() if self._before.get(n) != t]
        removed = [str(self.root / n) for n in self._before.keys() - self.files.keys()]
        try:
            self.report = report = self._notebook.reloader.reload(changed, removed)
        except AutoeggError as error:
            if not expected.errors:
                return "refused", f"  {error}"
            now = describe(["lib"], leave_out=STATE_NAMES)
            differing = differences(self._values, now)
            return ("wrong", "  refused, but changed:\n" + brief(differing)) if differing else ("right", "")
        errors = import_all(self._names())
        if errors != expected.errors:
            return "wrong", f"  fresh {expected.errors}, here {errors}"
        self._values = describe(["lib"], leave_out=STATE_NAMES)
        if expected.errors:
            return "right", ""
        before = {name: text.encode() for name, text in self._before.items()}
        after = {name: text.encode() for name, text in self.files.items()}
        self._before = self.files
        said = "\n".join(report.lines)
        differing = differences(expected.values, self._values)
        lost = self._holdings.lost(steady(before, after))
        self._holdings.keep(self._names())
        untold = {name: both for name, both in differing.items() if not is_told(".".join(variable(name)), said)}  # fmt: skip
        silent = [item for item in lost if not is_told(item, said)]
        if untold or silent:
            return "wrong", "\n".join([*filter(None, [brief(untold)]), *(f"  lost: {item}" for item in silent[:4])])  # fmt: skip
        return ("told", f"  {said}") if differing or lost else ("right", "")


def alone(before: Files, after: Files, root: Path, fresh: Fresh) -> tuple[str, str]:
    """One edit under a new notebook: the verdict and its details."""
    with Session(root, fresh) as session:
        if session.write(before).errors:
            return "broken", ""
        if wrong := session.begin():
            return "first import", wrong
        try:
            expected = session.write(after)
            return ("broken tree", "") if expected.errors else session.edited(expected)
        except Exception as error:
            return "error", f"  {type(error).__name__}: {error}"
