"""Which statements wait for their turn, and where each stands in the order of a fresh import."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from typing import Any

from ..inspection import identity
from ..observe.trace import Record, Trace
from ..plan.order import END, Order, Position, Text
from ..plan.pairing import BODY, SAME
from .cursor import Cursor


class Schedule:
    """Statements run, or are looked at again, one after the other.

    Args:
        cursors: module -> how far its replay is; there will be more of them.
        forced: statements that have to run.
        learnt: (module, index of a statement) -> modules that an attempt before this one has seen it import.
    """

    def __init__(
        self,
        records: Mapping[str, Record],
        cursors: Mapping[str, Cursor],
        *,
        forced: Iterable[Trace],
        learnt: Mapping[tuple[str, int], set[str]],
    ) -> None:
        self._records = records
        self._cursors = cursors
        self.forced = set(forced)
        self.learnt = dict(learnt)
        self.reasons: dict[int, str] = {}
        """id of a trace -> why it is forced."""
        self.now: Position = ()
        """The place of the statement that is being replayed."""
        self._order: Order | None = None
        self._heap: list[tuple[Position, int, str, int]] = []
        self._queued: set[tuple[str, int]] = set()
        self._count = 0
        self._looked_at: set[Trace] = set()
        self._indexes: dict[str, tuple[Any, Any, dict[int, int]]] = {}
        self._ran: dict[int, Position] = {}
        """id of a statement's trace that has just run -> its place."""

    # -- places

    @property
    def order(self) -> Order:
        if self._order is None:
            texts = {name: self._text(cursor) for name, cursor in self._cursors.items()}
            self._order = Order(self._records, texts, self.learnt)
        return self._order

    @staticmethod
    def _text(cursor: Cursor) -> Text:
        """What it is now; of statements that have to run, what they import is not known yet."""
        return cursor.unit, [
            cursor.old_trace(step) if step.how in (SAME, BODY) else None for step in cursor.steps
        ]

    def key(self, record: Record, index: int) -> Position:
        """A statement is over when the modules that it imports are; those that come with it now are imported just before its end."""
        found = self.order.key(record.name, index)
        return (*found, END) if found is not None else (*self.now[:-1], record.serial, index, END)

    def index(self, trace: Trace) -> int | None:
        """The statement's place in the current text."""
        record = trace.record
        cursor = self._cursors.get(record.name)
        traces = cursor.olds if cursor is not None else record.traces
        if traces is None:
            return None
        known = self._indexes.get(record.name)
        if known is None or known[0] is not traces or known[1] is not cursor or len(known[2]) != len(traces):
            places = {identity(one): index for index, one in enumerate(traces) if one is not None}
            known = self._indexes[record.name] = (traces, cursor, places)
        index = known[2].get(identity(trace))
        if index is None or cursor is None:
            return index
        return cursor.new_index.get(index)

    def place(self, trace: Trace) -> Position | None:
        """The place of a statement that has run, now or before; None: it is no longer in the text."""
        known = self._ran.get(identity(trace))
        if known is not None:
            return known
        index = self.index(trace)
        return None if index is None else self.key(trace.record, index)

    def has_run(self, trace: Trace, index: int) -> None:
        """``trace`` is what statement ``index`` of the current text has left."""
        self._ran[identity(trace)] = self.key(trace.record, index)

    def imports_found_late(self, fresh: Iterable[Trace]) -> dict[tuple[str, int], set[str]]:
        """Statements among those that have run which import modules that have been taken to come later."""
        found = {}
        for trace in fresh:
            place = self._ran[identity(trace)]
            if trace.more is None or trace.dead or trace.record.name not in self._cursors:
                continue
            later = {name for name in trace.more.needs if (self.order.key(name, 0) or ()) > place}
            if later:
                found[trace.record.name, place[1]] = later
        return {at: names for at, names in found.items() if not names <= self.learnt.get(at, set())}

    def imports_out_of_turn(
        self, record: Record, index: int, names: Iterable[str]
    ) -> dict[tuple[str, int], set[str]]:
        """Of the modules that a statement has just imported, those that were taken to come later and are not known to come with it."""
        at, known = (record.name, index), self.learnt.get((record.name, index), set())
        later = {name for name in names if (self.order.key(name, 0) or ()) > self.now}
        return {} if later <= known else {at: later | known}

    # -- turns

    def __bool__(self) -> bool:
        return bool(self._heap)

    def pop(self) -> tuple[str, int]:
        """(module, index) of the statement whose turn it is."""
        self.now, _, name, index = heapq.heappop(self._heap)
        self._queued.discard((name, index))
        return name, index

    def add(self, record: Record, index: int) -> None:
        if (record.name, index) in self._queued:
            return
        key = self.key(record, index)
        if key < self.now:
            return  # it ran before, and what comes later cannot affect it
        self._queued.add((record.name, index))
        self._count += 1
        heapq.heappush(self._heap, (key, self._count, record.name, index))

    def add_trace(self, trace: Trace) -> None:
        index = self.index(trace)
        if index is not None:
            self.add(trace.record, index)

    def look_again(self, traces: Iterable[Trace]) -> None:
        """What they read may have changed; requested once for each."""
        for trace in traces:
            if not trace.dead and trace not in self._looked_at:
                self._looked_at.add(trace)
                self.add_trace(trace)

    def force(self, trace: Trace, why: str) -> None:
        """It has to run, if its module is still there."""
        if self._records.get(trace.record.name) is trace.record:
            self.expect(trace, why)
            self.add_trace(trace)

    def expect(self, trace: Trace, why: str) -> None:
        """It will have to run; its turn is found with those of all that are forced (``add_forced``)."""
        self.reasons[identity(trace)] = why
        self.forced.add(trace)

    def add_forced(self) -> None:
        for trace in list(self.forced):
            if not trace.dead and self._records.get(trace.record.name) is trace.record:
                self.add_trace(trace)
