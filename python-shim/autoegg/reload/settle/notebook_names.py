"""The notebook's names: what `from lib import f` bound is bound again after a reload, unless the user has re-bound it."""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ...import_statements import STAR, Imported, at_top_level, imported_by
from ..inspection import is_a
from .stars import public_names

MISSING: Any = object()


@dataclass
class Origin:
    """Where a name of the notebook comes from: ``from module import name``, and the value that this gave."""

    module: str
    name: str
    value: Any
    taken_out: bool = False
    """The library lost it and the name was deleted from the notebook; it comes back with the library's."""


class NotebookNames:
    def __init__(self, namespace: Callable[[], dict[str, Any]], is_library: Callable[[str], bool]) -> None:
        self._namespace = namespace
        self._is_library = is_library
        self._origins: dict[str, Origin] = {}
        self._stars: dict[str, None] = {}
        self._away: set[str] = set()
        """Those of them that have no file at present."""

    def note(self, source: str) -> set[str]:
        """Record the from-imports of a cell that ran, in plain Python; the library modules that its imports name."""
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return set()
        mentioned: set[str] = set()
        for node in at_top_level(tree.body, classes=False):
            found = imported_by(node)
            mentioned.update(name for one in found for name in (one.module, one.whole))
            if isinstance(node, ast.ImportFrom) and not node.level and self._is_library(found[0].module):
                self._note_from(found)
        return {name for name in mentioned if self._is_library(name)}

    def _note_from(self, found: list[Imported]) -> None:
        namespace = self._namespace()
        for one in found:
            module = sys.modules.get(one.module)
            if module is None:
                return
            if one.name == STAR:
                self._stars[one.module] = None
                for name in public_names(module.__dict__):
                    value = module.__dict__.get(name, MISSING)
                    if value is not MISSING and namespace.get(name, MISSING) is value:
                        self._origins[name] = Origin(one.module, name, value)
            elif one.bound in namespace:
                value = namespace[one.bound]
                if value is self._lookup(one.module, one.name):  # not bound again further down the cell
                    self._origins[one.bound] = Origin(one.module, one.name, value)
                else:
                    self._origins.pop(one.bound, None)

    def rebind(self, touched: Mapping[str, Mapping[str, Any]], is_stub: Callable[[Any], bool]) -> list[str]:
        """Bind again what was imported from the modules in ``touched`` (name -> its former globals).

        Returns the notebook names that had to be removed.
        """
        namespace = self._namespace()
        taken_out = []
        for bound, origin in list(self._origins.items()):
            if origin.module not in touched:
                continue
            current = namespace.get(bound, MISSING)
            new = self._lookup(origin.module, origin.name)
            if current is MISSING and not origin.taken_out:
                del self._origins[bound]  # the user deleted it
            elif current is not MISSING and current is not origin.value and current is not new:
                del self._origins[bound]  # the user bound it to something else
            elif new is not MISSING:
                namespace[bound] = new
                self._origins[bound] = Origin(origin.module, origin.name, new)
            elif bound == origin.name and (other := self._by_star(bound)) is not None:
                namespace[bound] = other.value
                self._origins[bound] = other
            elif current is not MISSING and not is_stub(current):
                del namespace[bound]
                origin.taken_out = True
                taken_out.append(bound)
        for module_name in self._stars:
            if module_name in touched:
                known = [] if module_name in self._away else public_names(touched[module_name])
                self._bind_new_public(module_name, known, namespace, is_stub)
        self._away = self._stars.keys() - sys.modules.keys()
        return taken_out

    def _by_star(self, name: str) -> Origin | None:
        """Where a star import of the notebook gives it this name."""
        for module_name in reversed(self._stars):
            module = sys.modules.get(module_name)
            if module is not None and name in public_names(module.__dict__):
                value = self._lookup(module_name, name)
                if value is not MISSING:
                    return Origin(module_name, name, value)
        return None

    def _bind_new_public(
        self,
        module_name: str,
        known: Collection[str],
        namespace: dict[str, Any],
        is_stub: Callable[[Any], bool],
    ) -> None:
        """``known``: names that the star import bound earlier; one of them that is missing now was deleted by the user."""
        module = sys.modules.get(module_name)
        for name in public_names(module.__dict__) if module is not None else ():
            value = self._lookup(module_name, name)
            free = name not in namespace or is_stub(namespace[name])
            if free and name not in known and value is not MISSING:
                namespace[name] = value
                self._origins[name] = Origin(module_name, name, value)

    @staticmethod
    def _lookup(module_name: str, name: str) -> Any:
        module = sys.modules.get(module_name)
        if module is None:
            return MISSING
        if is_a(module, types.ModuleType) and name in module.__dict__:
            return module.__dict__[name]
        try:
            return getattr(module, name)  # a module __getattr__, or an object that stands in for the module
        except Exception:
            return sys.modules.get(f"{module_name}.{name}", MISSING)
