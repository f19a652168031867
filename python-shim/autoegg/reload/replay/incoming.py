"""What statements of other modules write into one: at each point it has just what they have written until then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..inspection import identity
from ..observe.trace import MISSING, Key, Record, Trace
from ..plan.order import Position
from .cursor import Cursor
from .names import assign
from .schedule import Schedule


class Incoming:
    """Such writes, by statements that existed before the replay."""

    def __init__(
        self,
        *,
        records: Mapping[str, Record],
        cursors: Mapping[str, Cursor],
        schedule: Schedule,
        journal: list[Callable[[], None]],
    ) -> None:
        self._records = records
        self._cursors = cursors
        self._schedule = schedule
        self._journal = journal
        self._writes: dict[str, list[tuple[Position, Trace, str]]] = {}
        self._written: set[tuple[int, str]] = set()
        """(id of a trace, name) that has been written again."""
        self._taken_back = False

    def _into(self, record: Record) -> list[tuple[Position, Trace, str]]:
        """In order."""
        found = self._writes.get(record.name)
        if found is None:
            placed = [
                (self._schedule.place(trace), trace, name)
                for trace, name in record.incoming
                if not trace.dead
            ]
            found = [(place, trace, name) for place, trace, name in placed if place is not None]
            found.sort(key=lambda write: write[0])
            self._writes[record.name] = found
        return found

    def begin(self, record: Record, until: Position) -> None:
        """Its names are bound again, including those that others write up to that point."""
        self._written.difference_update((identity(trace), name) for _, trace, name in self._into(record))
        self.write(record, until)

    def write(self, record: Record, until: Position) -> None:
        """Write again up to that point."""
        for place, trace, name in self._into(record):
            if place >= until:
                return
            if not trace.dead and (identity(trace), name) not in self._written:
                self._written.add((identity(trace), name))
                was, now = trace.extra.foreign[record.name, name]
                before = record.module.__dict__.get(name, MISSING)
                if before is not was:
                    self._note_before(trace, (record.name, name), before)
                assign(record.module.__dict__, name, now)

    def _note_before(self, trace: Trace, key: Key, before: Any) -> None:
        """The value of the name before the statement wrote it has changed."""
        foreign, known = trace.extra.foreign, trace.extra.foreign[key]
        foreign[key] = (before, known[1])
        self._journal.append(lambda: foreign.__setitem__(key, known))

    def write_all(self, until: Position) -> None:
        """Into every module that is being replayed, or from which the writes were taken back."""
        for record in self._records.values():
            if record.incoming and (self._taken_back or self._is_open(record)):
                self.write(record, until)

    def take_back(self) -> None:
        """Before the first statement runs: no module has what statements write into it that come later."""
        if self._taken_back:
            return
        self._taken_back = True
        for record in self._records.values():
            if not record.incoming or self._is_open(record):
                continue
            namespace = record.module.__dict__
            for place, trace, name in reversed(self._into(record)):
                was, now = trace.extra.foreign[record.name, name]
                if place < self._schedule.now or namespace.get(name, MISSING) is not now:
                    self._written.add((identity(trace), name))
                else:
                    assign(namespace, name, was)

    def names_by_now(self, record: Record) -> Mapping[str, Any]:
        """The names of a module that has not been replayed, without what is written into it later."""
        names: dict[str, Any] = record.end if record.traced else record.module.__dict__
        now = self._schedule.now
        later = [write for write in self._into(record) if write[0] >= now] if record.incoming else []
        if later:
            names = dict(names)
            for _, trace, name in reversed(later):
                if not trace.dead:
                    assign(names, name, trace.extra.foreign[record.name, name][0])
        return names

    def _is_open(self, record: Record) -> bool:
        cursor = self._cursors.get(record.name)
        return cursor is not None and cursor.opened
