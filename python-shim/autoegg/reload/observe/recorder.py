"""Runs the statements of a module, and notes what each did."""

from __future__ import annotations

import _lsprof
import abc
import builtins
import enum
import functools
import linecache
import os
import sys
import threading
import weakref
from collections.abc import Callable, Collection, Iterable
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from ...errors import LibraryUnsettled
from ..inspection import ATOMIC, home, identity, is_class, is_renamed
from ..source.bytecode import (
    BY_TEXT,
    MADE,
    changes_attributes,
    global_names,
    is_function_code,
    nested,
    runs_with,
    stored_globals,
    stores_globals,
)
from ..source.statements import HEAVY, LIGHT, Statement
from .boxes import CLASS, FUNCTION, REACHED, Box, Boxes, delta, same_state
from .collector import Threshold, collect_again, collect_less
from .file_readers import FileReaders
from .files import Accesses, signature
from .frames import as_import_system, call
from .marks import SPECIAL, mark
from .modules import leave, observe, watch
from .snapshot import Snapshot
from .trace import MISSING, SYSTEM_NAMES, Record, Trace

PATIENCE = 10.0
"""Seconds that a reload waits for an import of another thread."""

_NOTHING = frozenset[str]()
_QUIET_METACLASSES = frozenset([type, abc.ABCMeta])
_REBINDS = BY_TEXT | {"setattr", "delattr", "__dict__", "modules", "import_module", "__import__", "reload"}
_Cached = functools._lru_cache_wrapper
_CONTAINERS = frozenset([dict, list, set])
_WORLD = frozenset(["__subclasses__", "get_objects"])
_ENVIRONMENT = frozenset(["environ", "getenv"])


MANY = 8
"""Who names more functions and classes than these makes a table of them."""


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
        self.boxes = Boxes(lambda name: name in self.records, owns)
        self.versions: dict[int, int] = {}
        """id of a class or function -> the clock when its shape last changed."""
        self.clock = 0
        self.ran_by: dict[int, tuple[CodeType, list[Trace]]] = {}
        """id of a function's code -> the statements that ran it."""
        self.accesses = Accesses(self._looked)
        self.settle: Callable[[str, Any], Any] | None = None
        """In a replay: what should replace a definition that was just created."""
        self.file_readers = FileReaders(self.by_path)
        self.caches: dict[int, weakref.ref[Any]] = {}
        """``lru_cache`` wrappers that the libraries have made."""
        self.cached_properties: list[tuple[weakref.ref[type], functools.cached_property[Any]]] = []
        self._watching = threading.RLock()
        """Held by the thread whose imports are watched: what happens in two threads at once cannot be distinguished."""
        self._depth = 0
        self._batch: list[Record] = []
        self._quiet: dict[int, tuple[type, bool]] = {}
        self._run_time: list[tuple[Any, Any, Any]] = []
        self._collections: Threshold | None = None
        self._known_before = 0
        """How many boxes had been met when the outermost import began."""
        self._looked_into: dict[int, Box] = {}
        """Boxes that its statements have had within reach."""
        self.deferring: list[Trace] = []
        """Statements with annotations that may be evaluated later."""
        self.changed_boxes: dict[int, tuple[Any, Any]] = {}
        """identity(object) -> (box, what it held before statements changed it), since a replay began."""
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
        self._known_before = self.boxes.count
        self._looked_into = {}
        self._run_time = [
            (box, box.seen, box.now())
            for box in self.boxes.by_id.values()
            if (box.log or box.readers) and not box.is_as_seen()
        ]
        for box, _, now in self._run_time:
            box.seen = now
        self._open()
        self.boxes.remember = True

    def finish(self) -> None:
        """After it."""
        batch, self._batch = self._batch, []
        self._close()
        self.loaded(batch)
        self.baseline(batch)
        for box, seen, now in self._run_time:
            if box.seen is now:
                box.seen = seen
        self._run_time = []
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

    def baseline(self, records: Iterable[Record]) -> None:
        """What containers, instances and classes hold now is what the import made of them."""
        fresh = {
            identity(value): value
            for record in records
            for value in record.end.values()
            if type(value) in _CONTAINERS and self.boxes.of(value) is None
        }
        if fresh:
            for name, module in list(sys.modules.items()):
                if type(module) is ModuleType and name not in self.records:
                    for value in list(module.__dict__.values()):
                        if identity(value) in fresh:
                            self.boxes.foreign[identity(value)] = value
        for record in records:
            values = [value for value in record.end.values() if self._is_home(value, record)]
            for obj, kind in self.boxes.reachable(values):
                self.boxes.box(obj, kind)
        made = [box for box in self.boxes.by_id.values() if box.number > self._known_before]
        looked_into, self._looked_into = self._looked_into, {}
        for box in (*made, *looked_into.values()):
            if not box.is_as_seen():
                now = box.now()
                if box.log or box.readers:
                    box.opaque = True  # something changed it that was not seen: never taken back
                else:
                    box.base = now
                box.seen = now

    def _is_home(self, value: Any, record: Record) -> bool:
        kind = type(value)
        if issubclass(kind, ModuleType):
            return False
        if issubclass(kind, type):
            return type.__getattribute__(value, "__module__") == record.name
        return True

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
                self._box(namespace.get(name))

    @as_import_system
    def execute(self, record: Record, statement: Statement, code: CodeType) -> Trace:
        """Run one statement under observation."""
        namespace = record.module.__dict__
        trace = Trace(record, statement, self.clock)
        trace.code = code
        get = namespace.get
        trace.reads = [get(name, MISSING) for name in statement.loads]
        if statement.kind == LIGHT or (statement.kind != HEAVY and self._is_quiet(trace.reads)):
            watch.trace = None
            call(exec, code, namespace)
            trace.writes = _bound(namespace, statement.binds)
            if statement.kind != LIGHT:
                self._note_class(trace)
            for value in trace.writes.values():
                if type(value) in _CONTAINERS:
                    self._box(value)
            return trace
        before = dict(namespace)
        if "__annotations__" in namespace:  # follows from the statements (``note_annotations``)
            self.boxes.foreign[identity(namespace["__annotations__"])] = namespace["__annotations__"]
        for value in trace.reads:
            if type(value) is ModuleType and value.__name__ not in self.records:
                for part in runs_with(code):
                    self.boxes.are_foreign(value.__dict__, part.co_names)
        outside = self._outside(trace, code)
        sets_attributes = _may_set_attributes(code)
        given = self._given(trace.reads) if sets_attributes or not has_class_body(code) else {}
        roots = [value for value in trace.reads if value is not MISSING]
        for value in trace.reads:
            if type(value) is dict and "__builtins__" in value:
                roots += self._namespace(trace, value, sets_attributes)
        snapshots: list[Snapshot] = []
        reached = self._reached(roots, given, sets_attributes, snapshots)
        watch.trace, watch.observed, watch.changed = trace, set(), {}
        watch.handed_out = self._box_handed_out if sets_attributes else None
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
        self._left_alone(trace, before)
        if len(linecache.cache) > texts:  # new entries are the last ones
            trace.extra.texts = tuple(name for name in list(linecache.cache)[texts:] if name[:1] == "<")
        self._note(trace, before, profiler, code, outside, reached, snapshots)
        return trace

    def _left_alone(self, trace: Trace, before: dict[str, Any]) -> None:
        """Names that it may bind and that mean what they meant: nobody can tell whether it did, so it depends on what they mean."""
        writes, loads = trace.writes, trace.statement.loads
        found = tuple(
            name
            for name in trace.statement.binds
            if name in before and before[name] is writes.get(name, MISSING) and name not in loads
        )
        if found:
            values = [before[name] for name in found]
            trace.extra.function_reads.append((trace.record.name, found, values))

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

    def _is_quiet(self, values: Iterable[Any]) -> bool:
        """Whether a class with these bases runs no code but its body's: no metaclass or ``__init_subclass__`` has a say."""
        for value in values:
            if value is MISSING or not is_class(value):
                if value is not MISSING and not callable(value):
                    continue
                if value is MISSING:
                    continue
                if type(value).__name__ in ("function", "module", "builtin_function_or_method"):
                    if type(value).__name__ == "module":
                        return False
                    continue
                continue
            known = self._quiet.get(identity(value))
            if known is None or known[0] is not value:
                quiet = type(value) in _QUIET_METACLASSES and not any(
                    "__init_subclass__" in type.__getattribute__(base, "__dict__")
                    for base in value.__mro__[:-1]
                )
                known = self._quiet[identity(value)] = (value, quiet)
            if not known[1]:
                return False
        return True

    def _note_class(self, trace: Trace) -> None:
        for value in trace.writes.values():
            if is_class(value):
                self._box_class(value)

    def _box(self, value: Any) -> None:
        kind = self.boxes.kind(value)
        if kind is not None:
            self.boxes.box(value, kind)

    def _box_handed_out(self, cls: Any) -> None:
        """A class that the statement has asked a module for, and may set attributes of."""
        if self.boxes.kind(cls) == CLASS:
            self.boxes.box(cls, CLASS)

    def _box_class(self, cls: Any) -> None:
        if issubclass(type(cls), enum.EnumMeta):
            return
        if (
            self.boxes.kind(cls) == CLASS
        ):  # what a function does to it later is seen only if what it was is known
            self.boxes.box(cls, CLASS)
        for value in type.__getattribute__(cls, "__dict__").values():
            kind = type(value)
            if kind in _CONTAINERS:
                self._box(value)
            elif kind is _Cached:
                self.caches[identity(value)] = weakref.ref(value)
            elif kind is functools.cached_property:
                self.cached_properties.append((weakref.ref(cls), value))
            elif kind in (staticmethod, classmethod) and type(value.__func__) is _Cached:
                self.caches[identity(value.__func__)] = weakref.ref(value.__func__)

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
        ran, rebinds, words = self._functions(trace, before, profiler, code)
        self._observed(trace, before)
        self._foreign(trace, ran)
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
        for obj, was in outside:
            now = dict(vars(obj))
            for name in now.keys() | was.keys():
                if now.get(name, MISSING) is not was.get(name, MISSING) and name not in SYSTEM_NAMES:
                    trace.extra.outside.append((obj, name, was.get(name, MISSING), now.get(name, MISSING)))
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
            reached = self._reached(roots, reached, sets_attributes, snapshots)
        self._note_boxes(trace, reached, snapshots)
        self._track(trace)

    def _functions(
        self, trace: Trace, before: dict[str, Any], profiler: Any, code: CodeType
    ) -> tuple[list[CodeType], bool, set[str]]:
        """Which functions of the libraries ran, and what they read. Also: may names have been bound that no statement names?"""
        record = trace.record
        words: set[str] = set()
        for own in runs_with(code):
            words.update(own.co_names)
        rebinds = not _REBINDS.isdisjoint(words)
        if not BY_TEXT.isdisjoint(trace.statement.loads):
            trace.extra.whole[record.name] = {
                name: value for name, value in before.items() if name not in SYSTEM_NAMES
            }
        if profiler is None:
            trace.extra.unknown = True
            return [], True, words
        ran = [
            entry.code
            for entry in profiler.getstats()
            if type(entry.code) is CodeType
            and entry.code.co_filename in self.by_path
            and is_function_code(entry.code)
        ]
        if not ran:
            return ran, rebinds, words
        more = trace.extra
        more.ran = tuple(ran)
        for function in ran:
            known = self.ran_by.get(identity(function))
            if known is None or known[0] is not function:
                known = self.ran_by[identity(function)] = (function, [])
            known[1].append(trace)
            words.update(function.co_names)
            names = global_names(function)
            for other in self.by_path[function.co_filename]:
                source = before if other is record else other.module.__dict__
                chosen = tuple(name for name in names if name in source or name not in builtins.__dict__)
                if chosen:
                    more.function_reads.append(
                        (other.name, chosen, [source.get(name, MISSING) for name in chosen])
                    )
                if not BY_TEXT.isdisjoint(names):
                    more.whole[other.name] = {
                        name: value for name, value in source.items() if name not in SYSTEM_NAMES
                    }
                if other is record and (
                    stores_globals(function) or not _REBINDS.isdisjoint(function.co_names)
                ):
                    rebinds = True
        return ran, rebinds or not _REBINDS.isdisjoint(words), words

    def _observed(self, trace: Trace, before: dict[str, Any]) -> None:
        observed, watch.observed = watch.observed, set()
        for number, name in observed:
            other = self.by_module.get(number)
            if other is None:
                continue
            namespace = other.module.__dict__
            if other is not trace.record:
                trace.extra.needs.add(other.name)
            if name == "__dict__":
                source = before if other is trace.record else namespace
                trace.extra.whole[other.name] = {
                    key: value for key, value in source.items() if key not in SYSTEM_NAMES
                }
            elif name not in SYSTEM_NAMES and not (other is trace.record and name in trace.statement.loads):
                changed = watch.changed.get((other.name, name))
                value = changed[0] if changed is not None else namespace.get(name, MISSING)
                if value is MISSING and "__getattr__" in namespace:
                    value = _ask(other.module, name)
                trace.extra.attributes[other.name, name] = value

    def _foreign(self, trace: Trace, ran: Collection[CodeType]) -> None:
        """Globals of other modules that changed: set from outside, or by a function of theirs with ``global``."""
        changes, watch.changed = watch.changed, {}
        for function in ran:
            if not stores_globals(function):
                continue
            for other in self.by_path[function.co_filename]:
                if other is trace.record:
                    continue
                for name in stored_globals(function):
                    now, was = other.module.__dict__.get(name, MISSING), self._known(other, name)
                    if now is not was and (other.name, name) not in changes:
                        changes[other.name, name] = (was, now)
        for key, (was, now) in changes.items():
            target = self.records.get(key[0])
            if target is None:
                continue
            trace.extra.foreign[key] = (was, now)
            target.incoming.append((trace, key[1]))
            if now is MISSING:
                target.end.pop(key[1], None)
            else:
                target.end[key[1]] = now

    @staticmethod
    def _known(record: Record, name: str) -> Any:
        if not record.loading:
            return record.end.get(name, MISSING)
        if name in record.end:
            return record.end[name]
        for trace in reversed(record.traces):
            if trace is not None and name in trace.writes:
                return trace.writes[name]
        return record.module.__dict__.get(name, MISSING)

    def _outside(self, trace: Trace, code: CodeType) -> list[tuple[Any, dict[str, Any]]]:
        """Modules and classes of other packages whose attributes the statement may set, as they are."""
        own = list(runs_with(code))
        words = {word for part in own for word in part.co_names}
        if not any(map(changes_attributes, own)) and words.isdisjoint(("setattr", "delattr")):
            return []
        found: list[Any] = []
        for value in trace.reads:
            if type(value) is ModuleType and value.__name__ not in self.records:
                found.append(value)
                namespace = value.__dict__
                found += [namespace[word] for word in words if is_class(namespace.get(word))]
            elif is_class(value):
                found.append(value)
        return [
            (obj, dict(vars(obj)))
            for obj in found
            if type(obj) is ModuleType or getattr(obj, "__module__", None) not in self.records
        ]

    # -- what is changed in place

    def _given(self, reads: Iterable[Any]) -> dict[int, Box]:
        """Functions and classes of the libraries that whatever the statement calls may set attributes of."""
        found = {}
        for value in reads:
            kind = FUNCTION if type(value) is FunctionType else CLASS if is_class(value) else None
            if kind is not None and value.__module__ in self.records and self.boxes.kind(value) == kind:
                found[identity(value)] = value, kind
        if len(found) > MANY:
            return {}
        return {number: self.boxes.box(value, kind) for number, (value, kind) in found.items()}

    def _reached(
        self, roots: Iterable[Any], known: dict[int, Box], classes: bool, snapshots: list[Snapshot]
    ) -> dict[int, Box]:
        """Boxes within reach, new ones with what they hold now, and snapshots of some of them."""
        for root in roots:
            if type(root) not in ATOMIC:
                known.update(self.boxes.within(root, classes, snapshots))
                if len(known) > REACHED:
                    break
        return known

    def _note_boxes(self, trace: Trace, reached: dict[int, Box], snapshots: list[Snapshot]) -> None:
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
                self.changed_boxes.setdefault(identity(box.obj), (box, box.seen))
                change = delta(box.seen, now)
                box.log.append((trace, change))
                self.boxes.changed(box.obj)
                if box.kind in (CLASS, FUNCTION):
                    key: Any = "__module__" if box.kind == CLASS else ("slot", "__module__")
                    if key in box.seen and box.seen[key] != now.get(key):
                        is_renamed(box.obj, box.seen[key])
                box.seen = now
                trace.extra.effects.append((box, change))
        for snapshot in left:
            snapshot.found_as_seen(differ)

    def _track(self, trace: Trace) -> None:
        """What the statement made has its first content now."""
        values = []
        for value in trace.writes.values():
            if is_class(value):
                self.boxes.within(value, classes=False)
            elif type(value) not in ATOMIC and not issubclass(type(value), ModuleType):
                values.append(value)
        for obj, kind in self.boxes.reachable(values, classes=False):
            self.boxes.box(obj, kind)
        self._note_class(trace)
        for name, value in trace.writes.items():
            if type(value) is _Cached:
                self.caches[identity(value)] = weakref.ref(value)
            elif type(value) in SPECIAL:
                trace.record.marks[name] = (value, mark(value))

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


def _ask(module: ModuleType, name: str) -> Any:
    try:
        return getattr(module, name)
    except Exception:
        return MISSING


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
