"""Whether code that ran while a module was imported may have changed one of its globals in place, by what the global is now."""

from __future__ import annotations

import ast
import contextvars
import enum
import re
import types
import typing
from _abc import _get_dump
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .inspection import class_dict, functions_in, is_a, is_atomic, is_class, is_enum, is_function
from .purity import BLIND_DECORATORS, bound, name_of
from .statements import Names

EMPTY_MAKERS = frozenset(
    ["dict", "list", "set", "defaultdict", "OrderedDict", "deque", "Counter", "WeakSet", "WeakKeyDictionary",
     "WeakValueDictionary"]
)  # fmt: skip
UNCHANGING = (re.Pattern, typing.TypeVar, typing.ParamSpec, enum.Enum)
MADE_BY_DECORATORS = frozenset(["__wrapped__"])
"""Attributes of a function that say what it was made of."""


def was_filled(
    module: types.ModuleType,
    name: str,
    texts: Iterable[Names],
    handed_on: bool,
    marks: Mapping[str, object],
) -> bool:
    """May the global have been changed after the statements that bind it? ``texts``: what the module says, and said.

    ``handed_on``: only as an argument of a call, which is taken to leave classes and functions as they are.
    """
    texts = list(texts)
    binders = [binder for text in texts for binder in text.binders.get(name, ())]
    value = module.__dict__[name]
    if is_a(value, types.ModuleType):
        return False
    if any(name in text.rebound for text in texts):
        return True
    if is_function(value):
        return not handed_on and not value.__dict__.keys() <= MADE_BY_DECORATORS
    if is_class(value):
        return not handed_on and _has_more(value, [binder.node for binder in binders], marks)
    if is_atomic(value) or is_a(value, UNCHANGING):
        return False
    if type(value) is contextvars.ContextVar:
        return value in contextvars.copy_context()
    return _is_another_size(marks.get(f"{name}#"), [binder.node for binder in binders])


def _is_another_size(size: object, nodes: list[ast.stmt]) -> bool:
    """Unless the container has as many entries as the text gives it, or it is none."""
    if size is not None and len({_literal_size(node) for node in nodes}) == 1:
        return size != _literal_size(nodes[0])
    return True


def _has_more(cls: type, nodes: list[ast.stmt], marks: Mapping[str, object]) -> bool:
    """Had the class anything that its statement does not give it? Where there is no such statement nobody can say."""
    statements = [node for node in nodes if isinstance(node, ast.ClassDef)]
    if not statements or len(statements) < len(nodes):
        return True
    parts: dict[str, list[ast.stmt]] = {}
    for statement in statements:
        for part in statement.body:
            for key in bound(part):
                parts.setdefault(key, []).append(part)
    attributes = class_dict(cls)
    return any(registered(attributes)) or any(
        _is_another(cls, key, value, parts.get(key, []), marks)
        for key, value in attributes.items()
        if key in parts
        or key.startswith("__")
        or cls.__name__ not in marks
        or f"{cls.__name__}.{key}" in marks
    )  # what it has besides has been given to it by the run, later


def registered(attributes: Mapping[str, Any]) -> Iterator[object]:
    """Virtual subclasses of an abstract class."""
    if "_abc_impl" in attributes:
        found = (ref() for ref in _get_dump(types.SimpleNamespace(_abc_impl=attributes["_abc_impl"]))[0])
        yield from (cls for cls in found if cls is not None)


def _is_another(cls: type, key: str, value: Any, parts: list[ast.stmt], marks: Mapping[str, object]) -> bool:
    """May an attribute be something else than what these statements of the class's body gave it?"""
    functions = [function for _, function in functions_in(value)]
    if functions:
        return not all(_is_defined(key, function, parts) for function in functions)
    if key.startswith("_") and key.endswith("_"):
        return False  # Python's own, those of enums
    if type(value) is types.MemberDescriptorType or (is_enum(cls) and type(value) is cls):
        return False
    if is_class(value):
        return not parts or _has_more(value, parts, marks)
    if is_atomic(value):
        values = [part.value for part in parts if isinstance(part, (ast.Assign, ast.AnnAssign))]
        constants = [node.value for node in values if isinstance(node, ast.Constant)]
        return not any(type(value) is type(constant) and value == constant for constant in constants)
    return not parts or _is_another_size(len(value) if type(value) in (dict, list, set) else None, parts)


def _is_defined(key: str, function: types.FunctionType, parts: list[ast.stmt]) -> bool:
    """Is it the function of a ``def`` in the class's body, or one that Python has put there, as for a dataclass?"""
    code = function.__code__
    if not parts:
        return code.co_filename.startswith("<") or function.__module__ == "enum"
    return code.co_name in (key, "<lambda>") and all(
        name_of(decorator) in BLIND_DECORATORS
        for part in parts
        for decorator in getattr(part, "decorator_list", ())
    )


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
