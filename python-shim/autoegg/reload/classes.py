"""Classes keep their identity: a class statement that runs again is merged into the class object it made before.

Then live instances, subclasses elsewhere, ``except`` clauses, dict keys and pickles by reference need nothing at all.
Where a merge cannot be right (another memory layout, a metaclass or ``__init_subclass__`` that has already seen the
new class) the new class wins and the old one is replaced wherever it is referred to.
"""

from __future__ import annotations

import abc
import builtins
import contextlib
import types
from _abc import _get_dump
from collections.abc import Callable, Mapping
from typing import Any

from .inspection import class_dict, home, is_a, is_class, is_enum, is_function, slots_of
from .layout import assign_namespace, mergeable
from .members import Members
from .owners import repoint
from .values import watches_subclasses

LAYOUT_KEYS = frozenset(["__dict__", "__weakref__", "__slots__"])


class Detached:
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
        self._survivors: dict[int, type] = {}
        """id of a class in ``swapped_classes`` that was merged away -> what it was merged into"""
        self.members = Members()
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
        if id(new) in self._survivors:
            return self._survivors[id(new)]  # another name of a class that has been merged
        if not (is_class(old) and is_class(new)) or home(old) != module or home(new) != module:
            return new
        if id(old) in self.before or old.__qualname__ != new.__qualname__ or is_enum(new):
            return new
        if not self._merge(module, old, new) and not self._merge_methods(module, old, new):
            return new
        for subclass in type.__subclasses__(new):  # made since, by the same run of the module
            subclass.__bases__ = tuple(old if base is new else base for base in subclass.__bases__)
        self.swapped_classes.append((new, old))
        self._survivors[id(new)] = old
        return old

    def namespace_before(self, cls: type) -> dict[str, Any]:
        saved = self.before.get(id(cls))
        return saved[1][0] if saved else class_dict(cls)

    def kept(self) -> dict[int, set[str]]:
        """id of a class that was merged -> its attributes that keep what the run made of them."""
        return {
            number: self.keep.get((str(home(cls)), cls.__qualname__), set())
            for number, (cls, _) in self.before.items()
        }

    # -- merging

    def _merge(self, module: str, old: type, new: type) -> bool:
        if not mergeable(old, new):
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
            namespace = self.members.merge(old, new, namespace)
        else:
            self._keep_state(module, old, namespace)
        assign_namespace(old, namespace, keep=LAYOUT_KEYS | set(slots_of(old)))
        if is_a(old, abc.ABCMeta):
            self._carry_registrations(old, saved[0].get("_abc_impl"))
        for value in namespace.values():
            repoint(value, new, old)
        with contextlib.suppress(TypeError):
            new.__bases__ = (Detached,)
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
                repoint(value, new, old)
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
        self.members.undo()
        for cls, (namespace, bases) in reversed(list(self.before.values())):
            if cls.__bases__ != bases:
                cls.__bases__ = bases
            assign_namespace(cls, namespace, keep=LAYOUT_KEYS)
