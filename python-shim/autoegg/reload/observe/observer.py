"""Runs one statement, and notes what it did."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Collection, Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any

from ..inspection import home, identity
from ..source.bytecode import changes_attributes, is_function_code, nested, runs_with
from ..source.statements import HEAVY, LIGHT, QUIET_CLASS, Statement
from .annotations import collect
from .box_changes import BoxChanges
from .boxes import CONTAINERS, FUNCTION, Box, Boxes
from .calls import Calls, Ran
from .creations import Creations
from .frames import as_import_system, call
from .modules import watch
from .quiet import QuietBases
from .reads import Reads
from .snapshot import Snapshot
from .trace import MISSING, SYSTEM_NAMES, More, Record, Trace
from .versions import Versions
from .writes import Writes

_WORLD = frozenset(["__subclasses__", "get_objects"])
_ENVIRONMENT = frozenset(["environ", "getenv"])


class Observer:
    def __init__(
        self,
        *,
        records: Mapping[str, Record],
        versions: Versions,
        calls: Calls,
        boxes: Boxes,
        changes: BoxChanges,
        creations: Creations,
        reads: Reads,
        writes: Writes,
    ) -> None:
        self._records = records
        self._versions = versions
        self._calls = calls
        self._boxes = boxes
        self._changes = changes
        self._creations = creations
        self._reads = reads
        self._writes = writes
        self.quiet_bases = QuietBases()
        self.worldly: list[Trace] = []
        """Statements that looked at all subclasses, all objects or all modules."""

    @as_import_system
    def execute(self, record: Record, statement: Statement, code: CodeType) -> Trace:
        """Run one statement under observation."""
        namespace = record.module.__dict__
        trace = Trace(record, statement, self._versions.clock)
        trace.code = code
        get = namespace.get
        trace.reads = [get(name, MISSING) for name in statement.loads]
        if statement.kind == LIGHT or (statement.kind != HEAVY and self.quiet_bases.are(trace.reads)):
            watch.trace = None
            held = {name: namespace[name] for name in statement.binds if name in namespace}
            call(exec, code, namespace)
            if statement.annotates:
                collect(record, statement.annotates)
            trace.writes = _bound(namespace, statement.binds)
            if held:
                self._reads.of_names_left_alone(trace, held)
            if statement.kind != LIGHT:
                self._creations.note_classes(trace)
            for value in trace.writes.values():
                if type(value) in CONTAINERS:
                    self._creations.note(value)
            return trace
        if statement.kind == QUIET_CLASS:
            trace.more = More()  # it runs code of its bases: what those are matters
        before = dict(namespace)
        if "__annotations__" in namespace:  # follows from the statements (``note_annotations``)
            self._boxes.foreign[identity(namespace["__annotations__"])] = namespace["__annotations__"]
        for value in trace.reads:
            if type(value) is ModuleType and value.__name__ not in self._records:
                for part in runs_with(code):
                    self._boxes.are_foreign(value.__dict__, part.co_names)
        outside = self._writes.watched_outside(trace, code)
        sets_attributes = _may_set_attributes(code)
        given = self._changes.given(trace.reads) if sets_attributes or not has_class_body(code) else {}
        roots = [value for value in trace.reads if value is not MISSING]
        for value in trace.reads:
            if type(value) is dict and "__builtins__" in value:
                roots += self._namespace(trace, value, sets_attributes)
        snapshots: list[Snapshot] = []
        reached = self._changes.reached(roots, given, sets_attributes, snapshots)
        watch.trace, watch.observed, watch.changed = trace, set(), {}
        watch.handed_out = self._creations.note_class if sets_attributes else None
        texts, module_class = len(linecache.cache), type(record.module)
        calls = watch.calls = self._calls.enabled()
        try:
            try:
                call(exec, code, namespace)
            finally:
                if calls is not None:
                    calls.disable()
                watch.calls = None
                watch.trace = None
        except BaseException:
            watch.observed, watch.changed = set(), {}
            raise
        if statement.annotates:
            collect(record, statement.annotates)
        trace.writes = _bound(namespace, statement.binds)
        if type(record.module) is not module_class:
            trace.extra.module_class = type(record.module)
        self._reads.of_names_left_alone(trace, before)
        if len(linecache.cache) > texts:  # new entries are the last ones
            trace.extra.texts = tuple(name for name in list(linecache.cache)[texts:] if name[:1] == "<")
        self._note(trace, before, calls, code, outside, reached, snapshots)
        return trace

    def _namespace(self, trace: Trace, names: dict[str, Any], sets_attributes: bool) -> list[Any]:
        """A statement has obtained the namespace of a module: all of its functions and classes may change."""
        record = self._records.get(names.get("__name__", ""))
        if record is None or record.module.__dict__ is not names:
            return []
        trace.extra.whole[record.name] = {
            key: value for key, value in names.items() if key not in SYSTEM_NAMES
        }
        if not sets_attributes:
            return []
        found = [value for value in names.values() if home(value) in self._records]
        for value in found:
            if type(value) is FunctionType:
                self._boxes.box(value, FUNCTION)
        return found

    def _note(
        self,
        trace: Trace,
        before: dict[str, Any],
        calls: Ran | None,
        code: CodeType,
        outside: list[tuple[Any, dict[str, Any]]],
        reached: dict[int, Box],
        snapshots: list[Snapshot],
    ) -> None:
        record, statement = trace.record, trace.statement
        ran, rebinds, words = self._reads.of_functions(trace, before, calls, code)
        self._reads.of_modules(trace, before)
        self._writes.into_modules(trace, ran)
        self._note_names(trace, before, rebinds)
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
        if more is not None and statement.star and not ran:  # it does not look into what it binds
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
            reached = self._changes.reached(roots, reached, sets_attributes, snapshots)
        self._changes.note(trace, reached, snapshots)
        self._creations.note_all(trace)

    @staticmethod
    def _note_names(trace: Trace, before: dict[str, Any], rebinds: bool) -> None:
        """``rebinds``: it may have bound names that appear in no statement."""
        statement, namespace = trace.statement, trace.record.module.__dict__
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


def _bound(namespace: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """What these names mean, in the order in which they were bound."""
    if len(names) < 2:
        return {name: namespace[name] for name in names if name in namespace}
    return {name: value for name, value in namespace.items() if name in names}


def has_class_body(code: CodeType) -> bool:
    return any(not is_function_code(inner) for inner in nested(code))


def _may_set_attributes(code: CodeType) -> bool:
    return any(map(_function_may_set_attributes, runs_with(code)))


def _function_may_set_attributes(code: CodeType) -> bool:
    return changes_attributes(code) or "setattr" in code.co_names
