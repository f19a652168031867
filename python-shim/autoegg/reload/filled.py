"""Whether code that ran while a module was imported may have changed one of its globals in place.

What the global is now says so, and what it was when the import had ended: what the run has changed since is the run's.
"""

from __future__ import annotations

import ast
import contextvars
import enum
import re
import types
import typing
from _abc import _get_dump
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from .inspection import class_dict, functions_in, is_a, is_atomic, is_class, is_enum, is_function
from .purity import BLIND_DECORATORS, Functions, bound, name_of
from .records import Record
from .statements import Names

EMPTY_MAKERS = frozenset(
    ["dict", "list", "set", "defaultdict", "OrderedDict", "deque", "Counter", "WeakSet", "WeakKeyDictionary",
     "WeakValueDictionary"]
)  # fmt: skip
UNCHANGING = (re.Pattern, typing.TypeVar, typing.ParamSpec, enum.Enum)
MADE_BY_DECORATORS = frozenset(["__wrapped__"])
"""Attributes of a function that say what it was made of."""


def was_filled(
    record: Record,
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
    value = record.module.__dict__[name]
    constants = record.source.constants if record.source is not None else frozenset()
    if is_a(value, types.ModuleType):
        return False
    if any(name in text.rebound for text in texts):
        return marks.get(name) not in constants or len(binders) > len(texts)
    if is_function(value):
        return not handed_on and not value.__dict__.keys() <= MADE_BY_DECORATORS
    if is_class(value):
        return not handed_on and Body(value, [binder.node for binder in binders], marks, constants).has_more
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


class Body:
    """A class beside the statements that make it, as far as there are such."""

    def __init__(
        self, cls: type, nodes: list[ast.stmt], marks: Mapping[str, object], constants: Collection[object]
    ) -> None:
        self._cls = cls
        self._marks = marks
        self._constants = constants
        self._known = all(isinstance(node, ast.ClassDef) for node in nodes)
        self._parts: dict[str, list[ast.stmt]] = {}
        for node in nodes:
            for part in getattr(node, "body", ()):
                for key in bound(part):
                    self._parts.setdefault(key, []).append(part)

    @property
    def has_more(self) -> bool:
        """Had the class anything that its statements do not give it, when the import had ended?"""
        attributes = class_dict(self._cls)
        return (
            not self._known
            or any(registered(attributes))
            or any(self._is_another(key, value) for key, value in attributes.items() if self._was_there(key))
        )

    def _was_there(self, key: str) -> bool:
        """Else it has been given to it by the run, later."""
        marked = self._cls.__name__ in self._marks
        return key in self._parts or key.startswith("__") or not marked or self._mark(key) is not None

    def _mark(self, key: str, of: str = "") -> object:
        return self._marks.get(f"{self._cls.__name__}.{key}{of}")

    def _is_another(self, key: str, value: Any) -> bool:
        """May an attribute have been something else than what these statements of the class's body gave it?"""
        cls, parts = self._cls, self._parts.get(key, [])
        functions = [function for _, function in functions_in(value)]
        if functions:
            return not all(_is_defined(key, function, parts) for function in functions)
        if key.startswith("_") and key.endswith("_"):
            return False  # Python's own, those of enums
        if type(value) is types.MemberDescriptorType or (is_enum(cls) and type(value) is cls):
            return False
        if is_class(value):
            return not parts or Body(value, parts, self._marks, self._constants).has_more
        if self._mark(key) in self._constants and parts:
            return False
        if is_atomic(value):
            values = [part.value for part in parts if isinstance(part, (ast.Assign, ast.AnnAssign))]
            constants = [node.value for node in values if isinstance(node, ast.Constant)]
            return not any(type(value) is type(constant) and value == constant for constant in constants)
        return not parts or _is_another_size(self._mark(key, "#"), parts)


def registered(attributes: Mapping[str, Any]) -> Iterator[object]:
    """Virtual subclasses of an abstract class."""
    if "_abc_impl" in attributes:
        found = (ref() for ref in _get_dump(types.SimpleNamespace(_abc_impl=attributes["_abc_impl"]))[0])
        yield from (cls for cls in found if cls is not None)


def _is_defined(key: str, function: types.FunctionType, parts: list[ast.stmt]) -> bool:
    """Is it the function of a ``def`` in the class's body, or one that Python has put there, as for a dataclass?"""
    code = function.__code__
    if not parts:
        return code.co_filename.startswith("<") or function.__module__ == "enum"
    return all(
        code.co_name == (key if isinstance(part, Functions) else "<lambda>")
        and all(name_of(decorator) in BLIND_DECORATORS for decorator in getattr(part, "decorator_list", ()))
        for part in parts
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
