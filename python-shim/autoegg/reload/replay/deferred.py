"""Statements with annotations that may be evaluated later, and what names in them meant when the import had ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..inspection import identity, is_class
from ..observe.boxes import same
from ..observe.recorder import Recorder
from ..observe.trace import MISSING, Trace
from ..plan.annotations import may_keep_annotations
from ..report.report import KIN
from .cursor import Cursor
from .schedule import Schedule


def expect_deferred(recorder: Recorder, cursors: Iterable[Cursor], schedule: Schedule) -> None:
    """Those whose annotations name a class whose text has changed have to run: otherwise they cause a second round."""
    classes: set[int] = set()
    for cursor in cursors:
        if cursor.olds is not None:
            others = [step.old for step in cursor.steps if step.how == KIN and step.old is not None]
            for index in (*others, *cursor.removed):
                classes.update(
                    identity(value) for value in cursor.olds[index].writes.values() if is_class(value)
                )
    for trace in recorder.deferring if classes else ():
        if trace.dead or trace.more is None or trace in schedule.forced:
            continue
        for name, value in trace.more.later.items():
            if identity(value) in classes and may_keep_annotations(trace, recorder.records):
                schedule.expect(trace, f"{name}, which an annotation of it names, has changed")


def changed_deferred(recorder: Recorder, fresh: Collection[Trace], start: int) -> set[Trace]:
    """Those whose annotations name something whose value has changed.

    Args:
        fresh: statements that have run.
        start: the recorder's clock when the replay began.
    """
    found: set[Trace] = set()
    for trace in recorder.deferring:
        if trace.dead or trace in fresh or trace.more is None:
            continue
        names = trace.record.module.__dict__
        for name, value in trace.more.later.items():
            now = names.get(name, MISSING)
            version = recorder.versions.get(identity(now), 0)
            if not same(now, value) or version > max(trace.stamp, start):
                if may_keep_annotations(trace, recorder.records):
                    found.add(trace)
                break
    return found
