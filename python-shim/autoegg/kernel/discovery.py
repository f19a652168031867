"""Which local libraries the notebook uses: from what was imported, and from import statements not yet executed.

A function that imports inside its body runs that import on a worker first, so the statements of the cell, and those in
the library's own files, count as well as what ``sys.modules`` shows.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from autoegg.import_statements import names_in
from autoegg.kernel.locality import Locality
from autoegg.protocol import LibrarySpec
from autoegg.reload import module_attribute

# Of a larger library only the modules that were imported are read: reading all would hold up a cell.
_MOST_FILES = 300


class Discovery:
    """Collects module names as they are imported and turns them into libraries when asked."""

    def __init__(self, locality: Locality) -> None:
        self._locality = locality
        self._imported: dict[str, None] = {}
        self._scanned: set[str] = set()
        self._unfound: dict[str, None] = {}
        self._searched: list[str] = []
        self._read: set[LibrarySpec] = set()

    @property
    def pending(self) -> bool:
        """Whether local modules were imported, or ``sys.path`` leads to more of them, since the last ``take``."""
        return bool(self._imported) or (bool(self._unfound) and self._searched != sys.path)

    def everything_imported(self, but: Collection[str] = ()) -> None:
        """Takes up what was imported before the shim was loaded, all modules ``but`` these."""
        self._imported.update(dict.fromkeys(name for name in sys.modules if name not in but))

    def imported(self, module: str, path: str) -> None:
        """Called by the loader for each library module that is executed outside a reload."""
        self._imported[module] = None

    def take(self) -> list[LibrarySpec]:
        """The libraries of everything imported since the last call, and the local ones that those name in import statements."""
        names, self._imported = list(self._imported), {}
        found = dict.fromkeys(self._locality.imported(names))
        for name in names:
            file = module_attribute(sys.modules.get(name), "__file__")
            if (
                isinstance(file, str)
                and file.endswith(".py")
                and name != "__main__"
                and self._locality.owns(file)
            ):
                found.update(dict.fromkeys(self._named_in(file)))
        if self._unfound and self._searched != sys.path:
            found.update(dict.fromkeys(self._findable(list(self._unfound))))
        self._searched = list(sys.path)
        return self._with_their_own(found)

    def wanted_by(self, names: Iterable[str]) -> list[LibrarySpec]:
        """The local libraries that these module names of a cell lead to (``names_wanted``), before the cell runs."""
        return self._with_their_own(self._findable(names))

    def _with_their_own(self, specs: Iterable[LibrarySpec]) -> list[LibrarySpec]:
        """These libraries, and those that any of their files imports: a worker may be the first to import that file."""
        found = dict.fromkeys(specs)
        waiting = list(found)
        while waiting:
            spec = waiting.pop()
            if spec in self._read:
                continue
            self._read.add(spec)
            for file in _files_of(spec):
                for other in self._named_in(file):
                    if other not in found:
                        found[other] = None
                        waiting.append(other)
        return list(found)

    def _named_in(self, file: str) -> Iterator[LibrarySpec]:
        if file in self._scanned:
            return iter(())
        self._scanned.add(file)
        try:
            names = set(names_in(Path(file).read_bytes()))
        except OSError:
            return iter(())
        return self._findable(sorted(names))

    def _findable(self, names: Iterable[str]) -> Iterator[LibrarySpec]:
        for name in names:
            if not _is_open(name):
                continue
            found = list(self._locality.findable(name))
            if found:
                self._unfound.pop(name, None)
                yield from found
            else:
                self._unfound[name] = None  # a cell may put its folder on sys.path and then send the function


def _files_of(spec: LibrarySpec) -> list[str]:
    """The library's Python files; none where they are too many."""
    if spec.kind == "module":
        return [spec.path]
    files: list[str] = []
    for count, (folder, folders, names) in enumerate(os.walk(spec.path)):
        folders[:] = [name for name in folders if name.isidentifier() and name != "__pycache__"]
        files += [os.path.join(folder, name) for name in names if name.endswith(".py")]
        if len(files) > _MOST_FILES or count > _MOST_FILES:
            return []
    return files


def _is_open(name: str) -> bool:
    """Whether an import could find code that no loaded module shows: a namespace may have more portions."""
    top = sys.modules.get(name.partition(".")[0])
    return top is None or (
        "." in name
        and module_attribute(top, "__file__") is None
        and name not in sys.modules
        and module_attribute(top, "__path__") is not None
    )
