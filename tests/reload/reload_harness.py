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

    What lies below ``root/site-packages`` is somebody else's package. Modules imported from ``root`` are taken out at the end.
    """

    def __init__(self, root: Path, files: dict[str, str] | None = None) -> None:
        self.root = root
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        self.report = Report()
        self._owned: dict[str, bool] = {}
        self.write(files or {})
        self.reloader = Reloader(lambda: self.namespace, self.owns)

    def owns(self, path: str) -> bool:
        known = self._owned.get(path)  # asked for each object that a statement reaches
        if known is None:
            inside = self._is_below(path, self.root)
            known = self._owned[path] = inside and not self._is_below(path, self.root / "site-packages")
        return known

    @staticmethod
    def _is_below(path: str, folder: Path) -> bool:
        return os.path.realpath(path).startswith(str(folder.resolve()) + os.sep)

    def __enter__(self) -> Notebook:
        self._before = set(sys.modules)
        self._paths = [str(self.root), str(self.root / "site-packages")]
        sys.path[:0] = self._paths
        self.reloader.install()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reloader.uninstall()
        for path in self._paths:
            sys.path.remove(path)
        new = set(sys.modules) - self._before
        tops = {name.partition(".")[0] for name in new if self._is_ours(sys.modules[name])}
        for name in new:
            if name.partition(".")[0] in tops:  # some put another object in their place
                del sys.modules[name]

    def _is_ours(self, module: object) -> bool:
        file, paths = getattr(module, "__file__", None), getattr(module, "__path__", ())
        return any(self._is_below(path, self.root) for path in ([file] if file else paths))

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

    def edit(self, files: dict[str, str | None]) -> Any:
        """Edit the library and bring the driver to it."""
        self.report = self.reloader.reload(*self.write(files))
        return self.report

    def run(self, cell: str) -> None:
        cell = textwrap.dedent(cell)
        exec(compile(cell, "<cell>", "exec", dont_inherit=True), self.namespace)
        self.reloader.note_cell(cell)

    def value(self, expression: str) -> Any:
        return eval(compile(expression, "<cell>", "eval", dont_inherit=True), self.namespace)  # noqa: S307
