"""Ordered replay: results of unchanged statements are kept; the others run, each at its place in the order of a fresh import."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from importlib.machinery import ModuleSpec
from types import CodeType
from typing import Any

from ...errors import AutoeggError
from ..inspection import is_class
from ..observe.recorder import Recorder
from ..observe.trace import MISSING, Record, Trace
from ..plan.makers import makers_of_what_it_reads
from ..plan.order import END, named
from ..plan.pairing import BODY, SAME, Step
from ..plan.readers import Readers
from ..plan.traces import materialise
from ..report.report import ASKED, NEW, UNWATCHED, Execution
from ..settle.recode import Recoding
from ..settle.settling import Settling
from ..settle.tombstones import Graves
from ..source.bytecode import asks_by_text
from ..source.statements import HEAVY
from ..source.unit import Unit
from .current_names import CurrentNames
from .cursor import Cursor
from .deferred import changed_deferred, expect_deferred
from .incoming import Incoming
from .live_boxes import LiveBoxes
from .opening import Opening
from .preparation import Preparation, Taken
from .propagation import Propagation
from .registrations import Registrations
from .removal import Removal
from .saved_modules import SavedModules
from .schedule import Schedule
from .subclasses import Subclasses
from .successors import Successors, pool_of
from .validity import Validity
from .withdrawal import Withdrawal


class Again(Exception):
    """Something found out too late: the replay starts again with it.

    Args:
        traces: statements that have to run.
        learnt: (module, index of a new statement) -> modules that it imports.
    """

    def __init__(self, traces: set[Trace], learnt: dict[tuple[str, int], set[str]]) -> None:
        super().__init__()
        self.traces = traces
        self.learnt = learnt


class Replay:
    """One attempt. Whatever it raises, ``roll_back`` makes everything as it was.

    Args:
        units: module -> its text as it is now, for those whose text has changed.
        whole: of them and others, those of which nothing is known: all of their statements run.
        gone: modules whose file no longer exists.
        forced: statements that have to run.
        learnt: (module, index of a statement) -> modules that an attempt before this one has seen it import.
    """

    def __init__(
        self,
        *,
        recorder: Recorder,
        readers: Readers,
        graves: Graves,
        units: dict[str, Unit],
        whole: Collection[str],
        gone: Collection[str],
        forced: Iterable[Trace],
        learnt: Mapping[tuple[str, int], set[str]],
    ) -> None:
        self.recorder = recorder
        self.records = recorder.records
        self.readers = readers
        self.graves = graves
        self.whole = set(whole)
        self.gone = set(gone)
        self.journal: list[Callable[[], None]] = []
        self.executed: list[Execution] = []
        self.attempted: Execution | None = None
        """The statement that runs, or has raised."""
        self.requested: frozenset[str] = frozenset()
        """Modules that were requested to run as a whole: none of their run-time changes stay."""
        self.ran_code: set[str] = set()
        """Modules of which statements ran that can run anybody's code."""
        self.fresh: list[Trace] = []
        self.batch: list[Record] = []
        """Modules that were imported on the way."""
        self._imported: set[str] = set()
        """What modules that the running statement has imported for the first time may import themselves."""
        self.looked_at: set[Trace] = set()
        """Statements to be compared with what they read."""
        self.returned: list[str] = []
        """Modules whose file has returned."""
        self.imported_again: list[str] = []
        self.reread: list[CodeType] = []
        """Functions that have read a file which has changed."""
        self.edited: set[tuple[str, str]] = set()
        """(module, name) bound by statements whose text has changed."""
        self.cursors: dict[str, Cursor] = {}
        self._before = set(sys.modules)
        self._versions = dict(recorder.versions)
        self._build(units, forced, learnt)

    def _build(
        self,
        units: Mapping[str, Unit],
        forced: Iterable[Trace],
        learnt: Mapping[tuple[str, int], set[str]],
    ) -> None:
        """The parts that it works with; each knows only those above it."""
        recorder, records, cursors, journal = self.recorder, self.records, self.cursors, self.journal
        self.settling = Settling(lambda name: name in records or name in self.gone, journal)
        self.recoding = Recoding(journal, recorder.reads.ran_by)  # type: ignore[arg-type]
        owned = self.settling.owned
        self.saved = SavedModules(recorder, journal)
        self.schedule = schedule = Schedule(records, cursors, forced=forced, learnt=learnt)
        self.boxes = LiveBoxes(recorder, schedule)
        self._incoming = Incoming(records=records, cursors=cursors, schedule=schedule, journal=journal)
        self.subclasses = Subclasses(recorder=recorder, cursors=cursors, owned=owned, schedule=schedule)
        self._validity = Validity(
            recorder=recorder,
            schedule=schedule,
            names=CurrentNames(
                recorder=recorder, cursors=cursors, schedule=schedule, incoming=self._incoming
            ),
            boxes=self.boxes,
            recoding=self.recoding,
            gone=self.gone,
            executed=self.executed,
        )
        self._successors = Successors(
            recorder=recorder,
            settling=self.settling,
            graves=self.graves,
            boxes=self.boxes,
            saved=self.saved,
            subclasses=self.subclasses,
            journal=journal,
        )
        registrations = Registrations(recorder=recorder, owned=owned, schedule=schedule, journal=journal)
        self._propagation = Propagation(
            recorder=recorder,
            readers=self.readers,
            cursors=cursors,
            whole=self.whole,
            schedule=schedule,
            boxes=self.boxes,
            recoding=self.recoding,
            settling=self.settling,
        )
        self._withdrawal = Withdrawal(
            records=records,
            saved=self.saved,
            boxes=self.boxes,
            registrations=registrations,
            propagation=self._propagation,
            journal=journal,
        )
        self.removal = Removal(
            recorder=recorder,
            gone=self.gone,
            saved=self.saved,
            propagation=self._propagation,
            withdrawal=self._withdrawal,
        )
        self._opening = Opening(
            records=records,
            cursors=cursors,
            schedule=schedule,
            saved=self.saved,
            incoming=self._incoming,
            subclasses=self.subclasses,
            propagation=self._propagation,
            withdrawal=self._withdrawal,
        )
        self._preparation = Preparation(
            recorder=recorder,
            units=units,
            whole=self.whole,
            cursors=cursors,
            schedule=schedule,
            saved=self.saved,
            successors=self._successors,
            recoding=self.recoding,
            registrations=registrations,
            propagation=self._propagation,
        )
        self._parts = [
            self.settling, self.recoding, self.saved, self.schedule, self.boxes, self._incoming, self.subclasses, self._validity, self._successors,
            registrations, self._propagation, self._withdrawal, self.removal, self._opening, self._preparation,
        ]  # fmt: skip

    @property
    def taken(self) -> list[Taken]:
        return self._preparation.taken

    @property
    def dead(self) -> list[Trace]:
        """Statements that no longer exist."""
        return self._withdrawal.dead

    # -- what is known beforehand

    def forget_kept(self, module: str, names: Iterable[str]) -> None:
        """Globals in which a function has kept what it read from a file that has changed: they are recreated."""
        record = self.records.get(module)
        if record is None or not record.traced:
            return
        for trace in reversed(materialise(record)):
            found = [name for name in names if name in trace.writes]
            if found:
                self.schedule.expect(
                    trace, "a function has kept in it what it read from a file that has changed"
                )
                self.edited |= {(module, name) for name in found}

    def relocate(self, record: Record, spec: ModuleSpec) -> None:
        """A module is found in another file now: a package where there was a module, or the other way round."""
        self.saved.relocate(record, spec)

    # -- the whole

    def run(self) -> None:
        self.recorder.changes.changed = {}
        self._preparation.run()
        self.removal.remove_gone()
        expect_deferred(self.recorder, self.cursors.values(), self.schedule)
        self.schedule.add_forced()
        if self.gone or any(cursor.reorders for cursor in self.cursors.values()):
            self.boxes.reorder()
        self.batch = self.recorder.open()
        self.recorder.settle, self.recorder.on_load = self._successors.settle, self._is_loading
        for trace in self.looked_at:
            self.schedule.add_trace(trace)
        try:
            self._propagation.forget_computed()
            while self.schedule:
                self._next()
            for name in self.returned:
                self._import_again(name)
            for cursor in self.cursors.values():
                if cursor.opened:
                    cursor.arrive(len(cursor.steps))
            self._incoming.write_all((END,))
        finally:
            self.recorder.settle = self.recorder.on_load = None
            self.recorder.close()
        self.boxes.forward_to_the_end()
        changed = changed_deferred(self.recorder, self.fresh, self._propagation.start)
        late, learnt = changed - self.schedule.forced, self.schedule.imports_found_late(self.fresh)
        if late or learnt:
            raise Again(late | self.schedule.forced, {**self.schedule.learnt, **learnt})
        self.boxes.count_changes(self.fresh)

    def _import_again(self, name: str) -> None:
        """A module whose file came back, and that nothing on disk imports but the notebook knows."""
        if name not in sys.modules:
            with contextlib.suppress(Exception):  # then it stays away
                importlib.import_module(name)
                self.recorder.enters(self.records[name])
                self.imported_again.append(name)

    # -- one statement

    def _next(self) -> None:
        """Begins the replay of the statement's module, unless it has begun."""
        name, index = self.schedule.pop()
        record = self.records.get(name)
        if record is None:
            return
        cursor = self.cursors.get(name)
        if cursor is not None and cursor.opened:
            if index < cursor.at:
                return
            if index > cursor.at:
                return  # its turn comes: an open cursor goes on by itself
            self._step(cursor)
            return
        if cursor is None:
            if not record.traced or record.unit is None:
                return
            traces = materialise(record)
            trace = traces[index]
            why = self._validity.why_not(record, trace, closed=True)
            if why is None:
                self._propagation.on_kept(record, trace)
                return
            cursor = self.cursors[name] = Cursor(record, record.unit, None, traces)
            self.saved.save(record)
        elif cursor.first is None or index < cursor.first:
            stands = cursor.old_trace(cursor.steps[index])
            assert stands is not None
            if self._validity.why_not(record, stands, closed=True) is None:
                self._propagation.on_kept(record, stands)
                return
        self._opening.open(cursor, index)
        if cursor.at < len(cursor.steps):
            self._step(cursor)

    def _step(self, cursor: Cursor) -> None:
        """The statement at which an open cursor stands."""
        record = cursor.record
        step = cursor.steps[cursor.at]
        self._incoming.write(record, self.schedule.key(record, step.index))
        cursor.arrive(step.index)
        old = cursor.old_trace(step)
        if old is None or step.how not in (SAME, BODY):
            why: str | None = NEW if old is None and cursor.olds is not None else step.how
            if cursor.olds is None:
                why = ASKED if record.name in self.requested else UNWATCHED
        else:
            why = self._validity.why_not(record, old, closed=False)
        if why is None and old is not None:
            cursor.take(step, old)
            if old.more is not None and old.more.standin is not MISSING:
                sys.modules[record.name] = old.more.standin
            self._propagation.on_kept(record, old)
        else:
            try:
                self._execute(cursor, step, old, why or "")
                self._come_later(record, step)
            except Exception as error:
                self._come_later(record, step)
                makers: set[Trace] = set()
                if old is not None and not isinstance(error, (SyntaxError, ImportError)):
                    makers = makers_of_what_it_reads(old, self.records.values())
                if makers - self.schedule.forced:
                    raise Again(makers | self.schedule.forced, self.schedule.learnt) from error
                if record.entry or isinstance(error, (SyntaxError, AutoeggError)):
                    raise
                self.cursors.pop(record.name).at = END
                self.removal.fail(record.name, error)
                return
        cursor.at += 1
        if cursor.at < len(cursor.steps):
            self.schedule.add(record, cursor.at)

    def _is_loading(self, record: Record) -> None:
        """A module that was not there before is imported: what it imports itself has to stand before it."""
        for statement in record.unit.statements if record.unit is not None else ():
            self._imported.update(named(record, statement))

    def _come_later(self, record: Record, step: Step) -> None:
        """Raises Again where the statement has imported a new module that uses one whose turn was still to come."""
        imported, self._imported = self._imported, set()
        learnt = self.schedule.imports_out_of_turn(record, step.index, imported)
        if learnt:
            raise Again(self.schedule.forced, {**self.schedule.learnt, **learnt})

    def _execute(self, cursor: Cursor, step: Step, old: Trace | None, why: str) -> None:
        record = cursor.record
        statement = cursor.unit.statements[step.index]
        self.attempted = Execution(record.name, statement.start[0], why, shown(cursor.unit.text(step.index)))
        self.executed.append(self.attempted)
        if statement.kind == HEAVY:
            self.ran_code.add(record.name)
        pool = pool_of([old] if old is not None else [])
        self._set_the_scene(cursor, step, old)
        code, known = cursor.unit.code(step.index), self.recorder.boxes.count
        self._successors.begin(cursor, pool)
        hidden = self.subclasses.arrange(cursor, step, old)
        try:
            trace = self.recorder.observer.execute(record, statement, code)
        finally:
            self._successors.end()
            for cls, bases in hidden:
                with contextlib.suppress(TypeError):
                    cls.__bases__ = bases
        self.fresh.append(trace)
        self.schedule.has_run(trace, step.index)
        cursor.news[step.index] = trace
        if step.how != SAME:
            self.edited |= {(record.name, name) for name in trace.writes}
        if any(map(is_class, trace.writes.values())):
            self.subclasses.there_is_another()
        self._successors.settle_names(cursor, trace, old=old, pool=pool, known=known)
        self.boxes.forget_making(trace)
        self._propagation.on_result(record, trace, old)

    def _set_the_scene(self, cursor: Cursor, step: Step, old: Trace | None) -> None:
        """Whatever the statement may look at is what it is at this point of a fresh import."""
        place = self.schedule.key(cursor.record, step.index)
        self._incoming.take_back()
        self.boxes.go_live()
        self._withdrawal.withdraw(old, replaced=True)
        self._propagation.forget_computed()
        anew = old is not None and self._validity.ran_something_else(cursor.record, old)
        self._successors.compare_classes(cursor, step, old, anew)
        if asks_by_text(cursor.unit.code(step.index)):
            self._opening.open_under_way(place)
        self.boxes.reach(cursor, step, old)
        self._incoming.write_all(place)
        self.boxes.forward(place)

    # -- afterwards

    def release(self) -> list[Any]:
        """Let go of all that it held: its parts refer to one another, so that replaced objects would live until the garbage collector runs.

        Returns what statements that are gone had made, and what objects have held that hold something else now.
        """
        states = [
            *(names for _, names in self.settling.merged.values()),
            *(state for _, _, state in self.settling.adopted.values()),
            *self.settling.refilled,
            *(was for _, was in self.recorder.changes.changed.values()),
            *self.boxes.states_before(),
        ]
        former: list[Any] = []
        for state in states:
            former += state if type(state) is list else [*state, *state.values()]
        del states
        for trace in self.dead:
            former += trace.writes.values()
            if trace.more is not None:
                former += [made for several in trace.more.made.values() for made in several]
            trace.reads, trace.writes, trace.more = [], {}, None
        self.cursors.clear()
        for part in self._parts:
            vars(part).clear()
        self.recorder.changes.forget()
        return former

    # -- it cannot be

    def roll_back(self) -> None:
        """Everything as it was before ``run``."""
        for name in set(sys.modules) - self._before:
            record = self.records.get(name)
            if record is not None:
                self.recorder.forget(name)
                del sys.modules[name]
                parent, _, leaf = name.rpartition(".")
                holder = getattr(sys.modules.get(parent), "__dict__", {})
                if holder.get(leaf) is record.module:
                    del holder[leaf]
        for undo in reversed(self.journal):
            undo()
        self.settling.members.undo()
        self.removal.roll_back()
        self._withdrawal.roll_back()
        for trace in self.fresh:
            trace.dead = True
        self.saved.roll_back(self.cursors)
        self.boxes.roll_back()
        self.recorder.versions.clear()
        self.recorder.versions.update(self._versions)
        self.readers.forget()


def shown(text: str) -> str:
    """A statement's first line for messages, without decorators."""
    lines = [line.strip() for line in text.splitlines()]
    return next((line for line in lines if not line.startswith("@")), lines[0])
