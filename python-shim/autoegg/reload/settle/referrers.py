"""Replaces objects that could not be updated in place, wherever the heap refers to them."""

from __future__ import annotations

import collections
import contextlib
import functools
import gc
import types
import weakref
from collections.abc import Collection, Iterable
from typing import Any

from ..inspection import (
    cell_value,
    class_dict,
    home,
    identity,
    is_a,
    is_atomic,
    is_class,
    is_enum,
    slots_of,
    type_home,
)

REBUILT = (tuple, frozenset, types.MethodType, staticmethod, classmethod, property)
LARGEST_REWRITTEN = 20000
FEW_TARGETS = 200
CHUNK = 64
_DESCRIPTORS = (types.MemberDescriptorType, types.GetSetDescriptorType)
UNTOUCHED_GLOBALS = frozenset(["__builtins__", "__loader__", "__spec__"])
UNTOUCHED_CLASS_KEYS = frozenset(["__dict__", "__weakref__", "__doc__", "__module__"])


class Replacer:
    """Replaces old objects by new ones: in place if the container allows it, else in a rebuilt copy.

    ``replacements`` maps ``identity(old)`` to the new object; the caller keeps the old objects alive.
    ``owned``: modules whose functions, classes and instances may be entered.
    """

    def __init__(self, replacements: dict[int, Any], owned: Collection[str]) -> None:
        self.replacements = replacements
        self._owned = owned
        self._memo: dict[int, tuple[Any, Any]] = {}

    def in_globals(self, namespace: dict[str, Any], depth: int = 8) -> None:
        for key, value in list(namespace.items()):
            if key not in UNTOUCHED_GLOBALS:
                new = self.replaced(value, depth)
                if new is not value:
                    namespace[key] = new

    def replaced(self, obj: Any, depth: int) -> Any:
        """What should replace ``obj``; containers up to ``depth`` levels below it are corrected on the way."""
        if identity(obj) in self.replacements:
            return self.replacements[identity(obj)]
        if depth <= 0 or is_atomic(obj) or is_a(obj, types.ModuleType):
            return obj
        if identity(obj) in self._memo:
            return self._memo[identity(obj)][1]
        self._memo[identity(obj)] = (obj, obj)
        result = self._rewritten(obj, depth - 1)
        self._memo[identity(obj)] = (obj, result)
        return result

    def _rewritten(self, obj: Any, depth: int) -> Any:
        kind = type(obj)
        if is_a(obj, dict):
            if dict.__len__(obj) < LARGEST_REWRITTEN:
                self._rewrite_dict(obj, depth)
        elif is_a(obj, list):
            for index, value in enumerate(list(list.__iter__(obj))[:LARGEST_REWRITTEN]):
                new = self.replaced(value, depth)
                if new is not value:
                    list.__setitem__(obj, index, new)
        elif is_a(obj, set):
            for value in list(set.__iter__(obj)):
                new = self.replaced(value, depth)
                if new is not value:
                    set.discard(obj, value)
                    set.add(obj, new)
        elif kind is tuple or kind is frozenset:
            values = [self.replaced(value, depth) for value in obj]
            if any(new is not old for new, old in zip(values, obj, strict=True)):
                return kind(values)
        elif kind is types.MethodType:
            function = self.replaced(obj.__func__, depth)
            owner = self.replacements.get(identity(obj.__self__), obj.__self__)
            if function is not obj.__func__ or owner is not obj.__self__:
                return types.MethodType(function, owner)
        elif is_a(obj, functools.partial):
            function, args = self.replaced(obj.func, depth), self.replaced(obj.args, depth)
            keywords = {key: self.replaced(value, depth) for key, value in obj.keywords.items()}
            changed = any(keywords[key] is not value for key, value in obj.keywords.items())
            if function is not obj.func or args is not obj.args or changed:
                obj.__setstate__((function, args, keywords, obj.__dict__))
        elif kind is types.FunctionType:
            if home(obj) in self._owned or depth == 0:
                self._rewrite_function(obj, depth)
        elif kind in (staticmethod, classmethod):
            function = self.replaced(obj.__func__, depth)
            if function is not obj.__func__:
                return kind(function)
        elif kind is property:
            parts = [obj.fget, obj.fset, obj.fdel]
            new_parts = [self.replaced(part, depth) for part in parts]
            if any(new is not old for new, old in zip(new_parts, parts, strict=True)):
                return property(new_parts[0], new_parts[1], new_parts[2], obj.__doc__)
        elif is_class(obj):
            if home(obj) in self._owned and not is_enum(obj):
                self._rewrite_class(obj, depth)
        elif type_home(obj) in self._owned:
            self._rewrite_instance(obj, depth)
        return obj

    def _rewrite_dict(self, obj: dict[Any, Any], depth: int) -> None:
        rekey = False
        for key, value in list(dict.items(obj)):
            rekey = rekey or identity(key) in self.replacements
            new = self.replaced(value, depth)
            if new is not value:
                dict.__setitem__(obj, key, new)
        if rekey:
            # Values that are held weakly by what has been replaced were computed from it: a cache that makes them again.
            items = [
                (self.replacements.get(identity(key), key), value)
                for key, value in dict.items(obj)
                if not (type(value) is weakref.KeyedRef and identity(key) in self.replacements)
            ]
            dict.clear(obj)
            dict.update(obj, items)

    def _rewrite_function(self, function: types.FunctionType, depth: int) -> None:
        for cell in function.__closure__ or ():
            self._rewrite_cell(cell, depth)
        if function.__defaults__:
            defaults = self.replaced(function.__defaults__, depth + 1)
            if defaults is not function.__defaults__:
                function.__defaults__ = defaults
        for mapping in (function.__kwdefaults__, function.__dict__):
            if mapping:
                self._rewrite_dict(mapping, depth)

    def _rewrite_cell(self, cell: types.CellType, depth: int) -> None:
        filled, value = cell_value(cell)
        if filled:
            new = self.replaced(value, depth)
            if new is not value:
                cell.cell_contents = new

    def _rewrite_class(self, cls: type, depth: int) -> None:
        for key, value in class_dict(cls).items():
            if key in UNTOUCHED_CLASS_KEYS:
                continue
            new = self.replaced(value, depth)
            if new is not value:
                try:
                    type.__setattr__(cls, key, new)
                except (AttributeError, TypeError):
                    continue

    def in_class(self, cls: type, namespace: dict[str, Any]) -> None:
        """Correct one class's own attributes through the class: Python keeps what it has looked up, without a reference."""
        for key, value in list(dict.items(namespace)):
            if identity(value) in self.replacements:
                with contextlib.suppress(AttributeError, TypeError):
                    type.__setattr__(cls, key, self.replacements[identity(value)])

    def _rewrite_instance(self, obj: Any, depth: int) -> None:
        try:
            namespace = object.__getattribute__(obj, "__dict__")
        except Exception:
            return
        if type(namespace) is dict:
            self._rewrite_dict(namespace, depth)

    def in_referrer(self, obj: Any) -> Any:
        """Correct one object that the garbage collector names as a referrer, that level only.

        Returns what should stand in its place: itself, or a copy when it cannot be changed.
        """
        kind = type(obj)
        if is_a(obj, collections.deque):
            for index in range(len(obj)):
                if identity(obj[index]) in self.replacements:
                    obj[index] = self.replacements[identity(obj[index])]
            return obj
        if kind is types.CellType:
            self._rewrite_cell(obj, 0)
            return obj
        if kind is types.FunctionType:
            self._rewrite_function(obj, 0)
            return obj
        if is_a(obj, (dict, list, set, functools.partial)) or kind in REBUILT:
            return self._rewritten(obj, 0)
        for cls in kind.__mro__:
            for slot in slots_of(cls):
                descriptor = class_dict(cls)[slot]
                try:
                    value = descriptor.__get__(obj, kind)
                    if identity(value) in self.replacements:
                        descriptor.__set__(obj, self.replacements[identity(value)])
                except (AttributeError, TypeError):
                    continue
        namespace = _managed_dict(obj)
        if namespace is not None:
            self._rewrite_dict(namespace, 0)
        return obj


def _managed_dict(obj: Any) -> dict[str, Any] | None:
    """Instances of 3.11+ hold their values without a dict object, so the collector names the instance as referrer."""
    if is_class(obj) or is_a(obj, types.ModuleType):
        return None
    try:
        namespace = object.__getattribute__(obj, "__dict__")
    except Exception:
        return None
    return namespace if type(namespace) is dict else None


def referrers(targets: Collection[Any]) -> list[Any]:
    """Everything that refers directly to one of ``targets``.

    ``gc.get_referrers`` compares every reference with every target, in C: 1.3 ns each, compared with 260 ns for an ``id`` that is looked
    up in a set (measured). With more targets one pass with a set of ids costs the heap once. Modules are left out: Python 3.12's ``_asyncio`` names dead iterators of its free list as what it refers
    to, which then die a second time (``module_traverse`` in Modules/_asynciomodule.c), and every later search is endless.
    """
    if len(targets) <= FEW_TARGETS:
        return gc.get_referrers(*targets)
    wanted = {identity(target) for target in targets}
    objects = [obj for obj in gc.get_objects() if type(obj) is not types.ModuleType]
    found = []
    for start in range(0, len(objects), CHUNK):
        chunk = objects[start : start + CHUNK]
        if not wanted.isdisjoint(map(identity, gc.get_referents(*chunk))):
            found += [obj for obj in chunk if not wanted.isdisjoint(map(identity, gc.get_referents(obj)))]
    return found


def _class_namespaces(found: Collection[Any]) -> dict[int, type]:
    """id of a dict -> the class whose own attributes are in it."""
    likely = {
        identity(obj): obj
        for obj in found
        if type(obj) is dict and "__doc__" in obj and "__module__" in obj and "__builtins__" not in obj
    }
    owners: dict[int, type] = {}
    for (
        number,
        names,
    ) in likely.items():  # most have a descriptor that knows its class: the heap need not be searched
        for value in names.values():
            if type(value) in _DESCRIPTORS:
                cls = value.__objclass__
                if any(part is names for part in gc.get_referents(cls)):
                    owners[number] = cls
                    break
    left = [names for number, names in likely.items() if number not in owners]
    for cls in referrers(left) if left else ():
        if is_class(cls):
            owners.update((identity(part), cls) for part in gc.get_referents(cls) if identity(part) in likely)
    return owners


def replace_everywhere(pairs: Iterable[tuple[Any, Any]], owned: Collection[str], ours: set[int]) -> None:
    """Replace old objects by new ones wherever the heap refers to them.

    ``ours``: ids of containers of the reload itself, which must keep the old objects.
    """
    targets = [(old, new) for old, new in pairs if old is not new and not is_atomic(old)]
    for _ in range(
        3
    ):  # immutable holders (tuples, bound methods) are rebuilt, and then have holders themselves
        if not targets:
            return
        replacements = {identity(old): new for old, new in targets}
        replacer = Replacer(replacements, owned)
        olds = [old for old, _ in targets]
        skipped = (
            ours
            | {identity(targets), identity(olds), identity(replacements)}
            | {identity(pair) for pair in targets}
        )
        rebuilt: list[tuple[Any, Any]] = []
        found = referrers(olds)
        classes = _class_namespaces(found)
        for referrer in found:
            if identity(referrer) in skipped or type(referrer) is types.FrameType or is_class(referrer):
                continue
            if is_a(referrer, types.ModuleType):
                continue
            if identity(referrer) in classes:
                replacer.in_class(classes[identity(referrer)], referrer)
                continue
            new = replacer.in_referrer(referrer)
            if new is not referrer:
                rebuilt.append((referrer, new))
        targets = rebuilt
