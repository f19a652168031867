"""Boxes that hold, while statements run, what the statements before that point have made of them."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Collection
from typing import Any

from ..inspection import identity
from ..observe.boxes import CLASS, FUNCTION, Box, apply, same_state, write
from ..observe.recorder import Recorder
from ..observe.trace import MISSING, Record, Trace
from ..plan.order import END, Position
from ..plan.pairing import Step
from ..plan.traces import is_module
from .cursor import Cursor
from .schedule import Schedule


class LiveBoxes:
    """A box is live from the moment that a statement may look into it: it has its first content, and changes are repeated in their order."""

    def __init__(self, recorder: Recorder, schedule: Schedule) -> None:
        self._recorder = recorder
        self._schedule = schedule
        self.run_time: dict[int, tuple[Box, Any, Any]] = {}
        """identity(object) -> (box, what the statements had made of it, what the run had)"""
        self.changed: set[int] = set()
        """identity(object) of those that may hold something else than statements have seen in them."""
        self._live: dict[int, Box] = {}
        self._pending: dict[int, list[tuple[Trace, Any]]] = {}
        self._logs: dict[int, list[tuple[Trace, Any]]] = {}
        self._coming: list[tuple[Position, int]] = []
        """The place of the next pending change of a live box, and whose it is."""
        self._before: dict[int, tuple[Box, Any, Any, Any]] = {}
        """identity(object) -> (box, what it held, its ``base`` and ``seen``) before the replay"""
        self._known_before = dict(recorder.boxes.by_id)
        self._all_live = False
        self._made_again: list[Box] = []

    # -- from now on

    def _note_run_time(self, box: Box, now: Any = None) -> None:
        """What the run did to it is set aside."""
        if identity(box.obj) in self.run_time:
            return
        content = box.now() if now is None else now
        changed = self._recorder.changes.changed.get(
            identity(box.obj)
        )  # a statement of this replay came first
        found, seen = (content, box.seen) if changed is None else (changed[1], changed[1])
        self._before.setdefault(identity(box.obj), (box, found, box.base, seen))
        if not same_state(box.seen, content):
            self.run_time[identity(box.obj)] = (box, box.seen, content)

    def _go_live(self, box: Box) -> None:
        """From now on it holds what the unchanged statements have made of it at that point."""
        if identity(box.obj) in self._live or box.opaque:
            return
        self._note_run_time(box)
        self._live[identity(box.obj)] = box
        self._logs[identity(box.obj)] = box.log
        self._pending[identity(box.obj)] = sorted(
            box.log, key=lambda entry: self._schedule.place(entry[0]) or ()
        )
        box.log = []
        write(box.obj, box.kind, box.base)
        box.seen = box.now()
        self._await(identity(box.obj))

    def _go_live_if_moved(self, box: Box) -> None:
        if identity(box.obj) in self._live or box.opaque:
            return
        if box.log or not same_state(box.seen, box.now()):
            self._go_live(box)

    def go_live(self) -> None:
        """Before the first statement runs: everything that statements or the run have changed gets its content of this point."""
        if self._all_live:
            return
        self._all_live = True
        for box in list(self._recorder.boxes.by_id.values()):
            if box.kind != CLASS or box.log or box.readers:
                self._go_live_if_moved(box)

    def reach(self, cursor: Cursor, step: Step, old: Trace | None) -> None:
        """Boxes within reach of a statement that is about to run go live."""
        roots = [
            value
            for name in cursor.unit.statements[step.index].loads
            if (value := cursor.value(name)) is not MISSING and not is_module(value)
        ]
        if old is not None and old.more is not None:
            roots += [value for _, _, values in old.more.function_reads for value in values]
            for box, _ in old.more.looked_into:
                self._go_live_if_moved(box)
        for obj, _kind in self._recorder.boxes.reachable(roots):
            found = self._recorder.boxes.of(obj)
            if found is not None:
                self._go_live_if_moved(found)

    # -- changes in their order

    def forward(self, key: Position) -> None:
        """Changes by unchanged statements before ``key`` are repeated in all of them."""
        while self._coming and self._coming[0][0] < key:
            number = heapq.heappop(self._coming)[1]
            box = self._live[number]
            self._forward(number, box, key)
            box.seen = box.now()
            self._await(number)

    def forward_to_the_end(self) -> None:
        for number, box in self._live.items():
            self._forward(number, box, (END, END))
            box.seen = box.now()

    def _await(self, number: int) -> None:
        """The next change of a live box that still applies is repeated when its turn comes."""
        for trace, _ in self._pending.get(number, ()):
            place = None if trace.dead else self._schedule.place(trace)
            if place is not None:
                heapq.heappush(self._coming, (place, number))
                return

    def _forward(self, number: int, box: Box, key: Position) -> None:
        """Changes by unchanged statements before ``key`` are repeated."""
        pending = self._pending.get(number)
        if not pending:
            return
        state, moved = None, False
        while pending:
            trace, change = pending[0]
            if not trace.dead:
                place = self._schedule.place(trace)
                if place is not None and place >= key:
                    break
                if place is not None:
                    state = apply(change, box.now() if state is None else state)
                    box.log.append((trace, change))
                    moved = True
            pending.pop(0)
        if moved:
            write(box.obj, box.kind, state)

    # -- what differs

    def _base_before(self, box: Box) -> Any:
        """Its first content as the statements of the former run knew it."""
        before = self._before.get(identity(box.obj))
        return box.base if before is None else before[2]

    def differs(self, box: Box, count: int, record: Record, trace: Trace) -> bool:
        """Whether a box holds something else at this point than when the statement looked into it."""
        if identity(box.obj) not in self.changed:
            return False
        log = self._logs.get(identity(box.obj), box.log)
        then = self._base_before(box)
        for _, change in log[:count]:
            then = apply(change, then)
        if identity(box.obj) in self._live:
            index = self._schedule.index(trace)
            if index is not None:
                self._forward(identity(box.obj), box, self._schedule.key(record, index))
        return not same_state(then, box.now())

    def has_changed(self, box: Box) -> None:
        """Statements within whose reach it was are looked at again."""
        self.changed.add(identity(box.obj))
        self._schedule.look_again(box.readers)

    def lose_change(self, box: Box) -> None:
        """A statement that had changed it is gone."""
        if not box.opaque:
            self._go_live(box)
            self.has_changed(box)

    def reorder(self) -> None:
        """Statements may run in another order: what several have changed, or looked into, may hold something else at that point."""
        for box in list(self._recorder.boxes.by_id.values()):
            if not box.log or box.opaque:
                continue
            places = [place for trace, _ in box.log if (place := self._schedule.place(trace)) is not None]
            order = sorted(places)
            if places != order:
                self._go_live(box)
                self.has_changed(box)
                continue
            for trace in box.readers:
                place = None if trace.dead else self._schedule.place(trace)
                if place is None:
                    continue
                by_then = bisect_left(order, place)
                if any(seen is box and count != by_then for seen, count in trace.extra.looked_into):
                    self._go_live(box)
                    self.changed.add(identity(box.obj))
                    self._schedule.add(trace.record, place[1])

    # -- objects that statements have made again

    def is_made_again(self, box: Box, before: Any) -> None:
        """Its object has become what a statement recreated. ``before``: its content until then, if that is known."""
        if identity(box.obj) not in self.run_time:
            self._note_run_time(box, now=before)
        self._made_again.append(box)

    def forget_making(self, trace: Trace) -> None:
        """What a statement did to the objects that it created is part of their creation."""
        boxes, self._made_again = self._made_again, []
        for box in boxes:
            number = identity(box.obj)
            if number not in self._live:
                self._live[number] = box
                self._logs[number] = box.log
                self._pending[number] = list(box.log)
                box.log = []
            box.log = [(other, change) for other, change in box.log if other is not trace]
            box.is_made_again()
            if box.kind == FUNCTION and not same_state(self._base_before(box), box.base):
                # Its cells or attributes hold other containers now (``singledispatch``): what statements below put in is missing.
                self.has_changed(box)
            if trace.more is not None:
                trace.more.effects = [
                    (other, change) for other, change in trace.more.effects if other is not box
                ]
            self._await(number)

    # -- the end

    def states_before(self) -> list[Any]:
        """What boxes held before the replay."""
        return [state for _, found, base, _ in self._before.values() for state in (found, base)]

    def count_changes(self, fresh: Collection[Trace]) -> None:
        """For boxes whose log has changed: how many changes each unchanged statement has seen. ``fresh``: those that have run."""
        fresh = set(fresh)
        for box in self._live.values():
            places = [self._schedule.place(trace) or () for trace, _ in box.log]
            for trace in box.readers:
                place = None if trace.dead or trace in fresh else self._schedule.place(trace)
                if place is not None:
                    trace.extra.looked_into = [
                        (other, bisect_left(places, place) if other is box else count)
                        for other, count in trace.extra.looked_into
                    ]

    def roll_back(self) -> None:
        """Every box as it was; the traces of statements that have run are dead by now."""
        for number, log in self._logs.items():
            self._live[number].log = log
        for number, (box, was) in self._recorder.changes.changed.items():
            if number not in self._before:
                write(box.obj, box.kind, was)
                box.seen = was
                box.log = [(trace, change) for trace, change in box.log if not trace.dead]
        for box, found, base, seen in self._before.values():
            write(box.obj, box.kind, found)
            box.base, box.seen = base, seen
        self._recorder.boxes.by_id = self._known_before
