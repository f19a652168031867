"""Whether importing the libraries left something of theirs in other packages: an accessor, a patched method, a hook.

Another version's modules do not take that away, and modules that were kept aside come back without it. So it is counted:
a function, class or module of a library that has more references than the library's own objects hold is referred to from
outside. What leaves no such reference (an environment variable, a name in a table of texts) cannot be seen here.
"""

from __future__ import annotations

import gc
import sys
import types
from collections.abc import Callable
from typing import Any

_MOST = 200_000
"""Objects that are looked at; a library with more counts as one that left something outside, so as not to guess."""

_HEAP_TYPE = 1 << 9
"""``Py_TPFLAGS_HEAPTYPE``: instances hold a reference to such a class."""


def holds(modules: dict[str, Any], forget: Callable[[], None]) -> str | None:
    """The name of something of ``modules`` (the libraries' modules that are loaded) that others hold; None if nothing.

    Costs about 2 µs for each object of the libraries: 2 ms for click, 5 ms for jinja2.

    :param forget: drops what tasks have left and nothing needs.
    """
    _forget_caches()
    found = _held(modules)
    if found is not None:
        forget()
        gc.collect()  # what only waits to be collected is held by nothing
        found = _held(modules)
    return found


def _forget_caches() -> None:
    """typing remembers classes (``Optional[Class]``) and overloads, for no one who does not have them already."""
    typing = sys.modules.get("typing")
    for clear in (*getattr(typing, "_cleanups", ()), getattr(typing, "clear_overloads", None)):
        if clear is not None:
            clear()


def _held(modules: dict[str, Any]) -> str | None:
    try:
        graph = _Graph(modules)
        return graph.held() if graph.grow() else "more objects than are looked at"
    except Exception as error:  # a module may hold anything
        return f"something that cannot be looked at ({type(error).__name__}: {error})"


def _is(thing: Any, *kinds: type) -> bool:
    """Without ``isinstance``: it would ask a lazy object for its class and so wake it."""
    return issubclass(type(thing), kinds)


class _Graph:
    """The objects that can be reached from the modules, and how many references they hold to one another."""

    def __init__(self, modules: dict[str, Any]) -> None:
        self._modules = modules
        loaded = [module for module in list(sys.modules.values()) if _is(module, types.ModuleType)]
        self._own = {id(_attributes(module)) for module in modules.values()}
        self._foreign = {id(_attributes(module)) for module in loaded} - self._own | {id(sys.modules)}
        self._ids = {id(module) for module in modules.values()}
        self._objects: list[Any] = []
        self._places: dict[int, int] = {}
        self._inside: list[int] = []
        self._edges: dict[int, list[int]] = {}

    def grow(self) -> bool:
        """False if there are too many objects."""
        for name, module in self._modules.items():
            place = self._add(module)
            parent, _, attribute = name.rpartition(".")
            above = None if parent in self._modules else sys.modules.get(parent)
            self._inside[place] += 1 + (sys.modules.get(name) is module)  # held by our caller, too
            self._inside[place] += above is not None and _attributes(above).get(attribute) is module
        place = 0
        while place < len(self._objects) <= _MOST:
            self._expand(place)
            place += 1
        return len(self._objects) <= _MOST

    def _add(self, thing: Any) -> int:
        place = self._places.get(id(thing))
        if place is None:
            place = self._places[id(thing)] = len(self._objects)
            self._objects.append(thing)
            self._inside.append(0)
        return place

    def _expand(self, place: int) -> None:
        thing = self._objects[place]
        if not gc.is_tracked(thing):
            referents = [type(thing)]
        elif self._is_public(thing):
            return
        else:
            referents = gc.get_referents(thing)
        edges = []
        for referent in referents:
            if id(referent) in self._foreign:
                continue
            if not gc.is_tracked(referent) and not type(referent).__flags__ & _HEAP_TYPE:
                continue  # a text, a number, or a container of such
            to = self._add(referent)
            self._inside[to] += 1
            edges.append(to)
        self._edges[place] = edges

    def _is_public(self, thing: Any) -> bool:
        """Whether it is another package's own: others have it as well as we, and what it refers to does not count."""
        if _is(thing, types.ModuleType):
            return id(thing) not in self._ids
        if not _is(thing, type, types.FunctionType) or self._is_ours(thing):
            return False
        name = _text(thing, "__module__")
        found: Any = None if name in self._modules else sys.modules.get(name)
        for part in _text(thing, "__qualname__").split("."):
            found = _attributes(found).get(part)
        return found is thing

    def _is_ours(self, thing: Any) -> bool:
        if _is(thing, types.FunctionType):
            return id(thing.__globals__) in self._own or _text(thing, "__module__") in self._modules
        if _is(thing, type):
            return type.__getattribute__(thing, "__dict__").get("__module__") in self._modules
        return id(thing) in self._own or id(thing) in self._ids

    def held(self) -> str | None:
        probe = [object()]
        alone = sys.getrefcount(probe[0])
        places = range(len(self._objects))
        outside = [
            place for place in places if sys.getrefcount(self._objects[place]) - alone > self._inside[place]
        ]
        seen = set(outside)
        while outside:
            place = outside.pop()
            thing = self._objects[place]
            if self._is_ours(thing) or self._is_ours(type(thing)):
                return _named(thing)
            # What others hold too passes on what it holds: a library's logger with a library's filter.
            for to in self._edges.get(place, ()):
                if to not in seen:
                    seen.add(to)
                    outside.append(to)
        return None


def _attributes(thing: Any) -> Any:
    try:
        return object.__getattribute__(thing, "__dict__")
    except AttributeError:
        return {}


def _text(thing: Any, name: str) -> str:
    found = type.__getattribute__(thing, name) if _is(thing, type) else getattr(thing, name, "")
    return found if _is(found, str) else ""


def _named(thing: Any) -> str:
    if _is(thing, types.ModuleType):
        return _attributes(thing).get("__name__", "?")  # type: ignore[no-any-return]
    if _is(thing, dict):
        return f"the functions of {thing.get('__name__', '?')}"
    kind = thing if _is(thing, type, types.FunctionType) else type(thing)
    return f"{_text(kind, '__module__')}.{_text(kind, '__qualname__')}"
