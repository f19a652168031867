"""Tells when modules have been imported, without importing them."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Collection, Sequence
from types import ModuleType
from typing import Any

Told = Callable[[ModuleType], None]


class _Watch(importlib.abc.MetaPathFinder):
    def __init__(self, names: Collection[str], told: Told) -> None:
        self.names = set(names)
        self.told = told

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self.names:
            return None
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    if spec.loader is not None:
                        spec.loader = _Loader(spec.loader, self.told)
                    return spec
        return None


class _Loader(importlib.abc.Loader):
    """Stands in for the real loader until the module is executed."""

    def __init__(self, real: Any, told: Told) -> None:
        self._real = real
        self._told = told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._real.create_module(spec)  # type: ignore[no-any-return]

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._real
        if module.__spec__ is not None:
            module.__spec__.loader = self._real
        self._real.exec_module(module)
        self._told(module)


def watch(names: Collection[str], told: Told) -> Callable[[], None]:
    """Call ``told`` with each of these modules: now, or once it has been executed. Returns a function that ends that."""
    finder = _Watch(names, told)
    sys.meta_path.insert(0, finder)
    for name in names:
        module = sys.modules.get(name)
        if module is not None and not getattr(module.__spec__, "_initializing", False):
            told(module)

    def unwatch() -> None:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)

    return unwatch
