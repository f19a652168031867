"""Runs the statements of a module, and notes what each did."""

from __future__ import annotations

import _lsprof
import builtins
import linecache
import os
import sys
import threading
from collections.abc import Callable, Collection, Iterable
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from ...errors import LibraryUnsettled
from ..inspection import home, identity
from ..source.bytecode import (
    MADE,
    changes_attributes,
    is_function_code,
    nested,
    runs_with,
)
from ..source.statements import HEAVY, LIGHT, Statement
from .box_changes import BoxChanges
from .boxes import CONTAINERS, FUNCTION, Box, Boxes
from .collector import Threshold, collect_again, collect_less
from .creations import Creations
from .file_readers import FileReaders
from .files import Accesses, signature
from .frames import as_import_system, call
from .modules import leave, observe, watch
from .quiet import QuietBases
from .reads import Reads
from .snapshot import Snapshot
from .trace import MISSING, SYSTEM_NAMES, Record, Trace
from .writes import Writes

PATIENCE = 10.0
"""Seconds that a reload waits for an import of another thread."""

_NOTHING = frozenset[str]()
_WORLD = frozenset(["__subclasses__", "get_objects"])
_ENVIRONMENT = frozenset(["environ", "getenv"])


class Recorder:
    """All that is known of the loaded modules of the libraries.

    Args:
        owns: whether a file belongs to a library.
    """

    def __init__(self, owns: Callable[[str], bool]) -> None:
        self.owns = owns
        self.records: dict[str, Record] = {}
        self.by_path: dict[str, list[Record]] = {}
        self.by_module: dict[int, Record] = {}
        self.reads = Reads(self.by_path, self.by_module)
        self._writes = Writes(self.records, self.by_path)
        self.boxes = Boxes(lambda name: name in self.records, owns)
        self.changes = BoxChanges(self.boxes, self.records)
        self.creations = Creations(self.boxes)
        self.versions: dict[int, int] = {}
        """id of a class or function -> the clock when its shape last changed."""
        self.clock = 0
        self.accesses = Accesses(self._looked)
        self.settle: Callable[[str, Any], Any] | None = None
        """In a replay: what should replace a definition that was just created."""
        self.file_readers = FileReaders(self.by_path)
        self._watching = threading.RLock()
        """Held by the thread whose imports are watched: what happens in two threads at once cannot be distinguished."""
        self._depth = 0
        self._batch: list[Record] = []
        self._quiet_bases = QuietBases()
        self._collections: Threshold | None = None
        self.deferring: list[Trace] = []
        """Statements with annotations that may be evaluated later."""
        self.worldly: list[Trace] = []
        """Statements that looked at all subclasses, all objects or all modules."""
        self._serial = 0
        self._entries = 0

    # -- records

    def add(self, record: Record) -> None:
        self.records[record.name] = record
        if not record.serial:
            self._serial += 1
            record.serial = self._serial
        self.by_path.setdefault(record.path, []).append(record)
        self.by_module[identity(record.module)] = record
        folder = self._folder_of(record)
        if folder not in self.accesses.folders:
            self.accesses.folders = (*self.accesses.folders, folder)

    def enters(self, record: Record) -> None:
        """The notebook or another package has imported it."""
        if not record.entry:
            self._entries += 1
            record.entry = self._entries

    def forget(self, name: str) -> None:
        record = self.records.pop(name, None)
        if record is not None:
            self.by_path[record.path].remove(record)
            self.by_module.pop(identity(record.module), None)

    @staticmethod
    def _folder_of(record: Record) -> str:
        """The directory that holds the library's data: the top-level package's, or the single module's."""
        depth = record.name.count(".") + (os.path.basename(record.path) == "__init__.py")
        folder = record.path
        for _ in range(depth or 1):
            folder = os.path.dirname(folder)
        return folder + os.sep

    # -- running

    @as_import_system
    def load(self, record: Record) -> None:
        """Run a module that is being imported. Unwatched, as a whole, where another thread's import is being watched."""
        if not self._watching.acquire(blocking=False):
            call(self._run_unwatched, record)
            return
        try:
            outer = self._enter(record)
            succeeded = False
            try:
                call(self._run, record)
                succeeded = True
            finally:
                self._leave(record, outer, succeeded)
        finally:
            self._watching.release()

    @as_import_system
    def _run_unwatched(self, record: Record) -> None:
        """It must not wait: the watched thread may be waiting for this one."""
        assert record.unit is not None
        code = call(compile, record.unit.data, record.path, "exec", dont_inherit=True)
        self.enters(record)
        record.loading = True
        self.add(record)
        succeeded = False
        try:
            call(exec, code, record.module.__dict__)
            succeeded = True
        finally:
            record.loading = False
            if not succeeded:
                self.forget(record.name)

    def _enter(self, record: Record) -> tuple[Trace | None, Any, set[Any], dict[Any, Any]]:
        outer = (watch.trace, watch.profiler, watch.observed, watch.changed)
        if outer[1] is not None:
            outer[1].disable()
        if outer[0] is not None:
            outer[0].extra.needs.add(record.name)
        watch.trace, watch.profiler = None, None
        if self._depth == 0:
            self.begin()
            self.enters(record)
        self._depth += 1
        self._batch.append(record)
        record.loading = True
        self.add(record)
        observe([record.module])
        return outer

    def _leave(self, record: Record, outer: tuple[Any, ...], succeeded: bool) -> None:
        record.loading = False
        self._depth -= 1
        watch.trace, profiler, watch.observed, watch.changed = outer
        if succeeded:
            record.end = own_names(record)  # others may change it from here on
        else:
            if outer[0] is not None:
                outer[0].extra.files[record.path] = signature(record.path)
            self.forget(record.name)
            leave([record.module])
            if record in self._batch:
                self._batch.remove(record)
        if self._depth == 0:
            self.finish()
        if profiler is not None:
            watch.profiler = profiler
            profiler.enable()

    def begin(self) -> None:
        """Before the outermost import: what the run has done since is none of the statements'."""
        self._collections = collect_less()
        self.changes.begin()
        self._open()
        self.boxes.remember = True

    def finish(self) -> None:
        """After it."""
        batch, self._batch = self._batch, []
        self._close()
        self.loaded(batch)
        self.changes.baseline(batch)
        self.changes.end()
        collect_again(self._collections)

    def loaded(self, records: Iterable[Record]) -> None:
        """Their import has ended."""
        for record in records:
            record.traced = True
            record.end = own_names(record)
            self.note_annotations(record)
            self.defer(record)

    def note_annotations(self, record: Record) -> None:
        """They are written by statements that run in groups, too, so they are no box but follow from the statements."""
        found = record.module.__dict__.get("__annotations__") if sys.version_info < (3, 14) else None  # noqa: RUF063 - asking the module would make them
        record.annotations = dict(found) if type(found) is dict else {}
        if found is not None:
            self.boxes.foreign[identity(found)] = found

    def defer(self, record: Record) -> None:
        """What the names mean in annotations that may be evaluated later."""
        for trace in record.traces:
            if trace is None or not trace.statement.deferred or trace.statement.kind == LIGHT:
                continue
            if trace.statement.kind == HEAVY or trace.more is not None:  # a metaclass had its say
                if not trace.extra.later:
                    self.deferring.append(trace)
                trace.extra.later = {name: record.end.get(name, MISSING) for name in trace.statement.deferred}

    def open(self) -> list[Record]:
        """Statements run one by one from here on; modules that they import are part of it. Returns those, as they come.

        Raises LibraryUnsettled while another thread's import is watched.
        """
        if not self._watching.acquire(timeout=PATIENCE):
            names = ", ".join(record.name for record in list(self.records.values()) if record.loading)
            raise LibraryUnsettled(
                f"{names or 'a library module'} is still being imported by another thread, so it cannot be reloaded; "
                "run the cell again when that import has finished"
            )
        self._batch = []
        self._depth = 1
        self._open()
        return self._batch

    def close(self) -> None:
        self._depth = 0
        self._close()
        self._watching.release()

    def _open(self) -> None:
        self.boxes.forget_reached()
        watch.thread = threading.get_ident()
        setattr(builtins, MADE, self._made)
        observe(record.module for record in self.records.values())

    def _close(self) -> None:
        self.boxes.remember = False
        self.boxes.forget_reached()
        leave(record.module for record in self.records.values())
        if hasattr(builtins, MADE):
            delattr(builtins, MADE)

    @as_import_system
    def _run(self, record: Record) -> None:
        unit = record.unit
        assert unit is not None
        namespace = record.module.__dict__
        record.traces = [None] * sum(group.count for group in unit.groups)
        for group in unit.groups:
            if group.watched:
                record.traces[group.first] = call(
                    self.execute, record, unit.statements[group.first], group.code
                )
            else:
                watch.trace = None
                call(exec, group.code, namespace)
            for name in group.containers:
                self.creations.note(namespace.get(name))

    @as_import_system
    def execute(self, record: Record, statement: Statement, code: CodeType) -> Trace:
        """Run one statement under observation."""
        namespace = record.module.__dict__
        trace = Trace(record, statement, self.clock)
        trace.code = code
        get = namespace.get
        trace.reads = [get(name, MISSING) for name in statement.loads]
        if statement.kind == LIGHT or (statement.kind != HEAVY and self._quiet_bases.are(trace.reads)):
            watch.trace = None
            call(exec, code, namespace)
            trace.writes = _bound(namespace, statement.binds)
            if statement.kind != LIGHT:
                self.creations.note_classes(trace)
            for value in trace.writes.values():
                if type(value) in CONTAINERS:
                    self.creations.note(value)
            return trace
        before = dict(namespace)
        if "__annotations__" in namespace:  # follows from the statements (``note_annotations``)
            self.boxes.foreign[identity(namespace["__annotations__"])] = namespace["__annotations__"]
        for value in trace.reads:
            if type(value) is ModuleType and value.__name__ not in self.records:
                for part in runs_with(code):
                    self.boxes.are_foreign(value.__dict__, part.co_names)
        outside = self._writes.watched_outside(trace, code)
        sets_attributes = _may_set_attributes(code)
        given = self.changes.given(trace.reads) if sets_attributes or not has_class_body(code) else {}
        roots = [value for value in trace.reads if value is not MISSING]
        for value in trace.reads:
            if type(value) is dict and "__builtins__" in value:
                roots += self._namespace(trace, value, sets_attributes)
        snapshots: list[Snapshot] = []
        reached = self.changes.reached(roots, given, sets_attributes, snapshots)
        watch.trace, watch.observed, watch.changed = trace, set(), {}
        watch.handed_out = self.creations.note_class if sets_attributes else None
        texts = len(linecache.cache)
        profiler = watch.profiler = _new_profiler()
        try:
            try:
                call(exec, code, namespace)
            finally:
                if profiler is not None:
                    profiler.disable()
                watch.profiler = None
                watch.trace = None
        except BaseException:
            watch.observed, watch.changed = set(), {}
            raise
        trace.writes = _bound(namespace, statement.binds)
        self.reads.of_names_left_alone(trace, before)
        if len(linecache.cache) > texts:  # new entries are the last ones
            trace.extra.texts = tuple(name for name in list(linecache.cache)[texts:] if name[:1] == "<")
        self._note(trace, before, profiler, code, outside, reached, snapshots)
        return trace

    def _namespace(self, trace: Trace, names: dict[str, Any], sets_attributes: bool) -> list[Any]:
        """A statement has the namespace of a module in its hands: all that its functions and classes are may change."""
        record = self.records.get(names.get("__name__", ""))
        if record is None or record.module.__dict__ is not names:
            return []
        trace.extra.whole[record.name] = {
            key: value for key, value in names.items() if key not in SYSTEM_NAMES
        }
        if not sets_attributes:
            return []
        found = [value for value in names.values() if home(value) in self.records]
        for value in found:
            if type(value) is FunctionType:
                self.boxes.box(value, FUNCTION)
        return found

    # -- noting

    def _note(
        self,
        trace: Trace,
        before: dict[str, Any],
        profiler: Any,
        code: CodeType,
        outside: list[tuple[Any, dict[str, Any]]],
        reached: dict[int, Box],
        snapshots: list[Snapshot],
    ) -> None:
        record, statement = trace.record, trace.statement
        namespace = record.module.__dict__
        ran, rebinds, words = self.reads.of_functions(trace, before, profiler, code)
        self.reads.of_modules(trace, before)
        self._writes.into_modules(trace, ran)
        new = sum(1 for name in statement.binds if name in namespace and name not in before)
        if new > 1:
            trace.writes = {name: trace.writes[name] for name in namespace if name in trace.writes}
        if rebinds or statement.star or len(namespace) != len(before) + new:
            for name, value in namespace.items():
                if (
                    before.get(name, MISSING) is not value
                    and name not in SYSTEM_NAMES
                    and name not in trace.writes
                ):
                    trace.writes[name] = value
                    if name in before:
                        trace.extra.replaced[name] = before[name]
        if statement.star and trace.more is not None:
            for (_, name), value in trace.more.attributes.items():
                if (
                    name not in SYSTEM_NAMES
                    and value is not MISSING
                    and namespace.get(name, MISSING) is value
                ):
                    trace.writes[name] = value
        gone = (
            tuple(name for name in before if name not in namespace)
            if len(namespace) < len(before) + new or rebinds
            else ()
        )
        if gone:
            trace.extra.deletes = gone
        if words & _WORLD or ("modules" in words and "sys" in words):
            trace.extra.world = True
            trace.extra.subclasses = bool(words & _WORLD)
            self.worldly.append(trace)
        if words & _ENVIRONMENT:
            trace.extra.environment = dict(os.environ)
        standin = sys.modules.get(record.name)
        if standin is not None and standin is not record.module:
            trace.extra.standin = standin
        self._writes.outside(trace, outside)
        more = trace.more
        roots: list[Any] = []
        if more is not None and statement.star and not ran:  # what it binds it does not look into
            roots += [value for (_, name), value in more.attributes.items() if name == "__all__"]
        elif more is not None:
            roots += [
                value for _, _, values in more.function_reads for value in values if value is not MISSING
            ]
            roots += more.attributes.values()
        sets_attributes = _may_set_attributes(code)
        if not sets_attributes and any(map(_function_may_set_attributes, ran)):
            sets_attributes = True
            roots += [value for value in trace.reads if value is not MISSING]
        if roots:
            reached = self.changes.reached(roots, reached, sets_attributes, snapshots)
        self.changes.note(trace, reached, snapshots)
        self.creations.note_all(trace)

    # -- asked from outside

    def _looked(self, path: str, listed: bool, frame: FrameType) -> None:
        trace = watch.trace
        if trace is not None and threading.get_ident() == watch.thread:
            trace.extra.files[path] = signature(path)
        elif self._depth and threading.get_ident() == watch.thread:
            return  # the import system's own
        elif not listed:
            self.file_readers.note(path, frame)

    def not_found(self, name: str, path: Iterable[str] | None) -> None:
        trace = watch.trace
        if trace is not None and threading.get_ident() == watch.thread:
            trace.extra.absent.add((name, tuple(path) if path is not None else None))

    def _made(self, key: str) -> Callable[[Any], Any]:
        trace = watch.trace

        def decorator(obj: Any) -> Any:
            if self.settle is not None:
                obj = self.settle(key, obj)
            if trace is not None:
                trace.extra.made.setdefault(key, []).append(obj)
            return obj

        return decorator


def _bound(namespace: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """What these names mean, in the order in which they were bound."""
    if len(names) < 2:
        return {name: namespace[name] for name in names if name in namespace}
    return {name: value for name, value in namespace.items() if name in names}


def own_names(record: Record) -> dict[str, Any]:
    return {name: value for name, value in record.module.__dict__.items() if name not in SYSTEM_NAMES}


def has_class_body(code: CodeType) -> bool:
    return any(not is_function_code(inner) for inner in nested(code))


def _may_set_attributes(code: CodeType) -> bool:
    return any(map(_function_may_set_attributes, runs_with(code)))


def _function_may_set_attributes(code: CodeType) -> bool:
    return changes_attributes(code) or "setattr" in code.co_names


def _new_profiler() -> Any:
    """None while another profiler is active: it is left alone (``sys.setprofile``; a tool of PEP 669 from 3.12 on)."""
    if sys.getprofile() is not None:
        return None
    profiler = _lsprof.Profiler(subcalls=False, builtins=False)
    try:
        profiler.enable()
    except ValueError:
        return None
    return profiler
