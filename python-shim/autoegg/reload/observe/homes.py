"""Where a loaded module was found: its name and its file show this, whatever ``sys.path`` and the working directory are now."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any


def folder_searched(name: str, path: str) -> str | None:
    """The folder in which an import finds this file under this name; None where the two do not belong together."""
    leaf = name.rpartition(".")[2]
    folder, file = os.path.split(path)
    if file == "__init__.py":
        folder, base = os.path.split(folder)
        return folder if base == leaf else None
    return folder if file == f"{leaf}.py" else None


def found_at_home(name: str, path: str) -> ModuleSpec | None:
    """What an import finds now at the place of this module; None if nothing is there.

    That may be another file: a package goes before a module of its name.
    """
    folder = folder_searched(name, path)
    if folder is not None:
        spec = PathFinder.find_spec(name, [folder])
        return spec if spec is not None and spec.has_location else None
    if not os.path.isfile(path):
        return None
    places = [os.path.dirname(path)] if os.path.basename(path) == "__init__.py" else None
    return importlib.util.spec_from_file_location(name, path, submodule_search_locations=places)


class ByName:
    """Which loaded modules an import has found by their names. Others were loaded by hand (``spec_from_file_location``).

    Args:
        find: what an import of a module would find now; None: nothing.
    """

    def __init__(self, find: Callable[[str], ModuleSpec | None]) -> None:
        self._find = find
        self._known: dict[tuple[str, str], bool] = {}

    def leads_to(self, name: str, path: str) -> bool:
        """Whether importing ``name`` leads to this file, or has led to it when ``sys.path`` was another one."""
        key = (name, path)
        if key not in self._known:
            self._known[key] = self._leads_to(name, path)
        return self._known[key]

    def _leads_to(self, name: str, path: str) -> bool:
        parent = name.rpartition(".")[0]
        package = file_of(sys.modules.get(parent)) if parent else None
        if package is not None and not self.leads_to(parent, package):
            return False
        spec = self._find(name)
        if spec is not None and spec.origin and _is_same(spec.origin, path):
            return True
        folder = folder_searched(name, path)
        return folder is not None and folder in sys.path_importer_cache


def module_attribute(module: object, name: str) -> Any:
    """A module's attribute, or None, without triggering the load of a lazy module (``LazyLoader``)."""
    if issubclass(type(module), ModuleType):
        return object.__getattribute__(module, "__dict__").get(name)
    return getattr(module, name, None)


def sleeps(module: object) -> bool:
    """Whether a module comes from ``LazyLoader`` and has not been loaded yet, so that nothing of it has run."""
    return type(module) is getattr(importlib.util, "_LazyModule", None)


def file_of(module: object) -> str | None:
    """The absolute path of a module's file."""
    file = module_attribute(module, "__file__")
    return os.path.abspath(file) if isinstance(file, str) else None


def _is_same(one: str, other: str) -> bool:
    return os.path.abspath(one) == other or os.path.realpath(one) == os.path.realpath(other)
