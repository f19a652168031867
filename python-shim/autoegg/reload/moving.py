"""What a class leaves behind when another takes its place: its instances, and what derives from it."""

from __future__ import annotations

import gc
from collections.abc import Callable

from .classes import Detached
from .inspection import home


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
        if owned(home(subclass)) or subclass is Detached:
            continue
        try:
            subclass.__bases__ = tuple(new if base is old else base for base in subclass.__bases__)
        except TypeError:
            stuck.append(subclass)
    return stuck
