"""What the present values of a module's globals say about what may be done with them."""

from __future__ import annotations

import abc
import ast
import enum
import types
from collections.abc import Iterable, Mapping
from typing import Any

from .inspection import class_dict, home, is_a, is_atomic, is_class, is_function
from .statements import Statement

STANDARD_HOMES = ("builtins", "typing", "abc", "enum")
EMPTY_MAKERS = frozenset(
    ["dict", "list", "set", "defaultdict", "OrderedDict", "deque", "Counter", "WeakSet", "WeakKeyDictionary",
     "WeakValueDictionary"]
)  # fmt: skip


def class_stays(value: Any) -> bool:
    """Will a class statement that runs again be merged into this class, whatever derives from it staying as it is?"""
    if not is_class(value) or type(value) not in (type, enum.EnumMeta):
        return False
    return not watches_subclasses(value)


def looks_at_attributes(value: Any) -> bool:
    """May a class statement that made this make something out of its attributes and their annotations, as pydantic does?"""
    return (
        not is_class(value)
        or type(value) not in (type, abc.ABCMeta, enum.EnumMeta)
        or watches_subclasses(value)
    )


def watches_subclasses(cls: type) -> bool:
    """Does a class above this one look at its subclasses when they are made?"""
    return any(
        "__init_subclass__" in class_dict(base) and home(base) not in STANDARD_HOMES
        for base in cls.__mro__[1:]
    )


def was_filled(
    module: types.ModuleType,
    name: str,
    binders: Iterable[Statement],
    handed_on: bool,
    marks: Mapping[str, object],
) -> bool:
    """May code that ran while the module was imported have changed this global in place, after the statements that bind it?

    ``handed_on``: only as an argument of a call, which is taken to leave classes and functions as they are.
    """
    if name not in module.__dict__:
        return True
    value = module.__dict__[name]
    if is_a(value, types.ModuleType):
        return False
    if is_function(value) or is_class(value) or is_atomic(value):
        return not handed_on
    size = marks.get(f"{name}#")
    nodes = [binder.node for binder in binders]
    if size is not None and len({_literal_size(node) for node in nodes}) == 1:
        return size != _literal_size(nodes[0])
    return True


def _literal_size(node: ast.stmt) -> int | None:
    """How many entries the container has that an assignment makes; None where the text does not say."""
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    if isinstance(value, ast.Dict):
        return len(value.keys) if all(isinstance(key, ast.Constant) for key in value.keys) else None
    if isinstance(value, ast.List):
        return len(value.elts) if not any(isinstance(item, ast.Starred) for item in value.elts) else None
    if isinstance(value, ast.Call):
        maker = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        if maker in EMPTY_MAKERS and not (maker not in ("defaultdict",) and (value.args or value.keywords)):
            return 0
    return None
