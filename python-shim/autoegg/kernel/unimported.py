"""Files of a library that do not compile: cells that need them are refused, all others run.

Templates, test data for another Python and half-written notes lie in libraries as ``.py`` files. They ship as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

from autoegg.errors import LibraryBroken
from autoegg.kernel.library import Library
from autoegg.kernel.reading import Reading
from autoegg.reload import Reloader
from autoegg.versions.version import member_of


class Unimported:
    """Args: told: gets one sentence for each file that does not compile and is not imported, once until it is repaired."""

    def __init__(self, reloader: Reloader, reading: Reading, told: Callable[[str], None]) -> None:
        self._reloader = reloader
        self._reading = reading
        self._told = told
        self._broken: dict[str, None] = {}
        self._wanted: Collection[str] = ()

    @contextmanager
    def wanted_by_cell(self, names: Collection[str]) -> Iterator[None]:
        """While a cell is looked at whose import statements name these modules, or may name them."""
        self._wanted = names
        try:
            yield
        finally:
            self._wanted = ()

    def check(self, changed: Iterable[str]) -> None:
        """Compiles these files. Raises LibraryBroken for the first that is loaded and does not compile."""
        resolve = self._reading.resolve
        loaded = set(map(resolve, self._reloader.executed()))
        paths = sorted(changed)
        self._reloader.check([path for path in paths if resolve(path) in loaded])
        for path in paths:
            if resolve(path) not in loaded:
                refusal = self._compiled(path)
                if refusal is not None and path not in self._broken:
                    self._broken[path] = None
                    self._told(f"not loaded yet, so cells still run: {refusal}")

    def refuse(self, libraries: Iterable[Library]) -> None:
        """Raises LibraryBroken if the cell wants a file that does not compile."""
        for path in list(self._broken):
            module = next((_module_of(library, path) for library in libraries if library.holds(path)), None)
            if module is not None and any(f"{name}.".startswith(f"{module}.") for name in self._wanted):
                refusal = self._compiled(path)
                if refusal is not None:
                    raise refusal

    def _compiled(self, path: str) -> LibraryBroken | None:
        """What is wrong with a file now; None forgets that anything was."""
        try:
            self._reloader.check([path])
        except LibraryBroken as refusal:
            return refusal
        self._broken.pop(path, None)
        return None


def _module_of(library: Library, path: str) -> str:
    return member_of(library.spec, path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
