"""Ordered replay: results of unchanged statements are kept; the others run, each at its place in the order of a fresh import."""

from __future__ import annotations

import _abc
import abc
import ast
import contextlib
import importlib
import linecache
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from importlib.machinery import ModuleSpec
from types import CodeType, FunctionType, GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import Any

from ...errors import AutoeggError
from .. import progress
from ..inspection import ATOMIC, class_dict, home, identity, instance_dict, is_class, is_function, type_home
from ..observe.boxes import Box, class_state, read, same, same_state
from ..observe.files import signature
from ..observe.marks import SPECIAL
from ..observe.recorder import Recorder
from ..observe.trace import MISSING, SYSTEM_NAMES, Record, Trace
from ..plan.definitions import (
    classes_made_by,
    definitions,
    former_names,
    is_decorated,
    is_own_definition,
    is_successor,
    pool_of_names,
)
from ..plan.order import END, Position
from ..plan.pairing import BODY, SAME, Step, pair
from ..plan.readers import Readers
from ..plan.traces import absolute, hold_codes, is_module, live_codes, materialise
from ..report.report import ASKED, BLIND, KIN, NEW, UNWATCHED, WORLD, Execution
from ..settle.consequences import NUMBA, Consequences
from ..settle.dependents import Dependents
from ..settle.jitted import renew
from ..settle.layout import PLAIN_METACLASSES
from ..settle.recode import Recoding
from ..settle.settling import Detached, Settling
from ..settle.tombstones import Graves
from ..source.bytecode import all_nested, asks_by_text, nested
from ..source.class_bodies import differ_in_methods_only, unchanged_attributes
from ..source.statements import HEAVY, LIGHT, Statement
from ..source.unit import Unit
from .cursor import Cursor
from .incoming import Incoming
from .live_boxes import LiveBoxes
from .names import assign, replace_names
from .schedule import Schedule

UNKNOWN: Any = object()


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
        self.units = units
        self.whole = set(whole)
        self.gone = set(gone)
        self.journal: list[Callable[[], None]] = []
        self.settling = Settling(lambda name: name in self.records or name in self.gone, self.journal)
        self.settling.made_alike = self._made_alike
        self.recoding = Recoding(self.journal, recorder.ran_by)  # type: ignore[arg-type]
        self.cursors: dict[str, Cursor] = {}
        self.schedule = Schedule(self.records, self.cursors, forced=forced, learnt=learnt)
        self.incoming = Incoming(
            records=self.records, cursors=self.cursors, schedule=self.schedule, journal=self.journal
        )
        self.boxes = LiveBoxes(recorder, self.schedule)
        self.saved: dict[str, tuple[ModuleType, dict[str, Any]]] = {}
        self.handed_on: dict[str, list[str] | None] = {}
        """Module -> what its ``__all__`` held before the replay; the list itself may be refilled."""
        self.taken: list[tuple[Trace, Statement, bool, list[CodeType] | None]] = []
        self.executed: list[Execution] = []
        self.attempted: Execution | None = None
        """The statement that runs, or has raised."""
        self.anew: frozenset[str] = frozenset()
        """Modules that were requested to run as a whole: none of their run-time changes stay."""
        self.ran_code: set[str] = set()
        """Modules of which statements ran that can run anybody's code."""
        self.dead: list[Trace] = []
        self.fresh: list[Trace] = []
        self.gone_records: dict[str, Record] = {}
        self._before = set(sys.modules)
        self._versions = dict(recorder.versions)
        self._pools: dict[str, dict[str, list[Any]]] = {}
        self.batch: list[Record] = []
        """Modules that were imported on the way."""
        self.looked_at: set[Trace] = set()
        """Statements to be compared with what they read."""
        self._pool: tuple[Cursor, dict[str, list[Any]]] | None = None
        self._intact: dict[str, tuple[Record, dict[str, Any], dict[str, Any], list[tuple[Trace, str]]]] = {}
        """Module -> (it, its names, those that statements had made, writes into it) before any was replayed."""
        self._touched_names: set[tuple[str, str]] = set()
        self.hidden: list[tuple[type, tuple[type, ...]]] = []
        self.marks: dict[str, dict[str, tuple[Any, Any]]] = {}
        """Module -> its marks as the import before had left them."""
        self.failed: dict[str, str] = {}
        """Module that only others import, and that raises now -> what it raises."""
        self.returned: list[str] = []
        """Modules whose file has returned."""
        self.imported_again: list[str] = []
        self.reread: list[CodeType] = []
        """Functions that have read a file which has changed."""
        self.edited: set[tuple[str, str]] = set()
        """(module, name) bound by statements whose text has changed."""
        self._dependents = Dependents(self.records, recorder.caches)
        self._forgotten = (0, 0)
        """How many names and functions had changed when caches were last looked at."""
        self._start = recorder.clock

    # -- the whole

    def run(self) -> None:
        self.recorder.changed_boxes = {}
        for name in [*self.units, *self.whole]:
            record = self.records[name]
            self._save(record)
            self._plan(record)
        for cursor in list(self.cursors.values()):
            self._begin(cursor)
        self.recoding.apply([self.records[name] for name in self.units if name not in self.whole])
        whole = {name: (self.records[name], self.cursors[name].unit) for name in self.whole}
        for code in self.recoding.apply_by_name(whole):
            self._ran(code, "a function that it ran is gone")
        for code in self.recoding.changed:
            self._ran(code, "a function that it ran has changed")
        self._remove_gone()
        self._expect_late()
        self.schedule.add_forced()
        if self.gone or any(cursor.reorders for cursor in self.cursors.values()):
            self.boxes.reorder()
        self.batch = self.recorder.open()
        self.recorder.settle = self._settle
        for trace in self.looked_at:
            self.schedule.add_trace(trace)
        try:
            self._forget_computed()
            while self.schedule:
                self._next()
            for name in self.returned:
                self._import_again(name)
            for cursor in self.cursors.values():
                if cursor.opened:
                    cursor.arrive(len(cursor.steps))
            self.incoming.write_all((END,))
        finally:
            self.recorder.settle = None
            self.recorder.close()
        self.boxes.forward_to_the_end()
        late, learnt = self._late(), self.schedule.imports_found_late(self.fresh)
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
        self._save(record)
        was = (record.path, record.package)
        self.recorder.forget(record.name)
        record.path, record.package = os.path.abspath(spec.origin or record.path), spec.parent or ""
        self.recorder.add(record)
        self.journal.append(lambda: self._put_back(record, *was))
        namespace = record.module.__dict__
        namespace.update(
            __spec__=spec, __loader__=spec.loader, __file__=record.path, __package__=record.package
        )
        namespace.pop("__cached__", None)
        if spec.submodule_search_locations is not None:
            namespace["__path__"] = spec.submodule_search_locations
        else:
            namespace.pop("__path__", None)

    def _put_back(self, record: Record, path: str, package: str) -> None:
        self.recorder.forget(record.name)
        record.path, record.package = path, package
        self.recorder.add(record)

    def _save(self, record: Record) -> None:
        if record.name not in self.saved:
            self.marks[record.name] = dict(record.marks)
            intact = self._intact.get(record.name)
            names = intact[1] if intact is not None and intact[0] is record else record.module.__dict__
            self.saved[record.name] = (record.module, dict(names))
            listed: Any = record.module.__dict__.get("__all__")
            self.handed_on[record.name] = list(listed) if type(listed) in (list, tuple) else None

    def _plan(self, record: Record) -> None:
        name = record.name
        if name in self.whole:
            unit = self.units.get(name) or record.unit
            assert unit is not None
            cursor = self.cursors[name] = Cursor(record, unit, None, None)
            self._pools[name] = pool_of_names(record)
            return
        unit, former = self.units[name], record.unit
        assert former is not None
        traces = materialise(record)
        hold_codes(record)
        pairing = pair(former, unit, [(trace.code, trace.codes or ()) for trace in traces])
        cursor = self.cursors[name] = Cursor(record, unit, pairing, traces)
        for step in cursor.steps:
            self._recode(record, cursor, step)
        pool = self._pools[name] = {}
        for index in pairing.removed:
            for key, obj in definitions(traces[index]):
                pool.setdefault(key, []).append(obj)

    def _begin(self, cursor: Cursor) -> None:
        record = cursor.record
        for index in cursor.removed:
            for code in live_codes(record, index):
                for function in (code, *all_nested(code)):
                    self._ran(function, "a function that it ran is gone")
            self._make_registries_anew(cursor, index)
        for step in cursor.steps:
            old = step.old if step.how == KIN else None
            if (
                old is not None
                and self._registries(cursor, old)
                and self._is_decorated_otherwise(cursor, step)
            ):
                self._make_registries_anew(cursor, old)
        if cursor.first is not None:
            self.schedule.add(record, cursor.first)

    @staticmethod
    def _is_decorated_otherwise(cursor: Cursor, step: Step) -> bool:
        assert cursor.record.unit is not None and step.old is not None
        old, new = (
            [ast.dump(decorator) for decorator in getattr(tree, "decorator_list", ())]
            for tree in (cursor.record.unit.tree(step.old), cursor.unit.tree(step.index))
        )
        return bool(old) and old != new

    def _make_registries_anew(self, cursor: Cursor, index: int) -> None:
        """A definition that decorators registered with an object of another package (a command, a route, a receiver) is gone.

        What such an object keeps cannot be taken back, so the statement that created it runs again, and after it everything that
        registers with it.
        """
        assert cursor.olds is not None
        for maker in self._statements_that_bound(self._registries(cursor, index)) - {cursor.olds[index]}:
            self.schedule.force(maker, "what was registered with the object that it makes is gone")

    def _registries(self, cursor: Cursor, index: int) -> list[Any]:
        """Objects of other packages that decorated definitions of a statement may have been registered with."""
        assert cursor.olds is not None
        trace = cursor.olds[index]
        if trace.more is None or not trace.more.made:
            return []
        return [
            value
            for value in trace.reads
            if not (value is MISSING or is_module(value) or is_class(value) or is_function(value))
            and instance_dict(value) is not None
            and self.recorder.boxes.kind(value) is None
            and not self.settling.owned(type_home(value))
        ]

    def _recode(self, record: Record, cursor: Cursor, step: Step) -> None:
        """Functions of an unchanged statement get the new code, or move to other lines."""
        if step.old is None:
            return
        assert record.unit is not None
        trace = cursor.olds[step.old]  # type: ignore[index]
        lines = cursor.unit.statements[step.index].start[0] - record.unit.statements[step.old].start[0]
        codes: list[CodeType] | None = None
        moved = False
        if step.how == SAME and self._compiles_otherwise(cursor, record.unit, step):
            codes = self.recoding.note(
                live_codes(record, step.old), nested(cursor.unit.code(step.index)), trace.moved, same=True
            )
        elif step.how == SAME:
            if lines:
                codes = self.recoding.move(live_codes(record, step.old), lines, trace.moved)
                moved = True
        else:
            codes = self.recoding.note(
                live_codes(record, step.old), nested(cursor.unit.code(step.index)), trace.moved
            )
        if step.how in (SAME, BODY):
            self.taken.append((trace, cursor.unit.statements[step.index], moved, codes))

    @staticmethod
    def _compiles_otherwise(cursor: Cursor, former: Unit, step: Step) -> bool:
        """Names of modules are compiled in another way than other names (``Unit._imported_names``)."""
        names = cursor.unit.imported ^ former.imported
        text = cursor.unit.text(step.index) if names else ""
        return any(f"{name}." in text for name in names)

    def _remove_gone(self) -> None:
        for name in sorted(self.gone):
            if name in self.records:
                self._remove(name)

    def _remove(self, name: str) -> None:
        self._note_intact()
        record = self.records[name]
        self._save(record)
        self.gone_records[name] = record
        self.recorder.forget(name)
        sys.modules.pop(name, None)
        parent, _, leaf = name.rpartition(".")
        holder = sys.modules.get(parent)
        if holder is not None and holder.__dict__.get(leaf) is record.module:
            self._save_module(parent)
            del holder.__dict__[leaf]
        for key in [*record.end, ""]:
            self._touch(name, key)
        for trace in record.traces:
            if trace is not None:
                self._drop(trace)

    def _save_module(self, name: str) -> None:
        record = self.records.get(name)
        if record is not None:
            self._save(record)

    # -- the order

    def _next(self) -> None:
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
            why = self._invalid(record, trace, closed=True)
            if why is None:
                self._pass_on(record, trace)
                return
            cursor = self.cursors[name] = Cursor(record, record.unit, None, traces)
            self._save(record)
        elif cursor.first is None or index < cursor.first:
            stands = cursor.old_trace(cursor.steps[index])
            assert stands is not None
            if self._invalid(record, stands, closed=True) is None:
                self._pass_on(record, stands)
                return
        self._open(cursor, index)
        if cursor.at < len(cursor.steps):
            self._step(cursor)

    def _note_intact(self) -> None:
        if not self._intact:
            for record in self.records.values():
                names = dict(record.module.__dict__), dict(record.end), list(record.incoming)
                self._intact[record.name] = (record, *names)

    def end_before(self, record: Record) -> dict[str, Any]:
        """What statements had made of a module's names before the replay."""
        known = self._intact.get(record.name)
        return known[2] if known is not None and known[0] is record else dict(record.end)

    def _open(self, cursor: Cursor, index: int) -> None:
        record = cursor.record
        self._note_intact()
        progress.doing(f"running {record.name}")
        if cursor.olds is None:
            namespace = record.module.__dict__
            for name in list(namespace):
                value = namespace[name]
                if name not in SYSTEM_NAMES and not (
                    is_module(value) and sys.modules.get(f"{record.name}.{name}") is value
                ):
                    del namespace[name]
            namespace["__doc__"] = None
            cursor.start_annotations({})
            cursor.opened = True
            for trace in record.traces:
                self._drop(trace, replaced=True)
            return
        cursor.arrivals = self._arrivals(cursor)
        cursor.rewind(index)
        self.incoming.begin(record, self.schedule.key(record, index))
        for old in cursor.removed:
            self._forget_statement(cursor, cursor.olds[old])

    def _open_under_way(self, place: Position) -> None:
        """Modules that wait for an import have, so far, only the names that they had bound at that point."""
        for name, index in list(self.schedule.order.under_way(place)):
            record = self.records.get(name)
            cursor = self.cursors.get(name)
            if (
                record is None
                or not record.traced
                or record.unit is None
                or (cursor is not None and cursor.opened)
            ):
                continue
            if cursor is None:
                cursor = self.cursors[name] = Cursor(record, record.unit, None, materialise(record))
                self._save(record)
            self._open(cursor, index)
            self.schedule.add(record, index)

    def _arrivals(self, cursor: Cursor) -> dict[int, dict[str, ModuleType]]:
        package, found = cursor.record, dict[int, dict[str, ModuleType]]()
        if "__path__" not in package.module.__dict__:
            return found
        inside = [name for name in self.records if name.rpartition(".")[0] == package.name]
        for name in sorted(inside, key=lambda name: self.schedule.order.key(name, 0) or (END,)):
            index = self.schedule.order.arrival(package.name, name)
            if sys.modules.get(name) is self.records[name].module:
                attributes = found.setdefault(len(cursor.steps) if index is None else index, {})
                attributes[name.rpartition(".")[2]] = sys.modules[name]
        for name, value in package.module.__dict__.items():
            full = f"{package.name}.{name}"
            if is_module(value) and sys.modules.get(full) is value and full not in self.records:
                found.setdefault(0, {})[name] = sys.modules[full]
        return found

    def _forget_statement(self, cursor: Cursor, trace: Trace) -> None:
        """It is no longer in the text: what it did elsewhere is undone, and statements that read its names are checked again."""
        self._drop(trace)
        for name, value in trace.writes.items():
            if (
                is_own_definition(cursor.record.name, name, value)
                and is_class(value)
                and self._somebody_asks()
            ):
                self._hide(value)
            self._touch(cursor.record.name, name)

    # -- one statement

    def _step(self, cursor: Cursor) -> None:
        record = cursor.record
        step = cursor.steps[cursor.at]
        self.incoming.write(record, self.schedule.key(record, step.index))
        cursor.arrive(step.index)
        old = cursor.old_trace(step)
        if old is None or step.how not in (SAME, BODY):
            why: str | None = NEW if old is None and cursor.olds is not None else step.how
            if cursor.olds is None:
                why = ASKED if record.name in self.anew else UNWATCHED
        else:
            why = self._invalid(record, old, closed=False)
        if why is None and old is not None:
            cursor.take(step, old)
            if old.more is not None and old.more.standin is not MISSING:
                sys.modules[record.name] = old.more.standin
            self._pass_on(record, old)
        else:
            try:
                self._execute(cursor, step, old, why or "")
            except Exception as error:
                makers = (
                    self._makers(cursor, step, old)
                    if not isinstance(error, (SyntaxError, ImportError))
                    else set()
                )
                if makers - self.schedule.forced:
                    raise Again(makers | self.schedule.forced, self.schedule.learnt) from error
                if record.entry or isinstance(error, (SyntaxError, AutoeggError)):
                    raise
                self._fail(record, error)
                return
        cursor.at += 1
        if cursor.at < len(cursor.steps):
            self.schedule.add(record, cursor.at)

    def _makers(self, cursor: Cursor, step: Step, old: Trace | None) -> set[Trace]:
        """The statements that made the objects which one that has failed reads: they may remember its first run."""
        if old is None:
            return set()
        values = [
            value
            for value in old.reads
            if not (value is MISSING or is_module(value) or is_function(value) or type(value) in ATOMIC)
            and not (is_class(value) and type(value) is type)
        ]
        return self._statements_that_bound(values) - {old}

    def _statements_that_bound(self, values: Collection[Any]) -> set[Trace]:
        """Statements that made one of these objects; imports, which only hand them on, are none."""
        wanted = set(map(identity, values))
        return {
            trace
            for record in (self.records.values() if wanted else ())
            for trace in record.traces
            if trace is not None
            and trace.statement.kind != LIGHT
            and not trace.dead
            and not wanted.isdisjoint(map(identity, trace.writes.values()))
        }

    def _fail(self, record: Record, error: Exception) -> None:
        """A module that only others import raises: it does not exist, and the modules that import it decide what that means."""
        name = record.name
        self.failed[name] = f"{type(error).__name__}: {error}"
        self.gone.add(name)
        self.cursors.pop(name).at = END
        self._remove(name)

    def _is_gone(self, name: str) -> bool:
        return name in self.gone and name not in self.records

    def _invalid(self, record: Record, trace: Trace, closed: bool) -> str | None:
        """Why a statement has to run again; None: it need not. ``closed``: the module's own names are as they were."""
        if trace in self.schedule.forced:
            return self.schedule.reasons.get(identity(trace), "what it looked at has changed")
        statement, stamp, versions = trace.statement, trace.stamp, self.recorder.versions
        loud = statement.kind == HEAVY or (statement.kind != LIGHT and trace.more is not None)
        namespace = record.module.__dict__
        for name, value in zip(statement.loads, trace.reads, strict=False):
            now = value if closed else namespace.get(name, MISSING)
            if not same(now, value):
                return f"{name} is a different object"
            if loud and versions.get(identity(now), 0) > stamp:
                return f"{name} has changed"
        for level, module, names, _ in statement.imports:
            target = absolute(record.package, level, module)
            if self._is_gone(target):
                return f"{target} is gone"
            if names is None or statement.kind != LIGHT:
                continue
            for name, bound in names:
                now = self._current(target, name)
                if now is UNKNOWN:
                    continue
                if now is MISSING:
                    now = sys.modules.get(f"{target}.{name}", MISSING)
                if not same(now, trace.writes.get(bound, MISSING)):
                    return f"{target}.{name} is a different object"
        for name, attribute in statement.attributes if statement.kind != HEAVY else ():
            holder: Any = namespace.get(name)
            if is_module(holder) and holder.__name__ in self.records:
                value = self._current(holder.__name__, attribute)
                if (
                    value is not UNKNOWN
                    and value is not MISSING
                    and versions.get(identity(value), 0) > stamp
                    and loud
                ):
                    return f"{name}.{attribute} has changed"
        more = trace.more
        if more is None:
            return None
        for other, names_read, values in more.function_reads:
            if self._is_gone(other):
                return f"{other} is gone"
            if closed and other == record.name:
                found = values
            else:
                found = [self._current(other, name) for name in names_read]
            for name, now, value in zip(names_read, found, values, strict=True):
                if now is UNKNOWN:
                    continue
                if not same(now, value):
                    if other == record.name and name in statement.binds:
                        return f"{name}, which it may bind, is a different object"
                    return f"{other}.{name}, which a function that it ran reads, is a different object"
                if versions.get(identity(now), 0) > stamp:
                    return f"{other}.{name}, which a function that it ran reads, has changed"
        for (other, name), value in more.attributes.items():
            if self._is_gone(other):
                return f"{other} is gone"
            now = self._current(other, name)
            if now is MISSING and value is not MISSING and "__getattr__" in self._names(other):
                continue
            if now is not UNKNOWN and not same(now, value):
                return f"{other}.{name} is a different object"
            if now is not UNKNOWN and versions.get(identity(now), 0) > stamp:
                return f"{other}.{name} has changed"
        for other, names_then in more.whole.items():
            if closed and other == record.name:
                if any(versions.get(identity(value), 0) > stamp for value in names_then.values()):
                    return f"what a name of {other} means has changed"
                continue
            if not self._same_names(other, names_then, stamp):
                return f"the names of {other} have changed"
        if more.unknown and (self.recoding.changed or self.executed):
            return BLIND
        if more.world and self.executed:
            return WORLD
        for path, was in more.files.items():
            if signature(path) != was:
                return f"{os.path.basename(path)} has changed"
        if more.environment is not None and more.environment != dict(os.environ):
            return "the environment has changed"
        if any(map(self._is_gone, more.needs)):
            return "a module that it loaded is gone"
        for box, count in more.looked_into:
            if self.boxes.differs(box, count, record, trace):
                return f"what a {type(box.obj).__name__} within its reach holds has changed"
        return None

    def _names(self, module: str) -> dict[str, Any]:
        record = self.records.get(module)
        return record.module.__dict__ if record is not None else {}

    def _current(self, module: str, name: str) -> Any:
        """What a name of a library module means at this point; UNKNOWN: it is not one of the libraries'."""
        record = self.records.get(module)
        if record is None:
            return UNKNOWN
        cursor = self.cursors.get(module)
        if name in SYSTEM_NAMES:
            return record.module.__dict__.get(name, MISSING)
        if (cursor is not None and cursor.opened) or not record.traced or record.loading:
            self.incoming.write(record, self.schedule.now)
            return record.module.__dict__.get(name, MISSING)
        return self.incoming.names_by_now(record).get(name, MISSING)

    def _same_names(self, module: str, then: dict[str, Any], stamp: int) -> bool:
        record = self.records.get(module)
        if record is None:
            return False
        cursor = self.cursors.get(module)
        now: Mapping[str, Any]
        if cursor is not None and cursor.opened:
            self.incoming.write(record, self.schedule.now)
            now = {key: value for key, value in record.module.__dict__.items() if key not in SYSTEM_NAMES}
        else:
            now = self.incoming.names_by_now(record)
        versions = self.recorder.versions
        for key, value in then.items():
            if key not in now or not same(now[key], value) or versions.get(identity(value), 0) > stamp:
                return False
        if cursor is not None and cursor.opened:
            return len(now) == len(then)
        return True

    def _execute(self, cursor: Cursor, step: Step, old: Trace | None, why: str) -> None:
        record = cursor.record
        statement = cursor.unit.statements[step.index]
        self.attempted = Execution(record.name, statement.start[0], why, shown(cursor.unit.text(step.index)))
        self.executed.append(self.attempted)
        if statement.kind == HEAVY:
            self.ran_code.add(record.name)
        pool: dict[str, list[Any]] = {}
        if old is not None:
            for key, obj in definitions(old):
                pool.setdefault(key, []).append(obj)
        self.incoming.take_back()
        self.boxes.go_live()
        self._drop(old, replaced=True)
        self._forget_computed()
        self._compare_classes(cursor, step, old)
        if asks_by_text(cursor.unit.code(step.index)):
            self._open_under_way(self.schedule.key(record, step.index))
        self.boxes.reach(cursor, step, old)
        place = self.schedule.key(record, step.index)
        self.incoming.write_all(place)
        self.boxes.forward(place)
        code = cursor.unit.code(step.index)
        known = self.recorder.boxes.count
        self._pool = (cursor, pool)
        later = self._arrange_subclasses(cursor, step, old)
        try:
            trace = self.recorder.execute(record, cursor.unit.statements[step.index], code)
        finally:
            self._pool = None
            for cls, bases in later:
                cls.__bases__ = bases
        self.fresh.append(trace)
        self.schedule.has_run(trace, step.index)
        cursor.news[step.index] = trace
        if step.how != SAME:
            self.edited |= {(record.name, name) for name in trace.writes}
        if any(map(is_class, trace.writes.values())):
            self._look_at_the_world()
        self._settle_names(cursor, trace, old, pool, known)
        self.boxes.forget_making(trace)
        self._compare(cursor, trace, old)

    def _forget_computed(self) -> None:
        """What ``lru_cache`` and numba hold of functions that have changed, or read what has: the statement may call them."""
        known = (len(self._touched_names), len(self.recoding.changed))
        if known == self._forgotten:
            return
        self._forgotten = known
        pairs = self.recoding.pairs
        changed = [pairs[identity(code)][1] for code in self.recoding.changed if identity(code) in pairs]
        for cache in self._dependents.of(self._touched_names, changed):
            cache.cache_clear()
            # Statements may have had results from it without running anything.
            self.recorder.clock += 1
            self.recorder.versions[identity(cache)] = self.recorder.clock
            self._touch(cache.__module__, cache.__qualname__)
        if NUMBA in sys.modules:
            renew(Consequences(self.records, changed, self._touched_names), self.records.keys())

    def _compare_classes(self, cursor: Cursor, step: Step, old: Trace | None) -> None:
        """Attributes of a class whose own words are the same keep their objects, and what the run did to those."""
        if old is None or old.statement.kind == LIGHT or step.old is None or cursor.record.unit is None:
            return
        if not cursor.unit.is_class(step.index) or not any(map(_has_more_than_methods, old.writes.values())):
            return
        now = cursor.unit.tree(step.index)
        former = now if step.how == SAME else cursor.record.unit.tree(step.old)
        if not isinstance(now, ast.ClassDef):
            return
        place = (cursor.record.name, now.name)
        if step.how != SAME and differ_in_methods_only(former, now):
            self.settling.methods_only.add(place)
        reads = dict(zip(old.statement.loads, old.reads, strict=False))
        attributes = unchanged_attributes(former, now)
        kept = set(attributes)
        for name, loads in attributes.items():
            for load in loads:
                value = cursor.value(load)
                inside = load in attributes
                if not inside and (
                    not same(reads.get(load, MISSING), value)
                    or self.recorder.versions.get(identity(value), 0) > old.stamp
                ):
                    kept.discard(name)
        if step.how == SAME:  # it runs again because of what it reads: what it makes of that is new
            names = former_names(old, now.name)
            kept = {name for name in kept if type(names.get(name)) in PLAIN}
        self.settling.kept[place] = kept

    def _settle(self, key: str, new: Any) -> Any:
        """Asked by the hidden decorator."""
        if self._pool is None:
            return new
        cursor, pool = self._pool
        return self._settled(cursor, pool, key, new)

    def _settled(self, cursor: Cursor, pool: dict[str, list[Any]], key: str, new: Any) -> Any:
        waiting = pool.get(key) or self._pools.get(cursor.record.name, {}).get(key)
        old = waiting.pop(0) if waiting else None
        if old is None and not key.partition("|")[0].count("."):
            buried = self.graves.raise_(cursor.record.name, (key,))
            if buried is not None:
                self.journal.append(lambda: self.graves.lay(cursor.record.name, (key,), buried))
                old = buried
        counts = len(self.settling.merged), len(self.settling.adopted)
        made = self.settling.settle(old, new)
        self._remade_with(made, *counts)
        self.recorder.boxes.classes_changed()
        if old is not None and is_class(old) and made is not old and self._somebody_asks():
            self._hide(old)
        if made is not new:
            self._remade(made)
        return made

    def _remade_with(self, made: Any, merged: int, adopted: int) -> None:
        """Classes inside a class and its methods are settled with it. ``merged``, ``adopted``: how many had been before."""
        classes = [cls for cls, _ in list(self.settling.merged.values())[merged:]]
        functions = [function for function, _, _ in list(self.settling.adopted.values())[adopted:]]
        for inner in (*classes, *functions):
            if inner is not made:
                self._remade(inner)

    def _remade(self, obj: Any) -> None:
        """An old object that has become what a statement recreated: its present content is its initial content."""
        box = self.recorder.boxes.of(obj)
        if box is not None:
            self.boxes.is_made_again(box, self._before_settling(box))

    def _made_alike(self, old: Any, new: Any) -> bool:
        kind = self.recorder.boxes.kind(new)
        box = self.recorder.boxes.of(old)
        if type(old) not in (dict, list, set) or kind is None:
            return True
        return box is not None and not box.log and same_state(box.base, read(new, kind))

    def _before_settling(self, box: Box) -> Any:
        number = identity(box.obj)
        if number in self.settling.merged:
            return class_state(self.settling.merged[number][1])
        if number in self.settling.adopted:
            return self.settling.adopted[number][2]
        return None

    def _somebody_asks(self) -> bool:
        """For all subclasses."""
        return any(not trace.dead for trace in self.recorder.worldly)

    def _hide(self, cls: type) -> None:
        """A class that a fresh process would not have is no subclass of its bases while a statement asks for those."""
        bases = cls.__bases__
        if bases == (Detached,):
            return
        try:
            cls.__bases__ = (Detached,)
        except TypeError:  # another memory layout
            return
        self.hidden.append((cls, bases))

    def _arrange_subclasses(
        self, cursor: Cursor, step: Step, old: Trace | None
    ) -> list[tuple[type, tuple[type, ...]]]:
        """For a statement that asks for all subclasses: it gets those that a fresh process has at that point, in its order.

        Returns those that come later, which are to get their bases again.
        """
        code = cursor.unit.code(step.index)
        asks = any("__subclasses__" in part.co_names for part in (code, *all_nested(code)))
        if not asks and not (old is not None and old.more is not None and old.more.subclasses):
            return []
        made: dict[int, tuple[Position, type]] = {}
        for trace in self._traces():
            place = self.schedule.place(trace)
            for value in classes_made_by(trace) if place is not None else ():
                made.setdefault(identity(value), (place, value))  # type: ignore[arg-type]
        bases = {
            base for _, cls in made.values() for base in cls.__bases__ if self.settling.owned(home(base))
        }
        for base in bases:
            subclass: type
            for subclass in type.__subclasses__(base):
                if identity(subclass) not in made and self.settling.owned(home(subclass)):
                    self._hide(subclass)
        key = self.schedule.key(cursor.record, step.index)
        later: list[tuple[type, tuple[type, ...]]] = []
        for place, cls in sorted(made.values(), key=lambda item: item[0]):
            former = cls.__bases__
            if bases.isdisjoint(former):
                continue
            with contextlib.suppress(TypeError):
                cls.__bases__ = (Detached,)
                if place < key:
                    cls.__bases__ = former
                else:
                    later.append((cls, former))
        return later

    def _traces(self) -> Iterator[Trace]:
        """Of all statements that have run, and stand or have yet to be looked at."""
        for record in list(self.records.values()):
            cursor = self.cursors.get(record.name)
            if cursor is not None:
                found: Iterable[Trace | None] = dict.fromkeys([*cursor.news, *(cursor.olds or ())])
            else:
                found = materialise(record) if record.traced and record.unit is not None else record.traces
            for trace in found:
                if trace is not None and not trace.dead:
                    yield trace

    def show_hidden(self) -> None:
        """Those who hold such a class find it as it was."""
        for cls, bases in self.hidden:
            if cls.__bases__ == (Detached,):
                with contextlib.suppress(TypeError):
                    cls.__bases__ = bases
        self.hidden.clear()

    def _look_at_the_world(self) -> None:
        """There is a different class: statements that look at all subclasses are checked again."""
        self.schedule.look_again(self.recorder.worldly)

    def _settle_names(
        self, cursor: Cursor, trace: Trace, old: Trace | None, pool: dict[str, list[Any]], known: int
    ) -> None:
        """Definitions without decorators, and small values that are what they were. ``known``: boxes there were before."""
        record, namespace = cursor.record, cursor.record.module.__dict__
        made = (
            {identity(obj) for objects in trace.more.made.values() for obj in objects}
            if trace.more is not None
            else set()
        )
        before = old.writes if old is not None else self._names_before(cursor, trace)
        for name, value in list(trace.writes.items()):
            if identity(value) in made:
                continue
            if is_own_definition(record.name, name, value) and not is_decorated(trace, name):
                if identity(value) in self.settling.settled:
                    continue
                key = f"{name}||{name in trace.statement.again}"
                settled = self._settled(cursor, pool, key, value)
            elif identity(value) not in self.settling.settled and is_successor(before.get(name), value):
                counts = len(self.settling.merged), len(self.settling.adopted)
                settled = self.settling.settle_wrapper(before[name], value)
                self._remade_with(settled, *counts)
                if settled is not value:
                    self._remade(settled)
            elif (
                old is not None
                and name in old.writes
                and _as_good_as(old.writes[name], value, self.recorder, known)
            ):
                settled = old.writes[name]
            else:
                continue
            if settled is not value:
                trace.writes[name] = settled
                if namespace.get(name) is value:
                    namespace[name] = settled

    def _names_before(self, cursor: Cursor, trace: Trace) -> dict[str, Any]:
        """In a module that runs as a whole: what the names that a statement binds for good meant before."""
        if cursor.olds is not None or cursor.record.name not in self.saved:
            return {}
        names = self.saved[cursor.record.name][1]
        return {
            name: names[name] for name in trace.writes if name in names and name not in trace.statement.again
        }

    def _compare(self, cursor: Cursor, trace: Trace, old: Trace | None) -> None:
        """Whoever read what is something else now has to look again."""
        record, versions = cursor.record, self.recorder.versions
        before = old.writes if old is not None else {}
        for name in {**before, **trace.writes}:
            was, now = before.get(name, MISSING), trace.writes.get(name, MISSING)
            if identity(now) in self.settling.bumped and versions.get(identity(now), 0) <= self._start:
                self.recorder.clock += 1
                versions[identity(now)] = self.recorder.clock
            if not same(was, now) or versions.get(identity(now), 0) > self._start:
                self._touch(record.name, name)
        if trace.more is not None:
            for (module, name), (_, now) in trace.more.foreign.items():
                was = (
                    old.more.foreign.get((module, name), (None, MISSING))[1]
                    if old is not None and old.more
                    else MISSING
                )
                if not same(was, now):
                    self._touch(module, name)
            for box, _ in trace.more.effects:
                self.boxes.has_changed(box)

    def _pass_on(self, record: Record, trace: Trace) -> None:
        """An unchanged statement passes on something whose shape has changed: statements that read it there are checked too."""
        for name, value in trace.writes.items():
            if self.recorder.versions.get(identity(value), 0) > self._start:
                self._touch(record.name, name)

    def _touch(self, module: str, name: str) -> None:
        if (module, name) in self._touched_names:
            return
        self._touched_names.add((module, name))
        for reader, index in self.readers.of(module, name):
            cursor = self.cursors.get(reader.name)
            if reader.name in self.whole:
                continue
            if cursor is not None and cursor.olds is not None:
                index = cursor.place(index)
                if index >= len(cursor.steps):
                    continue
            self.schedule.add(reader, index)
        record = self.records.get(module)
        cursor = self.cursors.get(module)
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
                self.schedule.add(record, at)

    def _ran(self, code: CodeType, why: str) -> None:
        """Statements that ran a function which has changed, or gone, have to run again."""
        known = self.recorder.ran_by.get(identity(code))
        if known is None or known[0] is not code:
            return
        for trace in known[1]:
            if not trace.dead and trace not in self.schedule.forced:
                self.schedule.force(trace, why)

    # -- what a statement did elsewhere

    def _drop(self, trace: Trace | None, replaced: bool = False) -> None:
        if trace is None or trace.dead:
            return
        trace.dead = True
        self.dead.append(trace)
        more = trace.more
        if more is None:
            return
        for (module, name), (was, now) in more.foreign.items():
            record = self.records.get(module)
            if record is None:
                continue
            self._save(record)
            if record.module.__dict__.get(name, MISSING) is now:
                assign(record.module.__dict__, name, was)
            if record.end.get(name, MISSING) is now:
                assign(record.end, name, was)
            if not replaced:
                self._touch(module, name)
        for name in more.texts:  # whoever generates code looks there for a name that is free
            text = linecache.cache.pop(name, None)
            if text is not None:
                self.journal.append(lambda name=name, text=text: linecache.cache.__setitem__(name, text))  # type: ignore[misc]
        for obj, name, was, now in reversed(more.outside):
            if vars(obj).get(name, MISSING) is now:
                self._set_outside(obj, name, was, now)
        if trace.code is not None and "register" in trace.code.co_names:
            self._unregister(trace)
        for box, _ in more.effects:
            self.boxes.lose_change(box)

    def _unregister(self, trace: Trace) -> None:
        """Virtual subclasses that the statement has registered are unregistered (``_abc`` module, Modules/_abc.c)."""
        classes = [value for value in trace.reads if is_class(value)]
        for cls in classes:
            if not issubclass(type(cls), abc.ABCMeta):
                continue
            registered = [found for reference in _abc._get_dump(cls)[0] if (found := reference()) is not None]
            left = [one for one in registered if one not in classes]
            if len(left) < len(registered):
                self._register_only(cls, left)
                self.journal.append(lambda cls=cls, all_=registered: self._register_only(cls, all_))  # type: ignore[misc]

    @staticmethod
    def _register_only(cls: Any, classes: Iterable[type]) -> None:
        _abc._reset_registry(cls)
        _abc._reset_caches(cls)
        for one in classes:
            cls.register(one)

    def _set_outside(self, obj: Any, name: str, was: Any, now: Any) -> None:
        try:
            delattr(obj, name) if was is MISSING else setattr(obj, name, was)
        except (AttributeError, TypeError):
            return
        self.journal.append(lambda: setattr(obj, name, now))

    # -- the end

    def _expect_late(self) -> None:
        """Statements whose annotations name a class whose text has changed: otherwise they cause a second round."""
        classes: set[int] = set()
        for cursor in self.cursors.values():
            if cursor.olds is not None:
                others = [step.old for step in cursor.steps if step.how == KIN and step.old is not None]
                for index in (*others, *cursor.removed):
                    classes.update(
                        identity(value) for value in cursor.olds[index].writes.values() if is_class(value)
                    )
        for trace in self.recorder.deferring if classes else ():
            if trace.dead or trace.more is None or trace in self.schedule.forced:
                continue
            for name, value in trace.more.later.items():
                if identity(value) in classes:
                    self.schedule.expect(trace, f"{name}, which an annotation of it names, has changed")

    def _late(self) -> set[Trace]:
        """Statements whose annotations name what has another meaning now."""
        late: set[Trace] = set()
        for trace in self.recorder.deferring:
            if trace.dead or trace in self.fresh or trace.more is None:
                continue
            names = trace.record.module.__dict__
            for name, value in trace.more.later.items():
                now = names.get(name, MISSING)
                if not same(now, value) or self.recorder.versions.get(identity(now), 0) > max(
                    trace.stamp, self._start
                ):
                    late.add(trace)
        return late - self.schedule.forced

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
        self.show_hidden()
        self.settling.members.undo()
        for name, record in self.gone_records.items():
            self.recorder.forget(name)
            sys.modules[name] = record.module
            self.recorder.add(record)
        for trace in self.dead:
            trace.dead = False
        for trace in self.fresh:
            trace.dead = True
        for name, cursor in self.cursors.items():
            annotations = self.saved[name][1].get("__annotations__") if name in self.saved else None
            if type(annotations) is dict and cursor.opened:
                annotations.clear()
                annotations.update(cursor.annotations_held)
        for record, names, end, incoming in self._intact.values():
            replace_names(record.module.__dict__, names)
            record.end, record.incoming = end, incoming
        for module, namespace in self.saved.values():
            replace_names(module.__dict__, namespace)
            for name in [name for name in module.__dict__ if name not in namespace]:
                del module.__dict__[name]
        for name, marks in self.marks.items():
            if name in self.records:
                self.records[name].marks = marks
        self.boxes.roll_back()
        self.recorder.versions.clear()
        self.recorder.versions.update(self._versions)
        self.readers.forget()


def shown(text: str) -> str:
    """A statement's first line, for people; decorators are not what it is known by."""
    lines = [line.strip() for line in text.splitlines()]
    return next((line for line in lines if not line.startswith("@")), lines[0])


PLAIN = frozenset([dict, list, set, *SPECIAL])


def _has_more_than_methods(value: Any) -> bool:
    """Whether a class has attributes whose identity counts, or a metaclass that looks at them."""
    if not is_class(value):
        return False
    if type(value) not in PLAIN_METACLASSES:
        return True
    return any(type(part) not in _METHODS and key[:2] != "__" for key, part in class_dict(value).items())


_METHODS = frozenset(
    [
        *ATOMIC,
        FunctionType,
        property,
        staticmethod,
        classmethod,
        MemberDescriptorType,
        GetSetDescriptorType,
        type,
    ]
)


def _reads(trace: Trace, module: str, name: str) -> bool:
    assert trace.more is not None
    return (
        any(other == module and name in names for other, names, _ in trace.more.function_reads)
        or (module, name) in trace.more.attributes
        or module in trace.more.whole
    )


def _as_good_as(old: Any, new: Any, recorder: Recorder, known: int) -> bool:
    """A plain container with the same plain content, made just now, which nothing else has changed: the old one lives on."""
    if type(old) is not type(new) or type(old) not in (list, dict, set):
        return False
    made = recorder.boxes.of(new)
    if made is not None and made.number <= known:
        return False
    box = recorder.boxes.of(old)
    if box is not None and box.log:
        return False
    base = box.base if box is not None else None
    kind = recorder.boxes.kind(new)
    if base is None or kind is None or len(new) > 1000:
        return False
    return same_state(base, read(new, kind))
