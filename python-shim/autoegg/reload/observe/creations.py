"""What statements make: each gets a box, or is noted otherwise, with its first content."""

from __future__ import annotations

import enum
import functools
import weakref
from types import ModuleType
from typing import Any

from ..inspection import ATOMIC, identity, is_class
from .boxes import CLASS, CONTAINERS, Boxes
from .marks import SPECIAL, mark
from .trace import Trace

_Cached = functools._lru_cache_wrapper


class Creations:
    """Each ``note`` method asks for a box where an object can be changed in place."""

    def __init__(self, boxes: Boxes) -> None:
        self._boxes = boxes
        self.caches: dict[int, weakref.ref[Any]] = {}
        """``lru_cache`` wrappers that the libraries have made."""
        self.cached_properties: list[tuple[weakref.ref[type], functools.cached_property[Any]]] = []

    def note_all(self, trace: Trace) -> None:
        """What the statement created has its initial content now."""
        values = []
        for value in trace.writes.values():
            if is_class(value):
                self._boxes.within(value, classes=False)
            elif type(value) not in ATOMIC and not issubclass(type(value), ModuleType):
                values.append(value)
        for obj, kind in self._boxes.reachable(values, classes=False):
            self._boxes.box(obj, kind)
        self.note_classes(trace)
        for name, value in trace.writes.items():
            if type(value) is _Cached:
                self.caches[identity(value)] = weakref.ref(value)
            elif type(value) in SPECIAL:
                trace.record.marks[name] = (value, mark(value))

    def note_classes(self, trace: Trace) -> None:
        for value in trace.writes.values():
            if is_class(value):
                self._note_with_parts(value)

    def _note_with_parts(self, cls: Any) -> None:
        if issubclass(type(cls), enum.EnumMeta):
            return
        self.note_class(cls)
        for value in type.__getattribute__(cls, "__dict__").values():
            kind = type(value)
            if kind in CONTAINERS:
                self.note(value)
            elif kind is _Cached:
                self.caches[identity(value)] = weakref.ref(value)
            elif kind is functools.cached_property:
                self.cached_properties.append((weakref.ref(cls), value))
            elif kind in (staticmethod, classmethod) and type(value.__func__) is _Cached:
                self.caches[identity(value.__func__)] = weakref.ref(value.__func__)

    def note(self, value: Any) -> None:
        kind = self._boxes.kind(value)
        if kind is not None:
            self._boxes.box(value, kind)

    def note_class(self, cls: Any) -> None:
        """A later change is noticed only if the content before is known."""
        if self._boxes.kind(cls) == CLASS:
            self._boxes.box(cls, CLASS)
