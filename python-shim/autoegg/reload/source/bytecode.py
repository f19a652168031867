"""What a code object does, read from its bytecode: which names it loads, and whether two versions of it do the same.

The opcodes are those of CPython 3.10 to 3.14 (Lib/opcode.py); ``co_code`` shows them without specialisation.
"""

from __future__ import annotations

import inspect
import opcode
import sys
import types
from collections.abc import Iterator
from typing import Any

from ..inspection import identity

_OPS = opcode.opmap
_EXTENDED = _OPS["EXTENDED_ARG"]
_LOAD_NAME = _OPS["LOAD_NAME"]
_LOAD_GLOBAL = _OPS["LOAD_GLOBAL"]
_FROM_DICT = _OPS.get("LOAD_FROM_DICT_OR_GLOBALS", -1)
_GLOBAL_SHIFT = (
    1 if sys.version_info >= (3, 11) else 0
)  # the low bit says that a NULL is pushed (3.11, ceval.c)
_LOADS = frozenset([_LOAD_NAME, _LOAD_GLOBAL, _FROM_DICT])
_CHANGES_ATTRIBUTES = frozenset(_OPS[name] for name in ("STORE_ATTR", "DELETE_ATTR"))
_STORES_GLOBALS = frozenset(_OPS[name] for name in ("STORE_GLOBAL", "DELETE_GLOBAL"))
_FUNCTION_FLAGS = inspect.CO_OPTIMIZED | inspect.CO_NEWLOCALS
_SIGNATURE_FLAGS = ~0

MADE = "__autoegg_made__"
"""The hidden innermost decorator, see settle/made.py."""

BY_TEXT = frozenset(["globals", "locals", "vars", "eval", "exec", "dir"])
"""Builtins that reach names that no bytecode mentions."""

_ASKING = BY_TEXT | {"getattr", "hasattr", "__dict__"}

_global_names: dict[int, tuple[types.CodeType, frozenset[str]]] = {}
_stored: dict[int, tuple[types.CodeType, bool, bool]] = {}
_shells: dict[int, tuple[types.CodeType, int]] = {}


def is_function_code(code: types.CodeType) -> bool:
    """False for modules and class bodies, whose names are those of a namespace."""
    return code.co_flags & _FUNCTION_FLAGS == _FUNCTION_FLAGS


def nested(code: types.CodeType) -> Iterator[types.CodeType]:
    """The code objects directly inside ``code``, in order."""
    return (constant for constant in code.co_consts if type(constant) is types.CodeType)


def all_nested(code: types.CodeType) -> Iterator[types.CodeType]:
    """Every code object inside ``code``, at any depth."""
    todo = list(nested(code))
    while todo:
        inner = todo.pop()
        yield inner
        todo += nested(inner)


def runs_with(code: types.CodeType) -> Iterator[types.CodeType]:
    """``code`` and what is inside it and runs when it runs: class bodies and comprehensions, not functions."""
    yield code
    for inner in nested(code):
        if not is_function_code(inner) or (inner.co_name[0] == "<" and inner.co_name != "<lambda>"):
            yield from runs_with(inner)


def global_names(code: types.CodeType) -> frozenset[str]:
    """Names that ``code`` itself loads from its module's namespace or from the builtins."""
    known = _global_names.get(identity(code))
    if known is None or known[0] is not code:
        known = _global_names[identity(code)] = (code, frozenset(_loaded(code)))
    return known[1]


def _loaded(code: types.CodeType) -> Iterator[str]:
    names, bytecode, extended = code.co_names, code.co_code, 0
    if not names or _LOADS.isdisjoint(bytecode[::2]):
        return
    for operation, argument in zip(bytecode[::2], bytecode[1::2], strict=True):
        if operation == _EXTENDED:
            extended = (extended | argument) << 8
            continue
        if operation in _LOADS:
            index = (argument | extended) >> (_GLOBAL_SHIFT if operation == _LOAD_GLOBAL else 0)
            yield names[index]
        extended = 0


def asks_by_text(code: types.CodeType) -> bool:
    """Whether it reaches names that it does not mention, or can do without one."""
    return any(not _ASKING.isdisjoint(part.co_names) for part in runs_with(code))


def changes_attributes(code: types.CodeType) -> bool:
    """Whether it sets or deletes an attribute of anything."""
    return _stores(code)[1]


def _stores(code: types.CodeType) -> tuple[types.CodeType, bool, bool]:
    """(itself, changes attributes?, stores globals?): asked for every function each time that it ran at an import."""
    known = _stored.get(identity(code))
    if known is None or known[0] is not code:
        operations = code.co_code[::2]
        known = _stored[identity(code)] = (
            code, not _CHANGES_ATTRIBUTES.isdisjoint(operations), not _STORES_GLOBALS.isdisjoint(operations),
        )  # fmt: skip
    return known


def stored_globals(code: types.CodeType) -> frozenset[str]:
    """Names that it binds or deletes by ``global``."""
    if not stores_globals(code):
        return frozenset()
    found, extended = set(), 0
    for operation, argument in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        if operation == _EXTENDED:
            extended = (extended | argument) << 8
            continue
        if operation in _STORES_GLOBALS:
            found.add(code.co_names[argument | extended])
        extended = 0
    return frozenset(found)


def stores_globals(code: types.CodeType) -> bool:
    """Whether it binds or deletes names of its module by ``global``."""
    return _stores(code)[2]


def signature(code: types.CodeType) -> tuple[Any, ...]:
    """What a caller of the function sees of it, but for defaults."""
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    return (
        code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_varnames[:count],
        code.co_flags & _SIGNATURE_FLAGS,
    )  # fmt: skip


def _docstring(code: types.CodeType) -> str | None:
    first = code.co_consts[0] if code.co_consts else None
    return first if type(first) is str else None


def shell(code: types.CodeType) -> int:
    """Equal for two versions that do the same, whatever is in the bodies of named functions that they only define.

    From Python 3.14 on annotations are functions, too (PEP 649); whoever makes something out of them looks into those.
    """
    known = _shells.get(identity(code))
    if known is None or known[0] is not code:
        known = _shells[identity(code)] = (code, hash(repr(_content(code))))
    return known[1]


def outside(code: types.CodeType) -> Any:
    """What ``shell`` of a statement has of a code object directly inside."""
    return _constant(code)


def does_the_same(one: types.CodeType, other: types.CodeType) -> bool:
    """Whether two versions do the same when they run, functions inside included; positions do not count."""
    if one is other:
        return True
    return (
        one.co_code == other.co_code
        and one.co_names == other.co_names
        and one.co_name == other.co_name
        and one.co_varnames == other.co_varnames
        and one.co_freevars == other.co_freevars
        and one.co_cellvars == other.co_cellvars
        and one.co_flags == other.co_flags
        and getattr(one, "co_exceptiontable", b"") == getattr(other, "co_exceptiontable", b"")
        and _are_alike(one.co_consts, other.co_consts)
    )


def _are_alike(one: Any, other: Any) -> bool:
    """Equal constants; ``0.0`` is not ``-0.0``, nor is ``1`` ``True``."""
    kind = type(one)
    if kind is not type(other):
        return False
    if kind is types.CodeType:
        return does_the_same(one, other)
    if kind is tuple:
        return len(one) == len(other) and all(map(_are_alike, one, other))
    if kind is frozenset:
        return sorted(map(repr, one)) == sorted(map(repr, other))
    return one is other or (repr(one) == repr(other) if kind in (float, complex) else bool(one == other))


def cached(code: types.CodeType) -> int:
    """How many references to it are kept here."""
    return sum(
        known is not None and known[0] is code
        for known in (
            _global_names.get(identity(code)),
            _stored.get(identity(code)),
            _shells.get(identity(code)),
        )
    )


def _content(code: types.CodeType) -> tuple[Any, ...]:
    return (
        code.co_name, code.co_code, [*map(_constant, code.co_consts)], code.co_names,
        code.co_freevars, code.co_cellvars, code.co_varnames, code.co_flags,
        getattr(code, "co_exceptiontable", b""),
    )  # fmt: skip


def _constant(constant: Any) -> Any:
    if type(constant) is types.CodeType:
        if is_function_code(constant) and constant.co_name[0] != "<" and constant.co_name != "__annotate__":
            return (constant.co_name, signature(constant), constant.co_freevars, _docstring(constant))
        return shell(constant)
    if type(constant) is frozenset:
        return sorted(map(repr, constant))
    if type(constant) is tuple:
        return [*map(_constant, constant)]
    return (type(constant).__name__, repr(constant))


def shifted(code: types.CodeType, lines: int) -> types.CodeType:
    """The same code so many lines further down. Line tables are relative to the first line (PEP 626)."""
    constants = tuple(
        shifted(constant, lines) if type(constant) is types.CodeType else constant
        for constant in code.co_consts
    )
    return code.replace(co_firstlineno=max(code.co_firstlineno + lines, 1), co_consts=constants)


def pairs(old: types.CodeType, new: types.CodeType) -> Iterator[tuple[types.CodeType, types.CodeType]]:
    """Code objects at the same place in two versions of one code object, by name and order, both included.

    Where one name stands for another number of functions than before (lambdas, mostly) they cannot be matched.
    """
    yield old, new
    befores, afters = _by_name(old), _by_name(new)
    for name, codes in befores.items():
        successors = afters.get(name, [])
        if len(successors) == len(codes):
            for code, successor in zip(codes, successors, strict=True):
                yield from pairs(code, successor)


def _by_name(code: types.CodeType) -> dict[str, list[types.CodeType]]:
    found: dict[str, list[types.CodeType]] = {}
    for inner in nested(code):
        found.setdefault(inner.co_name, []).append(inner)
    return found
