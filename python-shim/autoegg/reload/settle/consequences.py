"""What an edit affects through calls: caches of results must know which of them are out of date."""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Collection, Mapping
from typing import Any

from ..inspection import cell_value, class_dict, home, identity, is_a, is_class, is_function
from ..observe.trace import Record
from ..source.bytecode import BY_TEXT, all_nested, global_names

_Cached = functools._lru_cache_wrapper
DEPTH = 12
NUMBA = "numba.core.dispatcher"


class Consequences:
    """Functions whose behaviour has changed: they, or what they call or read, have changed.

    Args:
        changed: the code, as it is now, of functions that have changed.
        names: (module, global) whose value has changed.
    """

    def __init__(
        self,
        records: Mapping[str, Record],
        changed: Collection[types.CodeType],
        names: Collection[tuple[str, str]],
    ) -> None:
        self._records = records
        self._changed = {identity(code) for code in changed}
        self._keep = list(changed)
        self._names = frozenset(names)
        self._known: dict[int, bool] = {}

    def leads_to_change(self, function: types.FunctionType, depth: int = 0) -> bool:
        known = self._known.get(identity(function))
        if known is not None or depth > DEPTH:
            return bool(known)
        self._known[identity(function)] = False
        found = self._known[identity(function)] = self._looks(function, depth)
        return found

    def _looks(self, function: types.FunctionType, depth: int) -> bool:
        module = function.__module__
        if any(self._follows(value, depth) for _, value in map(cell_value, function.__closure__ or ())):
            return True
        for code in (function.__code__, *all_nested(function.__code__)):
            if identity(code) in self._changed:
                return True
            read = global_names(code)
            if not BY_TEXT.isdisjoint(read):
                return True
            for name in read:
                if (module, name) in self._names:
                    return True
                value = function.__globals__.get(name)
                if type(value) is types.ModuleType and value.__name__ in self._records:
                    for attribute in code.co_names:
                        if (value.__name__, attribute) in self._names:
                            return True
                        if self._follows(value.__dict__.get(attribute), depth):
                            return True
                elif self._follows(value, depth):
                    return True
        return False

    def _follows(self, value: Any, depth: int) -> bool:
        if is_class(value):
            if home(value) not in self._records:
                return False
            return any(
                self.leads_to_change(part, depth + 1)
                for part in class_dict(value).values()
                if is_function(part)
            )
        function = behind(value)
        return (
            function is not None
            and (home(function) in self._records or home(function) == "__main__")
            and self.leads_to_change(function, depth + 1)
        )


def behind(value: Any) -> types.FunctionType | None:
    """The Python function that a call runs in the end: also behind ``lru_cache`` and numba's ``jit``."""
    if type(value) is _Cached:
        value = value.__wrapped__
    elif is_dispatcher(value):
        value = value.py_func
    return value if is_function(value) else None


def is_dispatcher(value: Any) -> bool:
    """Whether numba has made it; imports nothing."""
    base = getattr(sys.modules.get(NUMBA), "Dispatcher", None)
    return base is not None and is_a(value, base)
