"""Where a library's import leads by now: a link can point elsewhere, and a module can become a package."""

from __future__ import annotations

import importlib
import os
import sys
from importlib.machinery import PathFinder

from autoegg.errors import RestartNeeded
from autoegg.kernel.comparison import Comparison
from autoegg.kernel.library import Library
from autoegg.kernel.locality import Locality
from autoegg.kernel.reading import Reading
from autoegg.protocol import LibrarySpec
from autoegg.reload import found_at_home, module_attribute


class Moves:
    """Finds loaded libraries that are imported from another place than the one that is watched."""

    def __init__(self, locality: Locality, reading: Reading, comparison: Comparison) -> None:
        self._locality = locality
        self._reading = reading
        self._comparison = comparison
        self._left: set[str] = set()

    def to(self, library: Library) -> LibrarySpec | None:
        """The place that the library has moved to; None while it is where it was, or nowhere.

        Raises RestartNeeded where an ``__init__.py`` has appeared that turns what is loaded into another kind of library.
        """
        init = _new_init(library)
        if init is not None and self._comparison.executed(library):
            raise RestartNeeded(
                f"{init} was added, so `import {library.name}` now means that package, not what is loaded: restart the "
                "kernel, or remove the file",
                file=init,
            )
        if library.spec.kind == "namespace":
            return None
        file = module_attribute(sys.modules.get(library.name), "__file__")
        if not isinstance(file, str) or not library.holds(self._reading.resolve(file)):
            return None
        if os.path.exists(file):
            if library.holds(os.path.realpath(file)):
                return None
        else:
            importlib.invalidate_caches()
            found = found_at_home(library.name, file) or PathFinder.find_spec(library.name)
            if found is None or not found.has_location or found.origin is None:
                return None
            file = found.origin
        return self._locality.at(library.name, file)

    def follow(self, library: Library) -> None:
        """The library is being replaced by the one at its new place: its files are looked up again."""
        before = self._comparison.executed(library)
        self._reading.forget()
        self._left |= before.keys()

    @property
    def vanished(self) -> set[str]:
        """Executed files that were left behind by moves and exist no more, until a reload has dealt with them."""
        return {path for path in self._left if not os.path.exists(path)}

    def settled(self) -> None:
        self._left.clear()


def _new_init(library: Library) -> str | None:
    """An ``__init__.py`` that an import would prefer to this module or namespace, which is still there (``FileFinder.find_spec``)."""
    spec = library.spec
    if spec.kind == "package" or not os.path.exists(spec.path):
        return None
    if module_attribute(sys.modules.get(spec.name), "__file__") is not None and spec.kind == "namespace":
        return None  # a package that is installed elsewhere is extended to here (pkgutil.extend_path)
    init = os.path.join(spec.path.removesuffix(".py"), "__init__.py")
    return init if os.path.isfile(init) else None
