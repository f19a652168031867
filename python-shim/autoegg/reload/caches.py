"""What an ``lru_cache`` or a cached property remembers was computed by code that has changed."""

from __future__ import annotations

import functools
import sys
from typing import Any

from .inspection import class_dict, home, is_a, is_class
from .instances import forget
from .transaction import Transaction


def clear_caches(transaction: Transaction) -> None:
    """Forget what was computed by what now computes something else."""
    again = [
        (module, name)
        for module in transaction.rerun
        if module not in transaction.gone
        for name, value in transaction.saved[module].module.__dict__.items()
        if is_class(value)
    ]
    for module, name in [*transaction.caches, *again]:
        edit = transaction.edited.get(module)
        kept = edit.keep.get(name, set()) if edit is not None else set()
        methods = transaction.methods.get((module, name))
        todo: list[tuple[Any, Any]] = [(getattr(sys.modules.get(module), "__dict__", {}).get(name), None)]
        seen: set[int] = set()
        while todo:
            value, owner = todo.pop()
            if is_class(value):
                if id(value) in seen:  # classes may have one another as attributes
                    continue
                seen.add(id(value))
            if is_a(value, (staticmethod, classmethod)):
                value = value.__func__
            if type(value) is functools._lru_cache_wrapper:
                value.cache_clear()
            elif is_class(value) and home(value) == module:
                todo += [(part, value) for key, part in class_dict(value).items()
                    if key not in kept and (methods is None or key in methods)]  # fmt: skip
            elif is_a(value, functools.cached_property) and owner is not None and value.attrname:
                forget(owner, value.attrname)
