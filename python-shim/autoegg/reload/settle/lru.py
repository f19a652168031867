"""What an ``lru_cache`` remembers was computed by code that has changed."""

from __future__ import annotations

import functools
import gc
import types
from collections.abc import Callable, Collection
from typing import Any

from ..inspection import identity, is_function
from ..observe.recorder import Recorder
from ..report.lacking import forget
from .consequences import Consequences

_Cached = functools._lru_cache_wrapper


def clear_caches(
    recorder: Recorder,
    search: Consequences,
    bumped: Collection[int],
    owns: Callable[[str], bool],
) -> None:
    """Empty the caches of functions that have changed or lead to what has, and those with a changed class among their keys."""
    caches = [cache for reference in recorder.creations.caches.values() if (cache := reference()) is not None]
    if bumped:
        caches += [
            obj for obj in gc.get_referrers(_Cached) if type(obj) is _Cached
        ]  # each refers to its type
    for cache in caches:
        function: Any = getattr(cache, "__wrapped__", None)
        if is_function(function) and owns(function.__code__.co_filename):
            if search.leads_to_change(function) or (bumped and _has_key(cache, bumped)):
                cache.cache_clear()
        elif bumped and _has_key(cache, bumped):
            cache.cache_clear()
    for record in recorder.records.values():
        for value in record.end.values():
            if is_function(value) and "_clear_cache" in value.__dict__:  # a ``singledispatch`` function
                value.__dict__["_clear_cache"]()


def forget_properties(recorder: Recorder, search: Consequences) -> None:
    """Take off instances what a ``cached_property`` has computed by code that has changed."""
    computed: dict[type, set[str]] = {}
    for owner, cached in recorder.creations.cached_properties:
        cls, function = owner(), cached.func
        if cls is None or not cached.attrname or type(function) is not types.FunctionType:
            continue
        if search.leads_to_change(function):
            computed.setdefault(cls, set()).add(cached.attrname)
    forget(computed)


def _has_key(cache: Any, bumped: Collection[int]) -> bool:
    for inner in gc.get_referents(cache):
        if type(inner) is dict:
            for key in list(inner)[:500]:
                parts = key if isinstance(key, (tuple, list)) else (key,)
                if any(identity(part) in bumped for part in parts):
                    return True
    return False
