"""Which local libraries the notebook uses: from what was imported, and from import statements not yet executed.

A function that imports inside its body runs that import on a worker first, so the statements of the cell, and those in
the library's own files, count as well as what ``sys.modules`` shows.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from autoegg.kernel.locality import Locality
from autoegg.protocol import LibrarySpec

# An import statement at any depth; a match inside a string costs one failed look-up and nothing else.
_IMPORT = re.compile(rb"^[ \t]*(?:import|from)[ \t]+([A-Za-z_][\w.]*)", re.MULTILINE)


class Discovery:
    """Collects module names as they are imported and turns them into libraries when asked."""

    def __init__(self, locality: Locality) -> None:
        self._locality = locality
        self._imported: dict[str, None] = {}
        self._scanned: set[str] = set()
        self._unfound: dict[str, None] = {}
        self._searched: list[str] = []

    @property
    def pending(self) -> bool:
        """Whether local modules were imported, or ``sys.path`` leads to more of them, since the last ``take``."""
        return bool(self._imported) or (bool(self._unfound) and self._searched != sys.path)

    def everything_imported(self) -> None:
        """Takes up what was imported before the shim was loaded."""
        self._imported.update(dict.fromkeys(sys.modules))

    def imported(self, module: str, path: str) -> None:
        """Called by the loader for each library module that is executed outside a reload."""
        self._imported[module] = None

    def take(self) -> list[LibrarySpec]:
        """The libraries of everything imported since the last call, and the local ones that those name in import statements."""
        names, self._imported = list(self._imported), {}
        found = dict.fromkeys(self._locality.imported(names))
        for name in names:
            file = getattr(sys.modules.get(name), "__file__", None)
            if (
                isinstance(file, str)
                and file.endswith(".py")
                and name != "__main__"
                and self._locality.owns(file)
            ):
                found.update(dict.fromkeys(self._named_in(file)))
        if self._unfound and self._searched != sys.path:
            found.update(dict.fromkeys(self._findable(iter(list(self._unfound)))))
        self._searched = list(sys.path)
        return list(found)

    def wanted_by(self, tree: ast.AST) -> list[LibrarySpec]:
        """The local libraries that a cell's import statements name, at any depth, before the cell runs."""
        names: dict[str, None] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names.update(dict.fromkeys(alias.name for alias in node.names))
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.update(dict.fromkeys(f"{node.module}.{alias.name}" for alias in node.names))
        return list(self._findable(name for name in names if name.partition(".")[0] not in sys.modules))

    def _named_in(self, file: str) -> Iterator[LibrarySpec]:
        if file in self._scanned:
            return iter(())
        self._scanned.add(file)
        try:
            names = {match.decode() for match in _IMPORT.findall(Path(file).read_bytes())}
        except OSError:
            return iter(())
        return self._findable(name for name in sorted(names) if name.partition(".")[0] not in sys.modules)

    def _findable(self, names: Iterator[str]) -> Iterator[LibrarySpec]:
        for name in names:
            spec = self._locality.findable(name)
            if spec is not None:
                self._unfound.pop(name, None)
                yield spec
            else:
                self._unfound[name] = None  # a cell may put its folder on sys.path and then send the function
