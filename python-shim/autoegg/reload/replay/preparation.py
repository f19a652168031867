"""Before the first statement is replayed: what of the new texts is as it was, and who is concerned by what is not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import CodeType

from ..observe.recorder import Recorder
from ..observe.trace import Record, Trace
from ..plan.pairing import BODY, SAME, Step, pair
from ..plan.traces import hold_codes, live_codes, materialise
from ..report.report import KIN
from ..settle.recode import Recoding
from ..source.bytecode import all_nested, nested
from ..source.statements import Statement
from ..source.unit import Unit
from .cursor import Cursor
from .propagation import Propagation
from .registrations import Registrations
from .saved_modules import SavedModules
from .schedule import Schedule
from .successors import Successors

Taken = tuple[Trace, Statement, bool, "list[CodeType] | None"]
"""(its trace, it in the new text, whether the codes are copies on other lines, the codes if they are others)"""


class Preparation:
    """Makes the cursors.

    Args:
        units: module -> its text as it is now, for those whose text has changed.
        whole: of them and others, those of which all statements run.
    """

    def __init__(
        self,
        *,
        recorder: Recorder,
        units: Mapping[str, Unit],
        whole: Collection[str],
        cursors: dict[str, Cursor],
        schedule: Schedule,
        saved: SavedModules,
        successors: Successors,
        recoding: Recoding,
        registrations: Registrations,
        propagation: Propagation,
    ) -> None:
        self._records = recorder.records
        self._units = units
        self._whole = whole
        self._cursors = cursors
        self._schedule = schedule
        self._saved = saved
        self._successors = successors
        self._recoding = recoding
        self._registrations = registrations
        self._propagation = propagation
        self.taken: list[Taken] = []
        """Statements that stand, or of which only bodies of functions have changed."""

    def run(self) -> None:
        for name in [*self._units, *self._whole]:
            record = self._records[name]
            self._saved.save(record)
            self._compare(record)
        for cursor in list(self._cursors.values()):
            self._begin(cursor)
        self._recoding.apply([self._records[name] for name in self._units if name not in self._whole])
        whole = {name: (self._records[name], self._cursors[name].unit) for name in self._whole}
        for code in self._recoding.apply_by_name(whole):
            self._propagation.on_function(code, "a function that it ran is gone")
        for code in self._recoding.changed:
            self._propagation.on_function(code, "a function that it ran has changed")

    def _compare(self, record: Record) -> None:
        name = record.name
        if name in self._whole:
            unit = self._units.get(name) or record.unit
            assert unit is not None
            self._cursors[name] = Cursor(record, unit, None, None)
            self._successors.await_all(record)
            return
        unit, former = self._units[name], record.unit
        assert former is not None
        traces = materialise(record)
        hold_codes(record)
        pairing = pair(former, unit, [(trace.code, trace.codes or ()) for trace in traces])
        cursor = self._cursors[name] = Cursor(record, unit, pairing, traces)
        for step in cursor.steps:
            self._recode(record, cursor, step)
        self._successors.await_removed(record, [traces[index] for index in pairing.removed])

    def _recode(self, record: Record, cursor: Cursor, step: Step) -> None:
        """Functions of an unchanged statement get the new code, or move to other lines."""
        if step.old is None:
            return
        assert record.unit is not None
        trace = cursor.olds[step.old]  # type: ignore[index]
        lines = cursor.unit.statements[step.index].start[0] - record.unit.statements[step.old].start[0]
        codes: list[CodeType] | None = None
        moved = False
        if step.how == SAME and _compiles_otherwise(cursor, record.unit, step):
            codes = self._recoding.note(
                live_codes(record, step.old), nested(cursor.unit.code(step.index)), trace.moved, same=True
            )
        elif step.how == SAME:
            if lines:
                codes = self._recoding.move(live_codes(record, step.old), lines, trace.moved)
                moved = True
        else:
            codes = self._recoding.note(
                live_codes(record, step.old), nested(cursor.unit.code(step.index)), trace.moved
            )
        if step.how in (SAME, BODY):
            self.taken.append((trace, cursor.unit.statements[step.index], moved, codes))

    def _begin(self, cursor: Cursor) -> None:
        record = cursor.record
        for index in cursor.removed:
            for code in live_codes(record, index):
                for function in (code, *all_nested(code)):
                    self._propagation.on_function(function, "a function that it ran is gone")
            self._registrations.recreate(cursor, index)
        for step in cursor.steps:
            if (
                step.how == KIN
                and step.old is not None
                and self._registrations.are_made_otherwise(cursor, step)
            ):
                self._registrations.recreate(cursor, step.old)
        if cursor.first is not None:
            self._schedule.add(record, cursor.first)


def _compiles_otherwise(cursor: Cursor, former: Unit, step: Step) -> bool:
    """Names of modules are compiled in another way than other names (``Unit._imported_names``)."""
    names = cursor.unit.imported ^ former.imported
    text = cursor.unit.text(step.index) if names else ""
    return any(f"{name}." in text for name in names)
