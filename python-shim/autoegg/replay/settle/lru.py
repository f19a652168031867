"""What an ``lru_cache`` remembers was computed by code that has changed."""

from __future__ import annotations

import functools
import gc
import types
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ..inspection import class_dict, home, is_class, is_function
from ..observe.recorder import Recorder
from ..observe.trace import Record
from ..report.lacking import forget
from ..source.bytecode import BY_TEXT, all_nested, global_names

_Cached = functools._lru_cache_wrapper
DEPTH = 12


def clear_caches(
    recorder: Recorder,
    changed: Collection[types.CodeType],
    names: Collection[tuple[str, str]],
    bumped: Collection[int],
    owns: Callable[[str], bool],
) -> None:
    """Empty the caches of functions that have changed or lead to what has, and those with a changed class among their keys."""
    caches = [cache for reference in recorder.caches.values() if (cache := reference()) is not None]
    if bumped:
        caches += [obj for obj in gc.get_objects() if type(obj) is _Cached]
    records = recorder.records
    search = _Search(records, {id(code) for code in changed}, set(names))
    for cache in caches:
        function: Any = getattr(cache, "__wrapped__", None)
        if is_function(function) and owns(function.__code__.co_filename):
            if search.leads_to_change(function) or (bumped and _has_key(cache, bumped)):
                cache.cache_clear()
        elif bumped and _has_key(cache, bumped):
            cache.cache_clear()

    for owner, cached in recorder.cached_properties:
        cls, function = owner(), cached.func
        if cls is None or not cached.attrname or type(function) is not types.FunctionType:
            continue
        if search.leads_to_change(function):
            forget(cls, cached.attrname)


def _has_key(cache: Any, bumped: Collection[int]) -> bool:
    for inner in gc.get_referents(cache):
        if type(inner) is dict:
            for key in list(inner)[:500]:
                parts = key if isinstance(key, (tuple, list)) else (key,)
                if any(id(part) in bumped for part in parts):
                    return True
    return False


class _Search:
    def __init__(self, records: Mapping[str, Record], changed: set[int], names: set[tuple[str, str]]) -> None:
        self._records = records
        self._names = names
        self._known: dict[int, bool] = {}
        self._changed = changed

    def leads_to_change(self, function: types.FunctionType, depth: int = 0) -> bool:
        known = self._known.get(id(function))
        if known is not None or depth > DEPTH:
            return bool(known)
        self._known[id(function)] = False
        found = self._known[id(function)] = self._looks(function, depth)
        return found

    def _looks(self, function: types.FunctionType, depth: int) -> bool:
        module = function.__module__
        for code in (function.__code__, *all_nested(function.__code__)):
            if id(code) in self._changed:
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
        wrapped = getattr(value, "__wrapped__", None) if type(value) is _Cached else None
        function = wrapped or value
        return (
            is_function(function)
            and home(function) in self._records
            and self.leads_to_change(function, depth + 1)
        )
