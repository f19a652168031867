"""While a replay runs: each new definition is settled into the object that it was before, before its decorators see it."""

from __future__ import annotations

import abc
import contextlib
import enum
import types
from _abc import _get_dump
from collections.abc import Callable
from typing import Any

from ..inspection import (
    ATOMIC,
    cell_value,
    class_dict,
    functions_in,
    home,
    identity,
    is_a,
    is_class,
    is_enum,
    is_function,
    slots_of,
)
from ..observe.boxes import FUNCTION, State, read
from ..source.bytecode import does_the_same, signature
from .class_cells import repoint
from .enum_members import Members
from .functions import adopt, annotations_of, bury, forward, snapshot
from .layout import PLAIN_METACLASSES, assign_namespace
from .layout import layout as layout_of
from .values import watches_subclasses

LAYOUT_KEYS = frozenset(["__dict__", "__weakref__"])


class Detached:
    """Base of class objects that were merged away, so that no base lists them as subclasses."""


class Settling:
    """What has been settled in one replay, and how to undo it."""

    def __init__(self, owned: Callable[[str | None], bool], journal: list[Callable[[], None]]) -> None:
        self.owned = owned
        self.journal = journal
        self.made_alike: Callable[[Any, Any], bool] = lambda old, new: True
        """Whether two objects were made with the same content, whatever has changed in the first at run time."""
        self.settled: set[int] = set()
        """ids of objects that are what they should be: not to be settled again."""
        self.keep: list[Any] = []
        """Keeps what ``settled`` names alive."""
        self.pairs: list[tuple[Any, Any]] = []
        """(new, old that lives on as it): references to the new one are replaced by the old one."""
        self.swaps: list[tuple[Any, Any]] = []
        """(old, new that replaces it wherever it is referred to)"""
        self.forwards: list[tuple[types.FunctionType, Any]] = []
        self.merged: dict[int, tuple[type, dict[str, Any]]] = {}
        """identity(class that lives on) -> (it, its own names before)"""
        self.merged_away: dict[int, type] = {}
        """identity(class that was merged away) -> the class that lives on"""
        self.bumped: set[int] = set()
        """ids of functions and classes whose shape has changed."""
        self.adopted: dict[int, tuple[types.FunctionType, dict[str, Any], State]] = {}
        """identity(function) -> (it, its attributes, and all that it held, before)"""
        self.refilled: list[State] = []
        """What containers had held that hold something else now."""
        self.changed: list[types.CodeType] = []
        """The code, as it is now, of functions that do something else now."""
        self.other_bodies: set[int] = set()
        """ids of functions that do something else now."""
        self.members = Members()
        self.kept: dict[tuple[str, str], set[str]] = {}
        """(module, class) -> attributes that keep the object that they had: their statement is the same."""
        self.methods_only: set[tuple[str, str]] = set()
        """(module, class) of which only plain methods have changed, so that a metaclass need not look again."""

    # -- one definition

    def settle(self, old: Any, new: Any) -> Any:
        """``old`` if it can become what ``new`` is; else ``new``, and ``old`` leads there."""
        if is_function(new):
            if is_function(old) and identity(old) not in self.settled and self.adopt(old, new):
                new = old
            elif is_function(old) and old is not new and identity(old) not in self.settled:
                self.forwards.append((old, new))
        elif is_class(new) and is_class(old) and old is not new and identity(old) not in self.settled:
            if self.merge(old, new) or self.merge_methods(old, new):
                new = old
            else:
                self.replace(old, new)
        self._is_settled(new)
        return new

    def settle_wrapper(self, old: Any, new: Any) -> Any:
        """The same for what decorators have made of a definition; where that cannot be, ``Commit`` decides."""
        if identity(old) in self.settled:
            return new
        done = self.merge(old, new) if is_class(new) else not _reaches(new, old) and self.adopt(old, new)
        if not done:
            return new
        # It could not become what the decorator was given, but can become what it returned: ``dataclass(slots=True)`` makes another class.
        self.swaps[:] = [(one, other) for one, other in self.swaps if one is not old]
        if is_function(new):
            self.pairs.append((new, old))
        self._is_settled(old)
        return old

    def _is_settled(self, obj: Any) -> None:
        self.settled.add(identity(obj))
        self.keep.append(obj)

    def adopt(self, old: types.FunctionType, new: types.FunctionType) -> bool:
        if old is new:
            return True
        one, other = old.__code__.co_freevars, new.__code__.co_freevars
        if one != other and (sorted(one) != sorted(other) or "__class__" in one):
            return False
        if any(
            cell_value(cell) == (True, old) for cell in new.__closure__ or () if cell_value(cell)[1] is old
        ):
            return False
        undo = snapshot(old)
        before = _outward(old)
        attributes, code, state = dict(old.__dict__), old.__code__, read(old, FUNCTION)
        if not adopt(old, new):
            return False
        if not does_the_same(code, new.__code__):
            self.changed.append(new.__code__)
            self.other_bodies.add(identity(old))
        self.journal.append(undo)
        self.adopted.setdefault(identity(old), (old, attributes, state))
        if not _alike(before, _outward(new)):
            self.bumped.add(identity(old))
        return True

    # -- classes

    def merge(self, old: type, new: type) -> bool:
        if identity(old) in self.merged or not _mergeable(old, new):
            return False
        before, bases = class_dict(old), old.__bases__
        shape = _shape(before, bases)
        if old.__bases__ != new.__bases__:
            if is_enum(new):
                return False
            try:
                old.__bases__ = new.__bases__
            except TypeError:
                return False
        self.merged[identity(old)] = (old, before)
        self.merged_away[identity(new)] = old
        self.journal.append(lambda: _restore(old, before, bases))
        namespace = class_dict(new)
        aliases: dict[tuple[int, int], Any] = {}
        for key, value in class_dict(
            new
        ).items():  # two names for one object stay so: ``downcaseTokens = downcase_tokens``
            pair = identity(before.get(key)), identity(value)
            if pair not in aliases:
                aliases[pair] = self._method(old, key, before.get(key), value)
            namespace[key] = aliases[pair]
        if is_enum(new):
            namespace = self.members.merge(old, new, namespace)
            self.swaps += self.members.swapped
            self.members.swapped = []
        assign_namespace(old, namespace, keep=LAYOUT_KEYS | set(slots_of(old)))
        old.__name__, old.__qualname__ = new.__name__, new.__qualname__
        if is_a(old, abc.ABCMeta):
            self._carry_registrations(old, before.get("_abc_impl"))
        for value in class_dict(old).values():
            repoint(value, new, old)
        subclass: type
        for subclass in type.__subclasses__(new):
            with contextlib.suppress(TypeError):
                subclass.__bases__ = tuple(old if base is new else base for base in subclass.__bases__)
        with contextlib.suppress(TypeError):
            new.__bases__ = (Detached,)
        if shape != _shape(class_dict(old), old.__bases__):
            self.bumped.add(identity(old))
        self.pairs.append((new, old))
        return True

    def merge_methods(self, old: type, new: type) -> bool:
        """Give ``old`` the plain methods of ``new``, which a metaclass of another package has made and left alone."""
        module = home(old) or ""
        if (module, old.__qualname__) not in self.methods_only or self.owned(home(type(old))):
            return False
        if type(old) is not type(new) or old.__bases__ != new.__bases__ or watches_subclasses(new):
            return False
        before, now = class_dict(old), class_dict(new)
        self.merged[identity(old)] = (old, before)
        self.merged_away[identity(new)] = old
        self.journal.append(lambda: _restore(old, before, old.__bases__))
        for key, value in before.items():
            if is_function(value) and home(value) == module and key not in now:
                type.__delattr__(old, key)
        for key, value in now.items():
            if (
                is_function(value)
                and home(value) == module
                and value.__qualname__ == f"{old.__qualname__}.{key}"
            ):
                value = self._method(old, key, before.get(key), value)
                repoint(value, new, old)
                type.__setattr__(old, key, value)
        self.bumped.add(identity(old))
        self.pairs.append((new, old))
        return True

    def replace(self, old: type, new: Any) -> None:
        """``old`` cannot become ``new``: references to it are replaced by the new one, and its methods call the new one's."""
        for before, after in [(old, new), *classes_in(old, new)]:
            self.swaps.append((before, after))
            successors = class_dict(after) if is_class(after) else {}
            for key, value in class_dict(before).items():
                for (_, function), (_, successor) in zip(
                    functions_in(value), functions_in(successors.get(key)), strict=False
                ):
                    # One that is another package's serves others, too: ``total_ordering`` gives all classes the same functions.
                    ours = self.owned(home(function)) and identity(function) not in self.settled
                    if ours and function is not successor:
                        self.forwards.append((function, successor))

    def _method(self, cls: type, key: str, old: Any, new: Any) -> Any:
        """A method stays the function that it was."""
        if old is new:
            return new
        if is_class(old) and is_class(new):
            within = home(old) == home(new) == home(cls) and old.__qualname__ == new.__qualname__
            if (
                within
                and old.__qualname__.startswith(cls.__qualname__ + ".")
                and identity(old) not in self.settled
            ):
                if self.merge(old, new):
                    self._is_settled(old)
                    return old
                self.replace(old, new)
            return new
        if key in self.kept.get((home(cls) or "", cls.__qualname__), ()) and type(old) is type(new):
            if type(old) in ATOMIC or not self.made_alike(old, new):
                return new
            self.pairs.append((new, old))  # the class's body may have handed it on: a default value
            return old
        if (
            is_function(old)
            and is_function(new)
            and identity(old) not in self.settled
            and home(new) == home(old)
        ):
            if self.adopt(old, new):
                self._is_settled(old)
                self.pairs.append((new, old))
                return old
            if home(old) == home(cls):
                self.forwards.append((old, new))
            return new
        kind = type(new)
        if kind is type(old) and kind in (staticmethod, classmethod):
            inner = self._method(cls, "", old.__func__, new.__func__)
            if inner is not old.__func__ or old.__dict__ != new.__dict__:
                return new
            self.pairs.append((new, old))  # as above
            return old
        if kind is property and kind is type(old):
            for part in ("fget", "fset", "fdel"):
                one, other = getattr(old, part), getattr(new, part)
                if (
                    is_function(one)
                    and is_function(other)
                    and one is not other
                    and identity(one) not in self.settled
                ) and self.adopt(one, other):
                    self._is_settled(one)
                    self.pairs.append((other, one))
            get, assign, delete = (
                self._kept(getattr(old, part), getattr(new, part)) for part in ("fget", "fset", "fdel")
            )
            made = property(get, assign, delete, new.__doc__)
            self.pairs.append((new, made))  # as above
            return made
        return new

    def _kept(self, old: Any, new: Any) -> Any:
        return old if any(pair[0] is new and pair[1] is old for pair in self.pairs[-3:]) else new

    def _carry_registrations(self, old: Any, former_impl: Any) -> None:
        """Virtual subclasses that did not come from the library were registered by the notebook: its state."""
        if former_impl is None:
            return
        for reference in _get_dump(types.SimpleNamespace(_abc_impl=former_impl))[0]:
            cls = reference()
            if cls is not None and not self.owned(home(cls)):
                with contextlib.suppress(Exception):
                    old.register(cls)

    # -- what has no counterpart

    def forward(self, old: types.FunctionType, target: Any) -> None:
        self.journal.append(snapshot(old))
        forward(old, target)

    def bury(self, old: types.FunctionType, name: str) -> None:
        self.journal.append(snapshot(old))
        bury(old, name)


def classes_in(old: Any, new: Any) -> list[tuple[Any, Any]]:
    """The classes that a class has in it, with those of the same name in the class that takes its place."""
    found: list[tuple[Any, Any]] = []
    seen: set[int] = set()
    todo = [(old, new)]
    while todo:
        before, after = todo.pop()
        if identity(before) in seen or not (is_class(before) and is_class(after)):
            continue
        seen.add(identity(before))  # classes may have one another as attributes
        successors = class_dict(after)
        inner = [
            (value, successors[key])
            for key, value in class_dict(before).items()
            if is_class(value) and home(value) == home(old) and is_class(successors.get(key))
        ]
        found += inner
        todo += inner
    return found


def _reaches(function: types.FunctionType, target: Any, depth: int = 3) -> bool:
    """Whether a wrapper holds the function that it would take the place of."""
    for cell in function.__closure__ or ():
        _, value = cell_value(cell)
        if value is target or (depth and is_function(value) and _reaches(value, target, depth - 1)):
            return True
    return False


def _restore(cls: type, namespace: dict[str, Any], bases: tuple[type, ...]) -> None:
    if cls.__bases__ != bases:
        with contextlib.suppress(TypeError):
            cls.__bases__ = bases
    assign_namespace(cls, namespace, keep=LAYOUT_KEYS)


def _mergeable(old: type, new: type) -> bool:
    """Same memory layout, and no metaclass with records of its own."""
    if type(old) is not type(new) or is_class(new) is False:
        return False
    if type(new) is not enum.EnumMeta and type(new) not in PLAIN_METACLASSES:
        return False
    return layout_of(old) == layout_of(new)


def _outward(function: types.FunctionType) -> tuple[Any, ...]:
    return (
        signature(function.__code__), function.__defaults__, dict(function.__kwdefaults__ or {}),
        annotations_of(function), function.__doc__,
    )  # fmt: skip


def _alike(one: Any, other: Any, depth: int = 4) -> bool:
    if one is other:
        return True
    if type(one) is not type(other) or depth < 0:
        return False
    if type(one) is tuple or type(one) is list:
        return len(one) == len(other) and all(
            _alike(a, b, depth - 1) for a, b in zip(one, other, strict=True)
        )
    if type(one) is dict:
        return list(one) == list(other) and all(_alike(one[key], other[key], depth - 1) for key in one)
    return type(one) in (int, float, str, bytes, bool, complex) and bool(one == other)


_NOT_SHAPE = ("__dict__", "__weakref__", "__firstlineno__", "_abc_impl", "__static_attributes__")


def _shape(names: dict[str, Any], bases: tuple[type, ...]) -> Any:
    """The parts of a class that an observer sees; bodies of methods do not count."""
    return (
        [identity(base) for base in bases], [(key, _seen(value)) for key, value in names.items() if key not in _NOT_SHAPE]
    )  # fmt: skip


def _seen(value: Any, depth: int = 3) -> Any:
    kind = type(value)
    if kind in (int, float, str, bytes, bool, complex, type(None)):
        return (kind, value)
    if kind is types.FunctionType:
        return ("function", signature(value.__code__), _seen(value.__defaults__, 2), _seen(value.__kwdefaults__, 2),
                _seen(annotations_of(value), 2))  # fmt: skip
    if kind in (staticmethod, classmethod):
        return (kind, _seen(value.__func__))
    if kind is property:
        return (kind, _seen(value.fget), _seen(value.fset), _seen(value.fdel))
    if kind in (tuple, list) and depth:
        return (kind, [_seen(part, depth - 1) for part in value])
    if kind is dict and depth:
        return (kind, [(_seen(key, depth - 1), _seen(part, depth - 1)) for key, part in value.items()])
    if kind in (types.MemberDescriptorType, types.GetSetDescriptorType):
        return kind
    return identity(value)
