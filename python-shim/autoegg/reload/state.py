"""Run-time state of modules: what changed since they were imported, and where they keep other modules' objects."""

from __future__ import annotations

import abc
import collections
import contextvars
import enum
import itertools
import random
import threading
import types
from collections.abc import Iterator
from typing import Any

from .inspection import (
    ATOMIC,
    cell_value,
    class_dict,
    home,
    instance_dict,
    is_a,
    is_atomic,
    is_class,
    is_enum,
    is_function,
    type_home,
)  # fmt: skip

FINGERPRINTED = 2000
NESTED = 100
DEPTH = 3
LARGEST_SCANNED = 5000

Marks = dict[str, object]
"""Global, or ``Class.attribute`` -> fingerprint; with ``#`` after it -> how many entries the container had."""

DICTS = (dict, collections.defaultdict, collections.OrderedDict)
LISTS = (list, set, collections.deque)
CONTAINERS = frozenset([*DICTS, *LISTS])
LOCKS = (type(threading.Lock()), type(threading.RLock()))
OPAQUE = frozenset(
    [
        *ATOMIC,
        tuple,
        frozenset,
        type,
        abc.ABCMeta,
        types.FunctionType,
        types.BuiltinFunctionType,
        property,
        staticmethod,
        classmethod,
    ]
)
"""Kinds of values that have nothing inside that could change, or whose insides count by themselves: nearly all that a module has."""


def fingerprint(value: object, top: str = "", depth: int = 2) -> object:
    """Changes when the value is replaced or, as far as that can be seen without calling its methods, when its contents are.

    ``top``: the package whose instances are looked into.
    """
    kind = type(value)
    if kind in OPAQUE or issubclass(kind, type):
        return id(value)
    if kind in DICTS:
        items = list(value.items())[:FINGERPRINTED]  # type: ignore[attr-defined]
        inner = _inner([v for _, v in items], top, depth)
        return (id(value), len(value), hash(tuple((id(k), id(v)) for k, v in items)), inner)  # type: ignore[arg-type]
    if kind in LISTS:
        entries = list(value)[:FINGERPRINTED]  # type: ignore[call-overload]
        return (id(value), len(value), hash(tuple(map(id, entries))), _inner(entries, top, depth))  # type: ignore[arg-type]
    if kind is contextvars.ContextVar:
        return (id(value), id(value.get(None)))  # type: ignore[attr-defined]
    if kind is itertools.count:
        return (id(value), repr(value))
    if kind in LOCKS:
        return (id(value), repr(value).startswith("<locked"))
    if kind is random.Random:
        return (id(value), hash(value.getstate()))  # type: ignore[attr-defined]
    if is_a(value, enum.Enum):
        return id(value)  # its own dict is made by the class statement
    if depth and top and (type_home(value) or "").partition(".")[0] == top:
        namespace = instance_dict(value)
        if namespace is not None:
            return (id(value), fingerprint(namespace, top, depth - 1)[1:])  # type: ignore[index]
    return id(value)


def _inner(values: list[Any], top: str, depth: int) -> int:
    if not depth or len(values) > NESTED:
        return 0
    return hash(tuple(fingerprint(value, top, depth - 1) for value in values if type(value) in CONTAINERS))


def marks(module: types.ModuleType) -> Marks:
    """How the globals are now. Runs for each module of a library at its first import, so the common kinds come first."""
    found: Marks = {}
    namespace, own = module.__dict__, module.__name__
    top = own.partition(".")[0]
    for name, value in list(namespace.items()):
        if name[:2] == "__":
            continue
        kind = type(value)
        if kind in OPAQUE:
            found[name] = id(value)
        elif issubclass(kind, types.ModuleType):
            continue
        else:
            found[name] = fingerprint(value, top)
            if kind in CONTAINERS:
                found[f"{name}#"] = len(value)
        if issubclass(kind, type) and home(value) == own and not is_enum(value):
            if name != value.__name__ and namespace.get(value.__name__) is value:
                continue  # another name of a class, whose own name has its attributes
            for key, attribute in class_dict(value).items():
                if key[:2] != "__":
                    kind = type(attribute)
                    if kind in OPAQUE:
                        found[f"{name}.{key}"] = id(attribute)
                    else:
                        found[f"{name}.{key}"] = fingerprint(attribute, top)
                        if kind in CONTAINERS:
                            found[f"{name}.{key}#"] = len(attribute)
    return found


def changed_names(before: Marks, now: Marks) -> list[str]:
    """Globals and class attributes that were given another value, changed inside, or added since ``before``."""
    changed = [name for name in before.keys() & now.keys() if before[name] != now[name]]
    return sorted(name for name in [*changed, *(now.keys() - before.keys())] if not name.endswith("#"))


def containers(module: types.ModuleType) -> list[tuple[str, Any]]:
    """The dicts, lists and sets in which other modules' objects may have been registered, with the global they belong to."""
    seen: set[int] = set()
    found: list[tuple[str, Any]] = []
    key = ""
    name = module.__name__

    def walk(obj: Any, depth: int) -> None:
        if depth < 0 or is_atomic(obj) or id(obj) in seen:
            return
        seen.add(id(obj))
        if is_a(obj, (dict, list, set)):
            found.append((key, obj))
        elif is_class(obj):
            if home(obj) == name:
                for attribute, value in class_dict(obj).items():
                    if not attribute.startswith("__") and not is_function(value):
                        walk(value, depth - 1)
        elif is_function(obj):
            if home(obj) == name:
                for cell in obj.__closure__ or ():
                    filled, value = cell_value(cell)
                    if filled:
                        walk(value, depth - 1)
        elif is_a(obj, (staticmethod, classmethod)):
            walk(obj.__func__, depth)
        elif (type_home(obj) or "").partition(".")[0] == name.partition(".")[0]:
            for value in list((instance_dict(obj) or {}).values()):
                walk(value, depth - 1)

    for key, value in list(module.__dict__.items()):
        if not key.startswith("__") and not is_a(value, types.ModuleType):
            walk(value, DEPTH)
    return found


def holds_from(module: types.ModuleType, boxes: list[Any], names: set[str]) -> bool:
    """Does the module-level state hold functions or classes that the modules ``names`` define?

    A foreign function or class that is a global itself counts too: an import, or a patch put there from outside.
    """
    for value in list(module.__dict__.values()):
        if type(value) is types.FunctionType:
            if value.__module__ in names:
                return True
        elif issubclass(type(value), type) and home(value) in names:
            return True
    return any(_holds(box, names, 2) for box in boxes)


def _holds(obj: Any, names: set[str], depth: int) -> bool:
    if depth < 0 or is_atomic(obj):
        return False
    if is_function(obj) or is_class(obj):
        return home(obj) in names
    return any(_holds(item, names, depth - 1) for item in _items(obj))


def _items(obj: Any) -> Iterator[Any]:
    if is_a(obj, dict) and dict.__len__(obj) < LARGEST_SCANNED:
        for key, value in list(dict.items(obj)):
            yield key
            yield value
    elif type(obj) in (list, tuple, set, frozenset) and len(obj) < LARGEST_SCANNED:
        yield from list(obj)
