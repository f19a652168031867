"""Modules that are no longer loaded: their file is gone, or importing them failed and nothing needs them."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Any


class Absent:
    """Module objects of modules that are gone: when a file returns, what was imported from it works again."""

    def __init__(self) -> None:
        self._modules: dict[str, tuple[ModuleType, str]] = {}

    def bury(self, name: str, module: ModuleType, path: str) -> None:
        self._modules[name] = (module, path)

    def returned(self) -> list[str]:
        """Those whose file exists again."""
        return [
            name
            for name, (_, path) in self._modules.items()
            if name not in sys.modules and os.path.exists(path) and self._has_parent(name)
        ]

    @staticmethod
    def _has_parent(name: str) -> bool:
        parent = name.rpartition(".")[0]
        return not parent or "__path__" in getattr(sys.modules.get(parent), "__dict__", {})

    def revive(self, name: str) -> ModuleType | None:
        """The object for a module that is imported again."""
        found: Any = self._modules.pop(name, None)
        if found is None:
            return None
        module: ModuleType = found[0]
        module.__dict__.clear()
        return module
