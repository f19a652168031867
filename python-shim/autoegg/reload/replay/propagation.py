"""From what has changed to the statements that have to look at it again."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from itertools import islice
from types import CodeType

from ..inspection import identity
from ..observe.boxes import same
from ..observe.recorder import Recorder
from ..observe.trace import MISSING, Key, Record, Trace
from ..plan.readers import Readers
from ..settle.consequences import NUMBA, Consequences
from ..settle.dependents import Dependents
from ..settle.jitted import renew
from ..settle.recode import Recoding
from ..settle.settling import Settling
from .cursor import Cursor
from .live_boxes import LiveBoxes
from .schedule import Schedule


class Propagation:
    """Statements are only given a turn; whether they run is decided when it comes.

    Args:
        whole: modules of which all statements run anyway.
    """

    def __init__(
        self,
        *,
        recorder: Recorder,
        readers: Readers,
        cursors: Mapping[str, Cursor],
        whole: Collection[str],
        schedule: Schedule,
        boxes: LiveBoxes,
        recoding: Recoding,
        settling: Settling,
    ) -> None:
        self._recorder = recorder
        self._records = recorder.records
        self._readers = readers
        self._cursors = cursors
        self._whole = whole
        self._schedule = schedule
        self._boxes = boxes
        self._recoding = recoding
        self._settling = settling
        self._changed: dict[Key, None] = {}
        self._dependents = Dependents(recorder.records, recorder.creations.caches)
        self._forgotten = (0, 0)
        """How many names and functions had changed when caches were last looked at."""
        self.start = recorder.versions.clock
        """The clock when the replay began."""

    def on_name(self, module: str, name: str) -> None:
        """A name of a module means something else, or may."""
        if (module, name) in self._changed:
            return
        self._changed[module, name] = None
        for reader, index in self._readers.of(module, name):
            cursor = self._cursors.get(reader.name)
            if reader.name in self._whole:
                continue
            if cursor is not None and cursor.olds is not None:
                index = cursor.place(index)
                if index >= len(cursor.steps):
                    continue
            self._schedule.add(reader, index)
        record = self._records.get(module)
        cursor = self._cursors.get(module)
        if (
            record is None
            or not record.traced
            or record.unit is None
            or (cursor is not None and cursor.opened)
        ):
            return
        for index, statement in enumerate(record.unit.statements):
            trace = record.traces[index] if index < len(record.traces) else None
            if name in statement.loads or (
                trace is not None and trace.more is not None and _reads(trace, module, name)
            ):
                at = cursor.place(index) if cursor is not None else index
                self._schedule.add(record, at)

    def on_function(self, code: CodeType, why: str) -> None:
        """Statements that ran a function which has changed, or gone, have to run again."""
        known = self._recorder.reads.ran_by.get(identity(code))
        if known is None or known[0] is not code:
            return
        for trace in known[1]:
            if not trace.dead and trace not in self._schedule.forced:
                self._schedule.force(trace, why)

    def on_result(self, record: Record, trace: Trace, old: Trace | None) -> None:
        """Whoever read what is something else now, after ``trace`` has taken the place of ``old``, has to look again."""
        versions = self._recorder.versions
        before = old.writes if old is not None else {}
        for name in {**before, **trace.writes}:
            was, now = before.get(name, MISSING), trace.writes.get(name, MISSING)
            if identity(now) in self._settling.bumped and versions.get(identity(now), 0) <= self.start:
                versions.advance(identity(now))
            if not same(was, now) or versions.get(identity(now), 0) > self.start:
                self.on_name(record.name, name)
        if trace.more is not None:
            for (module, name), (_, now) in trace.more.foreign.items():
                was = (
                    old.more.foreign.get((module, name), (None, MISSING))[1]
                    if old is not None and old.more
                    else MISSING
                )
                if not same(was, now):
                    self.on_name(module, name)
            for box, _ in trace.more.effects:
                self._boxes.has_changed(box)

    def on_kept(self, record: Record, trace: Trace) -> None:
        """An unchanged statement passes on something whose shape has changed: statements that read it there are checked too."""
        for name, value in trace.writes.items():
            if self._recorder.versions.get(identity(value), 0) > self.start:
                self.on_name(record.name, name)

    def forget_computed(self) -> None:
        """What ``lru_cache`` and numba hold of functions that have changed, or read what has: a statement may call them."""
        known = (len(self._changed), len(self._recoding.changed))
        if known == self._forgotten:
            return
        names, codes = self._forgotten
        self._forgotten = known
        news = list(islice(self._changed, names, None))
        changed = self._codes() if codes < known[1] else []
        for cache in self._dependents.of(news, changed):
            cache.cache_clear()
            # Statements may have had results from it without running anything.
            self._recorder.versions.advance(identity(cache))
            self.on_name(cache.__module__, cache.__qualname__)
        if NUMBA in sys.modules:
            renew(Consequences(self._records, self._codes(), self._changed.keys()), self._records.keys())

    def _codes(self) -> list[CodeType]:
        """The code, as it is now, of functions that have changed."""
        pairs = self._recoding.pairs
        return [pairs[identity(code)][1] for code in self._recoding.changed if identity(code) in pairs]


def _reads(trace: Trace, module: str, name: str) -> bool:
    assert trace.more is not None
    return (
        any(other == module and name in names for other, names, _ in trace.more.function_reads)
        or (module, name) in trace.more.attributes
        or module in trace.more.whole
    )
