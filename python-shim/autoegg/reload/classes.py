"""Classes keep their identity: a class statement that runs again is merged into the class object it made before.

Then live instances, subclasses elsewhere, ``except`` clauses, dict keys and pickles by reference need nothing at all.
Where a merge cannot be right (another memory layout, a metaclass or ``__init_subclass__`` that has already seen the
new class) the new class wins and the old one is replaced wherever it is referred to.
"""

from __future__ import annotations

import abc
import builtins
import contextlib
import enum
import functools
import gc
import types
import typing
from _abc import _get_dump
from collections.abc import Callable, Collection, Mapping
from typing import Any

from .inspection import (
    cell_value,
    class_dict,
    home,
    instance_dict,
    is_a,
    is_class,
    is_enum,
    is_function,
    slots_of,
)  # fmt: skip
from .values import watches_subclasses

PLAIN_METACLASSES: tuple[type, ...] = (type, abc.ABCMeta, type(typing.Protocol))
LAYOUT_KEYS = frozenset(["__dict__", "__weakref__", "__slots__"])
DECORATOR_DEPTH = 4


class _Detached:
    """Base of class objects that were merged away, so that no base lists them as subclasses."""


Saved = tuple[dict[str, Any], tuple[type, ...]]


def index_classes(module: str, namespace: Mapping[str, Any], found: dict[tuple[str, str], type]) -> None:
    """Classes that ``module`` defines, nested ones too, by (module, qualified name)."""
    for value in list(namespace.values()):
        if not is_class(value) or home(value) != module or "<locals>" in value.__qualname__:
            continue
        if (module, value.__qualname__) not in found:
            found[(module, value.__qualname__)] = value
            index_classes(module, class_dict(value), found)


class ClassMerger:
    """Merges classes while ``active``; ``undo`` puts every touched class back as it was."""

    def __init__(self, owned: Callable[[str | None], bool]) -> None:
        self._owned = owned
        self._modules: dict[int, str] = {}
        self._olds: dict[tuple[str, str], type] = {}
        self._merged_away: list[type] = []
        self._members: list[tuple[Any, dict[str, Any]]] = []
        self._original_build = builtins.__build_class__
        self.before: dict[int, tuple[type, Saved]] = {}
        """id(class) -> the class and what it was before the merge"""
        self.swapped_classes: list[tuple[type, type]] = []
        """Classes that a decorator or a call made, with those that they were merged into."""
        self.methods_only: set[tuple[str, str]] = set()
        """(module, class) of which only plain methods changed, so that another package's metaclass need not look again"""
        self.keep: dict[tuple[str, str], set[str]] = {}
        """(module, class) -> attributes that keep what the run made of them"""
        self.set_by_the_run: Callable[[str, type], set[str]] = lambda module, cls: set()
        """Attributes of a class that no statement of its module gave it."""
        self.swapped_members: list[tuple[Any, Any]] = []
        """Enum members that could not keep their identity, with their successors."""

    def expect(self, module: str, namespace: dict[str, Any], old_namespace: Mapping[str, Any]) -> None:
        """Class statements that run in ``namespace`` are to be merged into the classes of ``old_namespace``."""
        self._modules[id(namespace)] = module
        index_classes(module, old_namespace, self._olds)

    def expect_class(self, module: str, cls: type) -> None:
        self._olds.setdefault((module, cls.__qualname__), cls)

    def __enter__(self) -> ClassMerger:
        self._original_build = original = builtins.__build_class__

        def build_class(body: Any, name: str, /, *bases: Any, **keywords: Any) -> Any:
            new = original(body, name, *bases, **keywords)
            module = self._modules.get(id(body.__globals__))
            if module is None or not is_class(new):
                return new
            old = self._olds.get((module, new.__qualname__))
            if old is None or old is new or id(old) in self.before:
                return new
            return old if self._merge(module, old, new) else new

        builtins.__build_class__ = build_class
        return self

    def __exit__(self, *exc: object) -> None:
        builtins.__build_class__ = self._original_build

    def settle(self, module: str, name: str, old: Any, new: Any) -> Any:
        """What ``name`` should mean after a statement bound it: ``old`` if a class made by a decorator fits into it."""
        if not (is_class(old) and is_class(new)) or home(old) != module or home(new) != module:
            return new
        if id(old) in self.before or old.__qualname__ != new.__qualname__ or is_enum(new):
            return new
        if not self._merge(module, old, new) and not self._merge_methods(module, old, new):
            return new
        self.swapped_classes.append((new, old))
        return old

    def namespace_before(self, cls: type) -> dict[str, Any]:
        saved = self.before.get(id(cls))
        return saved[1][0] if saved else class_dict(cls)

    # -- merging

    def _merge(self, module: str, old: type, new: type) -> bool:
        if not _mergeable(old, new):
            return False
        saved = (class_dict(old), old.__bases__)
        if old.__bases__ != new.__bases__:
            if is_enum(new):
                return False
            try:
                old.__bases__ = new.__bases__
            except TypeError:
                return False
        self.before[id(old)] = (old, saved)
        self._merged_away.append(new)
        namespace = class_dict(new)
        if is_enum(new):
            namespace = self._merge_members(old, new, namespace)
        else:
            self._keep_state(module, old, namespace)
        _assign_namespace(old, namespace, keep=LAYOUT_KEYS | set(slots_of(old)))
        if is_a(old, abc.ABCMeta):
            self._carry_registrations(old, saved[0].get("_abc_impl"))
        for value in namespace.values():
            _repoint(value, new, old, set(), DECORATOR_DEPTH)
        with contextlib.suppress(TypeError):
            new.__bases__ = (_Detached,)
        return True

    def _merge_methods(self, module: str, old: type, new: type) -> bool:
        """Give ``old`` the plain methods of ``new``, which a metaclass of another package has made and left them alone."""
        if (module, old.__qualname__) not in self.methods_only or self._owned(home(type(old))):
            return False
        if type(old) is not type(new) or old.__bases__ != new.__bases__ or watches_subclasses(new):
            return False
        before, now = class_dict(old), class_dict(new)
        self.before[id(old)] = (old, (before, old.__bases__))
        for key, value in before.items():
            if is_function(value) and home(value) == module and key not in now:
                type.__delattr__(old, key)
        for key, value in now.items():
            if (
                is_function(value)
                and home(value) == module
                and value.__qualname__ == f"{old.__qualname__}.{key}"
            ):
                _repoint(value, new, old, set(), DECORATOR_DEPTH)
                type.__setattr__(old, key, value)
        return True

    def _keep_state(self, module: str, old: type, namespace: dict[str, Any]) -> None:
        """What the run put on the class stays, but for what statements say that have changed."""
        before = class_dict(old)
        for key in self.keep.get((module, old.__qualname__), set()) & before.keys() & namespace.keys():
            value = before[key]
            if not (is_function(value) and home(value) == module):
                namespace[key] = value
        for key in self.set_by_the_run(module, old):
            if key in before and not (key.startswith("__") and key.endswith("__")):
                namespace.setdefault(key, before[key])

    def _merge_members(self, old: Any, new: Any, namespace: dict[str, Any]) -> dict[str, Any]:
        """Members keep their identity by name; a member of a data type only if its value is the same."""
        kept: dict[int, Any] = {}
        for name, member in new._member_map_.items():
            if id(member) in kept:
                continue
            former = old._member_map_.get(name)
            same_value = new._member_type_ is object or (
                former is not None and former._value_ == member._value_
            )
            if former is not None and same_value and name == member._name_:
                self._members.append((former, dict(former.__dict__)))
                former.__dict__.update(member.__dict__)
                survivor = former
            else:
                member.__class__ = old
                survivor = member
            survivor.__dict__["__objclass__"] = old
            kept[id(member)] = survivor

        def survivor_of(value: Any) -> Any:
            return kept.get(id(value), value)

        members = {name: survivor_of(member) for name, member in new._member_map_.items()}
        by_value = {value: survivor_of(member) for value, member in new._value2member_map_.items()}
        if issubclass(new, enum.Flag):
            known = functools.reduce(lambda mask, member: mask | member._value_, members.values(), 0)
            for value, combination in old._value2member_map_.items():
                named = combination._name_ in old._member_map_
                if type(value) is int and value not in by_value and not value & ~known and not named:
                    by_value[value] = combination  # made by the notebook with |, and still meaningful
        result = {
            key: value if is_a(value, (dict, list)) else survivor_of(value)
            for key, value in namespace.items()
        }
        result["_member_map_"] = members
        result["_value2member_map_"] = by_value
        for name, former in old._member_map_.items():
            if name in members and members[name] is not former:
                self.swapped_members.append((former, members[name]))
        return result

    def _carry_registrations(self, old: Any, former_impl: Any) -> None:
        """Virtual subclasses that did not come from the library were registered by the notebook: its state."""
        if former_impl is None:
            return
        for reference in _get_dump(types.SimpleNamespace(_abc_impl=former_impl))[0]:
            cls = reference()
            if cls is not None and not self._owned(home(cls)):
                old.register(cls)

    def discard_merged(self) -> None:
        """Take the attributes off the classes that were merged away, so that nothing but the survivors refers to them."""
        for cls in self._merged_away:
            for key, value in class_dict(cls).items():
                if type(value) in (types.FunctionType, staticmethod, classmethod, property):
                    # A property called `__name__` cannot be reached: `type` has an attribute of that name for all classes.
                    with contextlib.suppress(AttributeError, TypeError):
                        type.__delattr__(cls, key)

    def undo(self) -> None:
        for member, former in reversed(self._members):
            member.__dict__.clear()
            member.__dict__.update(former)
        for cls, (namespace, bases) in reversed(list(self.before.values())):
            if cls.__bases__ != bases:
                cls.__bases__ = bases
            _assign_namespace(cls, namespace, keep=LAYOUT_KEYS)


def _mergeable(old: type, new: type) -> bool:
    if type(old) is not type(new):
        return False
    if type(new) is not enum.EnumMeta and type(new) not in PLAIN_METACLASSES:
        return False
    if watches_subclasses(new):
        return False
    return _layout(old) == _layout(new)


def _layout(cls: type) -> tuple[Any, ...]:
    return (
        cls.__basicsize__, cls.__itemsize__, cls.__dictoffset__, cls.__weakrefoffset__, slots_of(cls),
        getattr(cls, "_fields", None) if issubclass(cls, tuple) else None,
    )  # fmt: skip


def _assign_namespace(cls: type, namespace: dict[str, Any], keep: Collection[str]) -> None:
    """Make the class's own attributes those of ``namespace``, without the metaclass's say."""
    present = class_dict(cls)
    for key in present:
        if key not in namespace and key not in keep:
            try:
                type.__delattr__(cls, key)
            except (AttributeError, TypeError):
                continue
    for key, value in namespace.items():
        if key not in keep and (key not in present or present[key] is not value):
            try:
                type.__setattr__(cls, key, value)
            except (AttributeError, TypeError):
                continue


def _repoint(obj: Any, new: type, old: type, seen: set[int], depth: int) -> None:
    """Let ``super()``, ``__class__`` and descriptors that remember their owner mean the surviving class."""
    if depth < 0 or id(obj) in seen:
        return
    seen.add(id(obj))
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


def move_instances(old: type, new: type) -> int:
    """Give live instances of ``old`` the class ``new``; the number of those whose memory layout forbids it."""
    stuck = 0
    other_fields = issubclass(old, tuple) and getattr(old, "_fields", ()) != getattr(new, "_fields", ())
    for obj in gc.get_referrers(old):
        if type(obj) is not old:
            continue
        try:
            if other_fields:
                raise TypeError  # its length is that of the old fields
            object.__setattr__(obj, "__class__", new)
        except TypeError:
            try:
                type.__setattr__(obj, "__class__", new)
            except TypeError:
                stuck += 1
    return stuck


def move_subclasses(old: type, new: type, owned: Callable[[str | None], bool]) -> list[type]:
    """Put ``new`` among the bases of the notebook's subclasses of ``old``; those that cannot follow."""
    stuck: list[type] = []
    subclass: type
    for subclass in type.__subclasses__(old):
        if owned(home(subclass)) or subclass is _Detached:
            continue
        try:
            subclass.__bases__ = tuple(new if base is old else base for base in subclass.__bases__)
        except TypeError:
            stuck.append(subclass)
    return stuck
