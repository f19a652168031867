"""The traces of light statements, which ran in groups: what each read and bound follows from the module's namespace."""

from __future__ import annotations

from bisect import bisect_left
from types import CodeType, ModuleType
from typing import Any

from ..observe.trace import MISSING, Record, Trace
from ..source.bytecode import nested
from ..source.statements import HEAVY


def materialise(record: Record) -> list[Trace]:
    """A trace for each statement of a module that was imported under observation."""
    unit = record.unit
    assert unit is not None and record.traced
    if None in record.traces:
        binders = _binders(record)
        for index, statement in enumerate(unit.statements):
            if record.traces[index] is None:
                trace = record.traces[index] = Trace(record, statement, 0)
                trace.reads = [value_at(record, binders, name, index) for name in statement.loads]
                for name in statement.binds:
                    value = original(record, name, index)
                    if value is not MISSING:
                        trace.writes[name] = value
    return record.traces  # type: ignore[return-value]


def live_codes(record: Record, index: int) -> list[CodeType]:
    """The code objects at the first level of a statement that live functions run."""
    trace = record.traces[index]
    assert trace is not None
    if trace.codes is None:
        hold_codes(record)
    assert trace.codes is not None
    return trace.codes


def hold_codes(record: Record) -> None:
    """Notes for each statement which code its functions run, before another text takes the place of the one that made it."""
    unit = record.unit
    assert unit is not None
    for trace in record.traces:
        if trace is not None and trace.codes is None and trace.code is not None:
            trace.codes = list(nested(trace.code))
    if all(trace is None or trace.codes is not None for trace in record.traces):
        return  # an edited file has been compiled only where it differs
    for group in unit.groups:
        traces = record.traces[group.first : group.first + group.count]
        if all(trace is None or trace.codes is not None for trace in traces):
            continue
        ends = [statement.end[0] for statement in unit.statements[group.first : group.first + group.count]]
        found: list[list[CodeType]] = [[] for _ in ends]
        for code in nested(group.code):
            place = bisect_left(ends, code.co_firstlineno)
            if place < len(found):
                found[place].append(code)
        for trace, codes in zip(traces, found, strict=True):
            if trace is not None and trace.codes is None:
                trace.codes = codes


def _binders(record: Record) -> dict[str, list[int]]:
    """Name -> the statements that bound it, in order."""
    found: dict[str, list[int]] = {}
    assert record.unit is not None
    for index, statement in enumerate(record.unit.statements):
        trace = record.traces[index]
        for name in dict.fromkeys((*statement.binds, *(trace.writes if trace is not None else ()))):
            found.setdefault(name, []).append(index)
    return found


def value_at(record: Record, binders: dict[str, list[int]], name: str, index: int) -> Any:
    """What a name meant when statement ``index`` began."""
    for binder in reversed(binders.get(name, ())):
        if binder < index:
            trace = record.traces[binder]
            if trace is not None and name in trace.writes:
                return trace.writes[name]
            if trace is not None and trace.more is not None and name in trace.more.deletes:
                return MISSING
            if trace is None or trace.statement.kind != HEAVY:
                return original(record, name, binder)
    return MISSING


def original(record: Record, name: str, index: int) -> Any:
    """What light statement ``index`` bound ``name`` to, even if it was bound again since."""
    for trace in record.traces[index + 1 :]:
        if trace is not None and trace.more is not None and name in trace.more.replaced:
            return trace.more.replaced[name]
    for trace, written in record.incoming:
        if written == name and trace.more is not None and not trace.dead:
            before = trace.more.foreign.get((record.name, name))
            if before is not None:
                return before[0]
    return record.end.get(name, MISSING)


def absolute(package: str, level: int, module: str) -> str:
    """The module that an import statement in ``package`` names."""
    if not level:
        return module
    parts = package.split(".")
    return ".".join(parts[: len(parts) - level + 1] + ([module] if module else []))


def is_module(value: Any) -> bool:
    return issubclass(type(value), ModuleType)
