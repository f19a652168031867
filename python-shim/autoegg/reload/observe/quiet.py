"""Does a class statement run no code but its body's?"""

from __future__ import annotations

import abc
from collections.abc import Iterable
from typing import Any

from ..inspection import identity, is_class

_QUIET_METACLASSES = frozenset([type, abc.ABCMeta])


class QuietBases:
    """Called with the names that class statements load; each class is examined once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[type, bool]] = {}

    def forget(self) -> None:
        """Classes have changed."""
        self._known.clear()

    def are(self, values: Iterable[Any]) -> bool:
        """Whether a class with these bases runs no code except its body: no metaclass and no ``__init_subclass__``."""
        for value in values:
            if not is_class(value):
                if callable(value) and type(value).__name__ == "module":
                    return False
                continue
            known = self._known.get(identity(value))
            if known is None or known[0] is not value:
                quiet = type(value) in _QUIET_METACLASSES and not any(
                    "__init_subclass__" in type.__getattribute__(base, "__dict__")
                    for base in value.__mro__[:-1]
                )
                known = self._known[identity(value)] = (value, quiet)
            if not known[1]:
                return False
        return True
