"""Which statements made an object."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from ..inspection import ATOMIC, identity, is_class, is_function
from ..observe.trace import MISSING, Record, Trace
from ..source.statements import LIGHT
from .traces import is_module


def statements_that_bound(values: Collection[Any], records: Iterable[Record]) -> set[Trace]:
    """Statements that made one of these objects; imports, which only hand them on, are none."""
    wanted = set(map(identity, values))
    return {
        trace
        for record in (records if wanted else ())
        for trace in record.traces
        if trace is not None
        and trace.statement.kind != LIGHT
        and not trace.dead
        and not wanted.isdisjoint(map(identity, trace.writes.values()))
    }


def makers_of_what_it_reads(trace: Trace, records: Iterable[Record]) -> set[Trace]:
    """The statements that made the objects which one that has failed reads: they may remember its first run."""
    values = [
        value
        for value in trace.reads
        if not (value is MISSING or is_module(value) or is_function(value) or type(value) in ATOMIC)
        and not (is_class(value) and type(value) is type)
    ]
    return statements_that_bound(values, records) - {trace}
