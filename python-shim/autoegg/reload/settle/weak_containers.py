"""Weak containers of the libraries: what they hold of an object that was replaced goes on to what took its place.

A weak reference cannot be given another object, and nothing else may hold the replaced one: without this its entry would go with it.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any

from ..inspection import identity
from ..observe.boxes import WEAK, Box


def refer_to_what_took_their_place(pairs: Iterable[tuple[Any, Any]], boxes: Iterable[Box]) -> None:
    """``pairs``: (object, what takes its place). ``boxes``: all that the libraries can change in place."""
    moves = {identity(old): new for old, new in pairs if weakref.getweakrefcount(old)}
    if not moves:
        return
    for container in [box.obj for box in boxes if type(box.obj) in WEAK]:
        kind = type(container)
        if kind is weakref.WeakValueDictionary:
            for key, value in list(container.items()):
                if identity(value) in moves:
                    container[key] = moves[identity(value)]
        elif kind is weakref.WeakKeyDictionary:
            for key in list(container):
                if identity(key) in moves:
                    container[moves[identity(key)]] = container.pop(key)
        else:
            for member in list(container):
                if identity(member) in moves:
                    container.discard(member)
                    container.add(moves[identity(member)])
