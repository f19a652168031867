"""Functions and classes that the library lost, so that they come alive again when their code comes back."""

from __future__ import annotations

import weakref
from typing import Any

from ..inspection import is_class, is_function
from .functions import Path


class Graves:
    def __init__(self) -> None:
        self._graves: dict[tuple[str, Path], weakref.ref[Any]] = {}

    def lay(self, module: str, path: Path, obj: Any) -> None:
        self._graves[(module, path)] = weakref.ref(obj)

    def raise_(self, module: str, path: Path) -> Any:
        """The object that was buried there, no longer buried; None if there is none."""
        reference = self._graves.pop((module, path), None)
        return reference() if reference is not None else None

    def classes(self, module: str) -> list[type]:
        found: list[Any] = [ref() for (name, _), ref in self._graves.items() if name == module]
        return [obj for obj in found if is_class(obj)]

    def is_stub(self, obj: Any) -> bool:
        """Is it a buried function? Calling it says what happened."""
        return is_function(obj) and any(reference() is obj for reference in self._graves.values())
