"""Applying an edit to a module without running the module again."""

from __future__ import annotations

import sys
import types
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from .edits import Edit
from .functions import code_pairs, functions_of, holders_of
from .inspection import class_dict, home, is_class
from .purity import bound
from .stars import bound_after, brings_all

HAS_DOCSTRING = 0x4000000  # inspect.CO_HAS_DOCSTRING, 3.14+
KNOWN_REFERENCES = 3
"""To a code object that no function runs: the enclosing code's constants, the pair, getrefcount's argument."""


class RunAgain(Exception):
    """The plan was not enough: ``name`` of ``module`` has to be made anew, or the whole module has to run again."""

    def __init__(self, module: str, name: str | None = None) -> None:
        super().__init__(module, name)
        self.module = module
        self.name = name


class CodePatches:
    """Live functions that were given the code of the new text; ``undo`` gives them the old one back."""

    def __init__(self) -> None:
        self._undo: list[tuple[types.FunctionType, types.CodeType, str | None]] = []
        self.left: list[str] = []
        """Live functions that could not follow."""

    def apply(self, module: str, edit: Edit, namespace: Mapping[str, Any]) -> None:
        pairs = {
            id(old): (old, new) for old, new in code_pairs(edit.old.code, edit.new.code) if old is not new
        }
        for function in functions_of(module, namespace).values():
            pair = pairs.get(id(function.__code__))
            if pair is not None:
                if pair[0].co_freevars != pair[1].co_freevars:
                    raise RunAgain(module)
                self._patch(function, pair[1])
        patched = Counter(id(code) for _, code, _ in self._undo)
        hidden = {
            key: pair
            for key, pair in pairs.items()
            if sys.getrefcount(pair[0]) > KNOWN_REFERENCES + patched[key]
        }
        for function in holders_of([old for old, _ in hidden.values()]):
            old, new = hidden[id(function.__code__)]
            if old.co_freevars == new.co_freevars:
                self._patch(function, new)
            elif _same_text(old, new):
                continue
            else:
                self.left.append(f"{module}.{function.__qualname__}")

    def _patch(self, function: types.FunctionType, new: types.CodeType) -> None:
        old = function.__code__
        self._undo.append((function, old, function.__doc__))
        function.__code__ = new
        if function.__doc__ == docstring(old):
            function.__doc__ = docstring(new)

    def undo(self) -> None:
        for function, code, document in reversed(self._undo):
            function.__code__ = code
            function.__doc__ = document


def execute(
    module: str,
    edit: Edit,
    namespace: dict[str, Any],
    old_namespace: Mapping[str, Any],
    settle: Callable[[str, Any, Any], Any],
) -> None:
    """Run the edit's statements in the module's namespace. Raises RunAgain if a function or class could not stay itself.

    ``settle(name, old, new)``: what should stand under a name that a statement has just bound.
    """
    if edit.document:
        document = edit.new.tree.body[0] if edit.new.tree.body else None
        value = getattr(getattr(document, "value", None), "value", None)
        namespace["__doc__"] = value if isinstance(value, str) else None
    for name in edit.removed | edit.unbind:
        namespace.pop(name, None)
    executed = set(map(id, edit.execute))
    staying = [statement for statement in edit.new.tree.body if id(statement) not in executed]
    for statement, code in zip(edit.execute, edit.codes(), strict=True):
        further_down = bound_after(staying, statement) if brings_all(statement) else set()
        own = {name: namespace[name] for name in further_down & namespace.keys()}
        exec(code, namespace)
        namespace.update(own)
        for name in bound(statement):
            if name in namespace and name in old_namespace and namespace[name] is not old_namespace[name]:
                made = namespace[name]
                namespace[name] = settle(name, old_namespace[name], made)
                _share(made, namespace[name], namespace, old_namespace)
    for name in edit.stay:
        if namespace.get(name) is not old_namespace.get(name):
            raise RunAgain(module, name)


def _share(
    made: object, kept: object, namespace: dict[str, object], old_namespace: Mapping[str, object]
) -> None:
    """An old object took the place of ``made``: new names of that mean the old object too, as a fresh run has one object."""
    if kept is not made:
        for name, value in list(namespace.items()):
            if value is made and name not in old_namespace:
                namespace[name] = kept


def _nested(code: types.CodeType) -> list[types.CodeType]:
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return inner + [deeper for constant in inner for deeper in _nested(constant)]


def _same_text(old: types.CodeType, new: types.CodeType) -> bool:
    return old.co_code == new.co_code and old.co_names == new.co_names and old.co_varnames == new.co_varnames


def docstring(code: types.CodeType) -> str | None:
    if sys.version_info >= (3, 14) and not code.co_flags & HAS_DOCSTRING:
        return None
    first = code.co_consts[0] if code.co_consts else None
    return first if isinstance(first, str) else None


def move_lines(module: str, edit: Edit, namespace: Mapping[str, Any]) -> None:
    """3.13 remembers where a class statement stands, and inspect believes it."""
    if sys.version_info < (3, 13):
        return
    lines = {code.co_qualname: code.co_firstlineno for code in _nested(edit.new.code)}
    todo = list(namespace.values())
    while todo:
        cls = todo.pop()
        if is_class(cls) and home(cls) == module:
            names = class_dict(cls)
            if "__firstlineno__" in names and lines.get(cls.__qualname__) not in (
                None,
                names["__firstlineno__"],
            ):
                type.__setattr__(cls, "__firstlineno__", lines[cls.__qualname__])
                todo += names.values()
