"""Runs modules under observation, and keeps what is known of them."""

from __future__ import annotations

import builtins
import os
import threading
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from ...errors import LibraryUnsettled
from ..inspection import identity
from ..source.bytecode import MADE
from ..source.statements import HEAVY, LIGHT
from .annotations import annotations_of, are_evaluated_later, collect
from .box_changes import BoxChanges
from .boxes import Boxes
from .calls import watched_calls
from .collector import Threshold, collect_again, collect_less
from .creations import Creations
from .file_readers import FileReaders
from .files import Accesses, signature
from .frames import as_import_system, call
from .modules import leave, observe, watch
from .observer import Observer
from .reads import Reads
from .trace import MISSING, SYSTEM_NAMES, Record, Trace
from .versions import Versions
from .writes import Writes

PATIENCE = 10.0
"""Seconds that a reload waits for an import of another thread."""


class Recorder:
    """Everything that is known about the loaded modules of the libraries.

    Args:
        owns: whether a file belongs to a library.
    """

    def __init__(self, owns: Callable[[str], bool]) -> None:
        self.owns = owns
        self.records: dict[str, Record] = {}
        self.by_path: dict[str, list[Record]] = {}
        self.by_module: dict[int, Record] = {}
        self.reads = Reads(self.by_path, self.by_module)
        self.boxes = Boxes(lambda name: name in self.records, owns)
        self.changes = BoxChanges(self.boxes, self.records)
        self.creations = Creations(self.boxes)
        self.versions = Versions()
        self.calls = watched_calls(self.by_path)
        self.observer = Observer(
            records=self.records,
            versions=self.versions,
            calls=self.calls,
            boxes=self.boxes,
            changes=self.changes,
            creations=self.creations,
            reads=self.reads,
            writes=Writes(self.records, self.by_path),
        )
        self.accesses = Accesses(self._looked)
        self.settle: Callable[[str, Any], Any] | None = None
        """In a replay: what should replace a definition that was just created."""
        self.on_load: Callable[[Record], None] | None = None
        """In a replay: told of each module that is about to run because a statement imports it."""
        self.file_readers = FileReaders(self.by_path)
        self._watching = threading.RLock()
        """Held by the thread whose imports are watched: what happens in two threads at once cannot be distinguished."""
        self._depth = 0
        self._batch: list[Record] = []
        self._collections: Threshold | None = None
        self.deferring: list[Trace] = []
        """Statements with annotations that may be evaluated later."""
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
        """Run a module that is being imported; not observed, as a whole, while an import in another thread is being observed."""
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
        """It must not wait: the observed thread may be waiting for this one."""
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
        outer = (watch.trace, watch.calls, watch.observed, watch.changed)
        if outer[1] is not None:
            outer[1].disable()
        if outer[0] is not None:
            outer[0].extra.needs.add(record.name)
        watch.trace, watch.calls = None, None
        if self.on_load is not None:
            self.on_load(record)
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
        watch.trace, calls, watch.observed, watch.changed = outer
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
        if calls is not None:
            watch.calls = calls
            calls.enable()

    def begin(self) -> None:
        """Before the outermost import: changes since the last one were made by the run, not by statements."""
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
        record.annotations = annotations_of(record)
        held = record.module.__dict__.get("__annotations__")  # noqa: RUF063 - asking the module would make them
        if held is not None:
            self.boxes.foreign[identity(held)] = held

    def defer(self, record: Record) -> None:
        """The values of names in annotations that may be evaluated later."""
        for trace in record.traces:
            if trace is None or not trace.statement.deferred or trace.statement.kind == LIGHT:
                continue
            if trace.statement.kind == HEAVY or trace.more is not None:  # a metaclass was involved
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
        self.calls.begin()

    def _close(self) -> None:
        self.calls.end()
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
        later = are_evaluated_later(unit)
        record.traces = [None] * sum(group.count for group in unit.groups)
        for group in unit.groups:
            if group.watched:
                record.traces[group.first] = call(
                    self.observer.execute, record, unit.statements[group.first], group.code
                )
            else:
                watch.trace = None
                call(exec, group.code, namespace)
                if later and "__annotate__" in namespace:
                    statements = unit.statements[group.first : group.first + group.count]
                    collect(record, [name for statement in statements for name in statement.annotates])
            for name in group.containers:
                self.creations.note(namespace.get(name))

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


def own_names(record: Record) -> dict[str, Any]:
    return {name: value for name, value in record.module.__dict__.items() if name not in SYSTEM_NAMES}
