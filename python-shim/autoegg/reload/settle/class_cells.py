"""The class that ``super()``, ``__class__`` and descriptors mean."""

from __future__ import annotations

import types
from typing import Any

from ..inspection import cell_value, identity, instance_dict, is_a, is_class

DECORATOR_DEPTH = 4


def repoint(obj: Any, new: type, old: type) -> None:
    """Repoints ``__class__`` cells and descriptor owners in a class's attribute from ``new`` to ``old``, which survives."""
    _repoint(obj, new, old, set(), DECORATOR_DEPTH)


def _repoint(obj: Any, new: type, old: type, seen: set[int], depth: int) -> None:
    if depth < 0 or identity(obj) in seen:
        return
    seen.add(identity(obj))
    if is_a(obj, (staticmethod, classmethod)):
        _repoint(obj.__func__, new, old, seen, depth - 1)
    elif is_a(obj, property):
        for part in (obj.fget, obj.fset, obj.fdel):
            _repoint(part, new, old, seen, depth - 1)
    elif type(obj) is types.FunctionType:
        _repoint(obj.__dict__.get("__wrapped__"), new, old, seen, depth - 1)
        for cell in obj.__closure__ or ():
            filled, value = cell_value(cell)
            if filled and value is new:
                cell.cell_contents = old
            elif filled and type(value) is types.FunctionType:
                _repoint(value, new, old, seen, depth - 1)
    elif not is_class(obj):
        for key, value in (instance_dict(obj) or {}).items():
            if value is new:
                obj.__dict__[key] = old
            elif type(value) is types.FunctionType:
                _repoint(value, new, old, seen, depth - 1)
