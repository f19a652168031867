"""A library on disk, a notebook's namespace, and a reloader between them."""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path
from types import TracebackType
from typing import Any

from autoegg.reload import Reloader, Report


class Notebook:
    """Runs cells in a namespace, as a notebook does: the library is brought to the disk before each cell.

    ``modules`` is what it leaves as it found it: modules imported from ``root`` are taken out at the end.
    """

    def __init__(self, root: Path, files: dict[str, str] | None = None) -> None:
        self.root = root
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        self.report = Report()
        self.write(files or {})
        self.reloader = Reloader(lambda: self.namespace, self.owns)

    def owns(self, path: str) -> bool:
        return os.path.realpath(path).startswith(str(self.root.resolve()) + os.sep)

    def __enter__(self) -> Notebook:
        self._before = set(sys.modules)
        sys.path.insert(0, str(self.root))
        self.reloader.install()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reloader.uninstall()
        sys.path.remove(str(self.root))
        for name in [name for name in set(sys.modules) - self._before if self._is_ours(sys.modules[name])]:
            del sys.modules[name]

    def _is_ours(self, module: object) -> bool:
        file, paths = getattr(module, "__file__", None), getattr(module, "__path__", ())
        return self.owns(file) if file else any(map(self.owns, paths))

    def write(self, files: dict[str, str | None]) -> tuple[list[str], list[str]]:
        """Write files below the root; None deletes. Returns the absolute paths (changed, removed)."""
        changed, removed = [], []
        for name, text in files.items():
            path = self.root / name
            if text is None:
                path.unlink()
                removed.append(str(path))
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(textwrap.dedent(text))
                changed.append(str(path))
        return changed, removed

    def edit(self, files: dict[str, str | None]) -> Report:
        """Edit the library and bring the driver to it."""
        self.report = self.reloader.reload(*self.write(files))
        return self.report

    def run(self, cell: str) -> None:
        cell = textwrap.dedent(cell)
        exec(compile(cell, "<cell>", "exec", dont_inherit=True), self.namespace)
        self.reloader.note_cell(cell)

    def value(self, expression: str) -> Any:
        return eval(compile(expression, "<cell>", "eval", dont_inherit=True), self.namespace)  # noqa: S307
