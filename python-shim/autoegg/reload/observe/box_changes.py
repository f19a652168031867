"""What statements change in place: of the boxes within their reach, those that hold something else than they were last seen with."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from types import FunctionType, ModuleType
from typing import Any

from ..inspection import ATOMIC, identity, is_class, is_renamed
from .boxes import CLASS, CONTAINERS, FUNCTION, REACHED, Box, Boxes, delta, same_state
from .snapshot import Snapshot
from .trace import Record, Trace

MANY = 8
"""A statement that names more functions and classes than this builds a table of them."""


class BoxChanges:
    """Kept in the ``log`` of each box, and in the ``effects`` of the statement's trace."""

    def __init__(self, boxes: Boxes, records: Mapping[str, Record]) -> None:
        self._boxes = boxes
        self._records = records
        self.changed: dict[int, tuple[Box, Any]] = {}
        """identity(object) -> (box, what it held before statements changed it), since a replay began."""
        self._run_time: list[tuple[Box, Any, Any]] = []
        self._known_before = 0
        """How many boxes had been met when the outermost import began."""
        self._looked_into: dict[int, Box] = {}
        """Boxes that were within reach of its statements."""

    # -- an import

    def begin(self) -> None:
        """Before the outermost import: changes since the last one were made by the run, not by statements."""
        self._known_before = self._boxes.count
        self._looked_into = {}
        self._run_time = [
            (box, box.seen, box.now())
            for box in self._boxes.by_id.values()
            if (box.log or box.readers) and not box.is_as_seen()
        ]
        for box, _, now in self._run_time:
            box.seen = now

    def end(self) -> None:
        """After it."""
        for box, seen, now in self._run_time:
            if box.seen is now:
                box.seen = seen
        self._run_time = []

    def forget(self) -> None:
        """After a replay: what was followed in it."""
        self.changed, self._looked_into = {}, {}

    def baseline(self, records: Iterable[Record]) -> None:
        """The current contents of containers, instances and classes are the result of the import."""
        fresh = {
            identity(value): value
            for record in records
            for value in record.end.values()
            if type(value) in CONTAINERS and self._boxes.of(value) is None
        }
        if fresh:
            for name, module in list(sys.modules.items()):
                if type(module) is ModuleType and name not in self._records:
                    for value in list(module.__dict__.values()):
                        if identity(value) in fresh:
                            self._boxes.foreign[identity(value)] = value
        for record in records:
            values = [value for value in record.end.values() if _is_home(value, record)]
            for obj, kind in self._boxes.reachable(values):
                self._boxes.box(obj, kind)
        made = [box for box in self._boxes.by_id.values() if box.number > self._known_before]
        looked_into, self._looked_into = self._looked_into, {}
        for box in (*made, *looked_into.values()):
            if not box.is_as_seen():
                now = box.now()
                if box.log or box.readers:
                    box.opaque = True  # something changed it that was not seen: never taken back
                else:
                    box.base = now
                box.seen = now

    # -- a statement

    def given(self, reads: Iterable[Any]) -> dict[int, Box]:
        """Functions and classes of the libraries that whatever the statement calls may set attributes of."""
        found = {}
        for value in reads:
            kind = FUNCTION if type(value) is FunctionType else CLASS if is_class(value) else None
            if kind is not None and value.__module__ in self._records and self._boxes.kind(value) == kind:
                found[identity(value)] = value, kind
        if len(found) > MANY:
            return {}
        return {number: self._boxes.box(value, kind) for number, (value, kind) in found.items()}

    def reached(
        self, roots: Iterable[Any], known: dict[int, Box], classes: bool, snapshots: list[Snapshot]
    ) -> dict[int, Box]:
        """Boxes within reach, new ones with what they hold now, and snapshots of some of them."""
        for root in roots:
            if type(root) not in ATOMIC:
                known.update(self._boxes.within(root, classes, snapshots))
                if len(known) > REACHED:
                    break
        return known

    def note(self, trace: Trace, reached: dict[int, Box], snapshots: list[Snapshot]) -> None:
        """It has run. ``reached``, ``snapshots``: what ``reached`` has given."""
        if not reached:
            return
        self._looked_into.update(reached)
        trace.extra.looked_into += [(box, len(box.log)) for box in reached.values()]
        unchanged: set[int] = set()
        left = []
        for snapshot in dict.fromkeys(snapshots):
            if snapshot.is_current():
                unchanged.update(snapshot.containers)
            else:
                left.append(snapshot)
        differ: list[int] = []
        for number, box in reached.items():
            box.readers.append(trace)
            if number in unchanged or box.is_as_seen():
                continue
            differ.append(number)
            now = box.now()
            if not same_state(box.seen, now):
                self.changed.setdefault(identity(box.obj), (box, box.seen))
                change = delta(box.seen, now)
                box.log.append((trace, change))
                self._boxes.changed(box.obj)
                if box.kind in (CLASS, FUNCTION):
                    key: Any = "__module__" if box.kind == CLASS else ("slot", "__module__")
                    if key in box.seen and box.seen[key] != now.get(key):
                        is_renamed(box.obj, box.seen[key])
                box.seen = now
                trace.extra.effects.append((box, change))
        for snapshot in left:
            snapshot.found_as_seen(differ)


def _is_home(value: Any, record: Record) -> bool:
    kind = type(value)
    if issubclass(kind, ModuleType):
        return False
    if issubclass(kind, type):
        return type.__getattribute__(value, "__module__") == record.name
    return True
