"""Instances created before a change: what they lack, and what they have computed with old code."""

from __future__ import annotations

import dis
import gc
import types
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from ..inspection import class_dict, home, identity, instance_dict, is_class

_FEW = 1000
"""Instances beyond which nobody would be surprised that some are left."""

Lacking = tuple[str, int, list[str]]
"""(class, number of its instances, what they lack)"""


class Fields:
    """What instances of the classes of some modules get when they are created, before a reload."""

    def __init__(self, namespaces: Mapping[str, Mapping[str, Any]]) -> None:
        self._before: list[tuple[str, str, _Given]] = [
            (module, name, _Given(value))
            for module, namespace in namespaces.items()
            for name, value in list(namespace.items())
            if is_class(value) and home(value) == module
        ]

    def lacking(
        self, namespaces: Mapping[str, Mapping[str, Any]], forget_garbage: Callable[[list[Any]], None]
    ) -> list[Lacking]:
        """Of which classes there are instances without what instances get now.

        Args:
            forget_garbage: lets go of what nobody but autoegg holds, of these objects; the list is emptied.
        """
        found = self._lacking(namespaces)
        suspects = list({identity(obj): obj for _, short, _ in found for obj in short}.values())
        if 0 < len(suspects) <= _FEW:
            del found
            gc.collect()  # replaced classes refer to themselves
            forget_garbage(suspects)
            gc.collect()
            found = self._lacking(namespaces)
        return [(title, len(short), attributes) for title, short, attributes in found]

    def _lacking(self, namespaces: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, list[Any], list[str]]]:
        found = []
        for module, name, before in self._before:
            cls: Any = namespaces.get(module, {}).get(name)
            if not is_class(cls) or home(cls) != module:
                continue
            more = _Given(cls).besides(before)
            missing = (
                [(obj, lacks) for obj in _instances(cls) if (lacks := _missing(obj, more))] if more else []
            )
            if missing:
                names = sorted(set().union(*(lacks for _, lacks in missing)))
                found.append((f"{module}.{name}", [obj for obj, _ in missing], names))
        return found


class _Given:
    """Where it stands what instances of a class get: in ``__init__``, and in fields that are only annotated."""

    def __init__(self, cls: type) -> None:
        names = class_dict(cls)
        init = names.get("__init__")
        self._init: types.CodeType | None = init.__code__ if type(init) is types.FunctionType else None
        self._fields: frozenset[str] = frozenset().union(
            *(
                annotations
                for key in ("__annotations__", "__annotations_cache__")
                if type(annotations := names.get(key)) is dict
            )
        )

    def besides(self, other: _Given) -> set[str]:
        """What ``other`` does not give. The code is read only where it differs."""
        one, before = self._init, other._init
        assigned: set[str] = set()
        if one is not None and not (before is not None and _code(one) == _code(before)):
            assigned = _assigned(one)
        fields = {name for name in self._fields if not name.startswith("__")}
        more = (assigned | fields) - other._fields
        return more - _assigned(before) if more and before is not None else more


def _code(code: types.CodeType) -> tuple[bytes, tuple[str, ...], tuple[str, ...]]:
    return code.co_code, code.co_names, code.co_varnames


def forget(computed: Mapping[type, Collection[str]]) -> None:
    """Take computed values off all instances of classes, so that they are computed again. ``computed``: class -> their names."""
    names = {kind: names for cls, names in computed.items() for kind in _kinds(cls)}
    for kind in names:
        names[kind] = {name for cls in kind.__mro__ for name in computed.get(cls, ())}
    for obj in gc.get_referrers(*names) if names else ():
        if type(obj) in names:
            own = instance_dict(obj) or {}
            for name in names[type(obj)]:
                own.pop(name, None)


def _assigned(code: types.CodeType) -> set[str]:
    """``self.x = …`` in a function's own code."""
    if not code.co_argcount:
        return set()
    instance, found, last = code.co_varnames[0], set(), ""
    for instruction in dis.get_instructions(code):
        if instruction.opname == "STORE_ATTR" and last == instance:
            found.add(instruction.argval)
        last = _loaded(instruction)
    return found


def _loaded(instruction: dis.Instruction) -> str:
    """The local variable that is on top of the stack after this instruction, if it put one there."""
    if not instruction.opname.startswith("LOAD_FAST"):
        return ""
    value = instruction.argval
    return str(value[-1]) if isinstance(value, tuple) else str(value)


def _kinds(cls: type) -> set[type]:
    kinds = {cls}
    todo = [cls]
    while todo:
        more: set[type] = set(type.__subclasses__(todo.pop())) - kinds
        kinds |= more
        todo += more
    return kinds


def _instances(cls: type) -> Iterable[Any]:
    kinds = _kinds(cls)
    return [obj for obj in gc.get_referrers(*kinds) if type(obj) in kinds]


def _missing(obj: Any, names: set[str]) -> set[str]:
    own = instance_dict(obj) or {}
    found = set()
    for name in names - own.keys():
        inherited = next(
            (class_dict(cls)[name] for cls in type(obj).__mro__ if name in class_dict(cls)), None
        )
        if inherited is None:
            found.add(name)
        elif type(inherited) is types.MemberDescriptorType:
            try:
                inherited.__get__(obj, type(obj))
            except AttributeError:
                found.add(name)
    return found
