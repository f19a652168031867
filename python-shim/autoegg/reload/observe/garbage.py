"""Objects that nothing but their boxes hold any more, also where they refer to one another."""

from __future__ import annotations

import gc
from collections import Counter
from sys import getrefcount
from types import ModuleType
from typing import Any

from ..inspection import identity, is_atomic, is_class
from .boxes import Box, Boxes
from .trace import Record, Trace

LARGEST = 500_000
"""Objects that one search follows; beyond that everything stays."""

_OURS = 2
"""References of the search itself to an object whose references it counts: the table's, and getrefcount's argument."""


def forget_garbage(boxes: Boxes, roots: list[Any]) -> None:
    """Forget the boxes of objects that ``roots`` lead to and that only boxes keep alive.

    As the garbage collector finds circles (``subtract_refs`` in CPython's Modules/gcmodule.c): an object to which more refer than those
    found here is alive, and so is what it refers to.

    Args:
        roots: what statements that are gone had made. The list is emptied, as whoever holds them counts.
    """
    found: dict[int, Any] = {}
    while roots:
        obj = roots.pop()
        if identity(obj) in found or not _is_followed(obj):
            continue
        found[identity(obj)] = obj
        if len(found) > LARGEST:
            return
        roots += _referents(boxes, obj)
    obj = None
    inside = Counter(
        identity(part) for one in found.values() for part in _referents(boxes, one) if identity(part) in found
    )
    reached = [number for number in found if getrefcount(found[number]) - _OURS > inside[number]]
    alive = set(reached)
    while reached:
        for part in _referents(boxes, found[reached.pop()]):
            number = identity(part)
            if number in found and number not in alive:
                alive.add(number)
                reached.append(number)
    for number in found.keys() - alive:
        boxes.forget(number, found[number])


def forget_all_garbage(boxes: Boxes, roots: list[Any]) -> None:
    """The same for all boxes there are, as a container may be left of which nothing leads to it but its box. ``roots`` is emptied."""
    roots += [box.obj for box in boxes.by_id.values()]
    forget_garbage(boxes, roots)


def _referents(boxes: Boxes, obj: Any) -> list[Any]:
    """What an object refers to, and what its box does, except for the statements that looked into it."""
    found = gc.get_referents(obj)
    box = boxes.of(obj)
    return found if box is None else [*found, *box.held()]


def _is_followed(obj: Any) -> bool:
    """Classes, modules, their namespaces, and what is known of statements live on; what they refer to is alive."""
    if is_atomic(obj) or is_class(obj) or issubclass(type(obj), (ModuleType, Trace, Record, Box)):
        return False
    return not (type(obj) is dict and ("__builtins__" in obj or "__build_class__" in obj))
