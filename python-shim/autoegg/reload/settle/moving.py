"""What a class leaves behind when another takes its place: its instances, and what derives from it."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Collection, Iterable
from typing import Any

from ..inspection import home
from .settling import Detached

FEW = 200
"""Classes whose instances the garbage collector finds faster than a pass over all objects."""


def instances_of(classes: Collection[type]) -> dict[type, list[Any]]:
    """The live instances of each class, without those of its subclasses, as far as the garbage collector knows them."""
    found: dict[type, list[Any]] = {cls: [] for cls in classes}
    for obj in gc.get_referrers(*classes) if 0 < len(classes) <= FEW else gc.get_objects() if classes else ():
        if type(obj) in found:
            found[type(obj)].append(obj)
    return found


def move_instances(instances: Iterable[Any], old: type, new: type) -> int:
    """Give these instances of ``old`` the class ``new``; the number of those whose memory layout forbids it."""
    stuck = 0
    instances = list(instances)
    if instances and old.__bases__ != new.__bases__:
        # Python compares layouts one class deep (``compatible_for_assignment`` in typeobject.c): the bases first, then this one.
        with contextlib.suppress(TypeError):
            old.__bases__ = new.__bases__
    other_fields = issubclass(old, tuple) and getattr(old, "_fields", ()) != getattr(new, "_fields", ())
    for obj in instances:
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
        if owned(home(subclass)) or subclass is Detached:
            continue
        try:
            subclass.__bases__ = tuple(new if base is old else base for base in subclass.__bases__)
        except TypeError:
            stuck.append(subclass)
    return stuck
