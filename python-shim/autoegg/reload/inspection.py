"""Looking at other people's objects without running their code.

``isinstance``, ``hasattr`` and attribute access can call a proxy's or a settings object's own code, which may raise or
load something. Everything that scans the heap goes through these.
"""

from __future__ import annotations

import enum
import functools
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any

ATOMIC = (
    int, float, complex, str, bytes, bool, type(None), type(Ellipsis), type(NotImplemented), types.CodeType, range,
)  # fmt: skip
identity: Callable[[object], int] = object.__hash__
"""One number per living object, as ``id``; but ``id`` raises an audit event (``builtins.id``), which costs a call of each
audit hook in the process, and ours is one (``observe/files.py``)."""
_TYPE_DICT = type.__dict__["__dict__"]
_TYPE_MODULE = type.__dict__["__module__"]


def is_a(obj: object, kind: type | tuple[type, ...]) -> bool:
    """``isinstance`` that does not ask the object's own ``__class__``."""
    return issubclass(type(obj), kind)


def is_atomic(obj: object) -> bool:
    return type(obj) in ATOMIC


def is_class(obj: object) -> bool:
    return issubclass(type(obj), type)


def is_function(obj: object) -> bool:
    return type(obj) is types.FunctionType


def class_dict(cls: Any) -> dict[str, Any]:
    """A copy of the class's own namespace, past any metaclass ``__getattribute__``."""
    return dict(_TYPE_DICT.__get__(cls))


def instance_dict(obj: object) -> dict[str, Any] | None:
    """The instance's real ``__dict__``, or None."""
    try:
        found = object.__getattribute__(obj, "__dict__")
    except Exception:
        return None
    return found if type(found) is dict else None


_renamed: dict[int, tuple[weakref.ref[Any], str]] = {}
"""id of a function or class whose ``__module__`` a library has set by itself -> it, and what it was before."""


def is_renamed(obj: Any, module: str) -> None:
    """A library sets another ``__module__`` than ``module`` on what it re-exports, as many do; ``module`` remains its home."""
    _renamed.setdefault(identity(obj), (weakref.ref(obj), module))


def home(obj: object) -> str | None:
    """Name of the module that defines a function or class; None for everything else."""
    known = _renamed.get(identity(obj)) if _renamed else None
    if known is not None and known[0]() is obj:
        return known[1]
    if is_function(obj):
        name: Any = obj.__module__
    elif is_class(obj):
        name = _TYPE_MODULE.__get__(obj)
    else:
        return None
    return name if type(name) is str else None


def type_home(obj: object) -> str | None:
    return home(type(obj))


def slots_of(cls: type) -> list[str]:
    """Names of the slots that this class itself adds."""
    return [key for key, value in class_dict(cls).items() if type(value) is types.MemberDescriptorType]


def cell_value(cell: types.CellType) -> tuple[bool, Any]:
    """(filled?, contents)"""
    try:
        return True, cell.cell_contents
    except ValueError:
        return False, None


def functions_in(value: object) -> Iterator[tuple[str, types.FunctionType]]:
    """The plain functions directly behind a class attribute or module global: (suffix of their path, function)."""
    if is_a(value, (staticmethod, classmethod)):
        value = value.__func__  # type: ignore[attr-defined]
    if type(value) is types.FunctionType:
        yield "", value
    elif is_a(value, property):
        for part in ("fget", "fset", "fdel"):
            function = getattr(value, part)
            if type(function) is types.FunctionType:
                yield part, function
    elif is_a(value, functools.cached_property) and type(value.func) is types.FunctionType:  # type: ignore[attr-defined]
        yield "func", value.func  # type: ignore[attr-defined]
    elif type(value) is functools.singledispatchmethod and type(value.func) is types.FunctionType:
        yield "func", value.func


def is_enum(cls: object) -> bool:
    return is_a(cls, enum.EnumMeta)
