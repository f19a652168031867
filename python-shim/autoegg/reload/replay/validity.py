"""Does the trace of a statement still hold: did it see just what it would see now?"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from typing import Any

from ..inspection import identity
from ..observe.boxes import same
from ..observe.files import signature
from ..observe.recorder import Recorder
from ..observe.trace import MISSING, More, Record, Trace
from ..plan.readers import origin_of
from ..plan.traces import absolute, is_module
from ..report.report import BLIND, WORLD, Execution
from ..settle.recode import Recoding
from ..source.statements import HEAVY, LIGHT, QUIET_CLASS
from .current_names import UNKNOWN, CurrentNames
from .live_boxes import LiveBoxes
from .schedule import Schedule


class Validity:
    """Args:
    gone: modules that are no longer there.
    executed: the statements that have run.
    """

    def __init__(
        self,
        *,
        recorder: Recorder,
        schedule: Schedule,
        names: CurrentNames,
        boxes: LiveBoxes,
        recoding: Recoding,
        gone: Collection[str],
        executed: Collection[Execution],
    ) -> None:
        self._versions = recorder.versions
        self._quiet_bases = recorder.observer.quiet_bases
        self._schedule = schedule
        self._names = names
        self._boxes = boxes
        self._recoding = recoding
        self._gone = gone
        self._executed = executed

    def why_not(self, record: Record, trace: Trace, closed: bool) -> str | None:
        """Why the statement has to run again; None: it need not. ``closed``: the module's own names are as they were."""
        if trace in self._schedule.forced:
            return self._schedule.reasons.get(identity(trace), "what it looked at has changed")
        why = (
            self._of_loads(record, trace, closed)
            or self._of_imports(record, trace)
            or self._of_attributes(record, trace)
        )
        more = trace.more
        if why is not None or more is None:
            return why
        return (
            self._of_functions(record, trace, closed)
            or self._of_modules(more, trace.stamp)
            or self._of_whole_modules(record, trace, closed)
            or self._of_the_world(more)
            or self._of_boxes(record, trace)
        )

    def ran_something_else(self, record: Record, trace: Trace) -> bool:
        """Whether the functions that it ran are not what they were, or read something else, whatever its own text names."""
        return trace in self._schedule.forced or (
            trace.more is not None and self._of_functions(record, trace, closed=False) is not None
        )

    def _has_changed(self, value: Any, stamp: int) -> bool:
        """Whether an object has got another shape since then."""
        return self._versions.get(identity(value), 0) > stamp

    def _is_gone(self, module: str) -> bool:
        return module in self._gone and not self._names.is_library(module)

    # -- what its text names

    def _of_loads(self, record: Record, trace: Trace, closed: bool) -> str | None:
        loud = _is_loud(trace)
        namespace = record.module.__dict__
        for name, value in zip(trace.statement.loads, trace.reads, strict=False):
            now = value if closed else namespace.get(name, MISSING)
            if not same(now, value):
                return f"{name} is a different object"
            if self._has_changed(now, trace.stamp) and (loud or self._runs_code_of(now, trace)):
                return f"{name} has changed"
        return None

    def _runs_code_of(self, base: Any, trace: Trace) -> bool:
        """Whether a class statement that ran only its body would now run code of its base, too."""
        return trace.statement.kind == QUIET_CLASS and not self._quiet_bases.are([base])

    def _of_imports(self, record: Record, trace: Trace) -> str | None:
        statement = trace.statement
        for level, module, names, _ in statement.imports:
            target = absolute(record.package, level, module)
            if self._is_gone(target):
                return f"{target} is gone"
            if names is None or statement.kind != LIGHT:
                continue
            for name, bound in names:
                now = self._names.value(target, name)
                if now is UNKNOWN:
                    continue
                if now is MISSING:
                    now = sys.modules.get(f"{target}.{name}", MISSING)
                value = trace.writes.get(bound, MISSING)
                if now is MISSING and self._names.has_getattr(target):
                    origin = origin_of(value)
                    now = self._names.value(*origin) if origin is not None else MISSING
                if not same(now, value):
                    return f"{target}.{name} is a different object"
        return None

    def _of_attributes(self, record: Record, trace: Trace) -> str | None:
        statement, loud = trace.statement, _is_loud(trace)
        for name, attribute in statement.attributes if statement.kind != HEAVY else ():
            holder: Any = record.module.__dict__.get(name)
            if is_module(holder) and self._names.is_library(holder.__name__):
                value = self._names.value(holder.__name__, attribute)
                if (
                    value is not UNKNOWN
                    and value is not MISSING
                    and self._has_changed(value, trace.stamp)
                    and loud
                ):
                    return f"{name}.{attribute} has changed"
        return None

    # -- what it was seen to do

    def _of_functions(self, record: Record, trace: Trace, closed: bool) -> str | None:
        """What the functions that it ran read."""
        assert trace.more is not None
        for other, names, values in trace.more.function_reads:
            if self._is_gone(other):
                return f"{other} is gone"
            if closed and other == record.name:
                found = values
            else:
                found = [self._names.value(other, name) for name in names]
            for name, now, value in zip(names, found, values, strict=True):
                if now is UNKNOWN:
                    continue
                if not same(now, value):
                    if other == record.name and name in trace.statement.binds:
                        return f"{name}, which it may bind, is a different object"
                    return f"{other}.{name}, which a function that it ran reads, is a different object"
                if self._has_changed(now, trace.stamp):
                    return f"{other}.{name}, which a function that it ran reads, has changed"
        return None

    def _of_modules(self, more: More, stamp: int) -> str | None:
        """Attributes of modules that were asked for."""
        for (other, name), value in more.attributes.items():
            if self._is_gone(other):
                return f"{other} is gone"
            now = self._names.value(other, name)
            if now is MISSING and value is not MISSING and self._names.has_getattr(other):
                continue
            if now is not UNKNOWN and not same(now, value):
                return f"{other}.{name} is a different object"
            if now is not UNKNOWN and self._has_changed(now, stamp):
                return f"{other}.{name} has changed"
        return None

    def _of_whole_modules(self, record: Record, trace: Trace, closed: bool) -> str | None:
        """Modules of which it has looked at all names."""
        assert trace.more is not None
        for other, then in trace.more.whole.items():
            if closed and other == record.name:
                if any(self._has_changed(value, trace.stamp) for value in then.values()):
                    return f"what a name of {other} means has changed"
                continue
            if not self._names.have_stayed(other, then, trace.stamp):
                return f"the names of {other} have changed"
        return None

    def _of_the_world(self, more: More) -> str | None:
        """What is none of the libraries' modules."""
        if more.unknown and (self._recoding.changed or self._executed):
            return BLIND
        if more.world and self._executed:
            return WORLD
        for path, was in more.files.items():
            if signature(path) != was:
                return f"{os.path.basename(path)} has changed"
        if more.environment is not None and more.environment != dict(os.environ):
            return "the environment has changed"
        if any(map(self._is_gone, more.needs)):
            return "a module that it loaded is gone"
        return None

    def _of_boxes(self, record: Record, trace: Trace) -> str | None:
        assert trace.more is not None
        for box, count in trace.more.looked_into:
            if self._boxes.differs(box, count, record, trace):
                return f"what a {type(box.obj).__name__} within its reach holds has changed"
        return None


def _is_loud(trace: Trace) -> bool:
    """Whether it does more than bind what it reads, so that it matters what that holds."""
    kind = trace.statement.kind
    return kind == HEAVY or (kind != LIGHT and trace.more is not None)
