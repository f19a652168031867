"""In which order a fresh process imports the modules and runs their statements, by what each statement is known to import."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..inspection import home
from ..observe.trace import Record, Trace
from ..source.statements import LIGHT, Statement
from ..source.unit import Unit
from .traces import absolute

Position = tuple[int, ...]
Text = tuple[Unit, Sequence["Trace | None"]]

END = 1 << 60
"""Sorts after everything else."""


class Order:
    """Modules begin when the first statement imports them that does; a statement is over when they are.

    Args:
        texts: module -> its text and the traces of what of it has run, where that is not what is on record.
        learnt: (module, index of a statement of such a text) -> what it imports besides.
    """

    def __init__(
        self,
        records: Mapping[str, Record],
        texts: Mapping[str, Text],
        learnt: Mapping[tuple[str, int], set[str]],
    ) -> None:
        self._records = records
        self._texts = texts
        self._learnt = learnt
        self._segments: dict[str, tuple[list[int], list[int]]] = {}
        """Module -> (indexes of statements from which on, the numbers that) their places begin with; other modules come between."""
        self._count = 0
        roots = sorted(records.values(), key=lambda record: (record.entry or END, record.serial))
        for record in roots:
            self._visit(record)

    def key(self, name: str, index: int) -> Position | None:
        """Where statement ``index`` of a module stands; None for a module that was not there when the order was found."""
        found = self._segments.get(name)
        if found is None:
            return None
        starts, numbers = found
        return (numbers[bisect_right(starts, index) - 1], index)

    def arrival(self, package: str, name: str) -> int | None:
        """The statement of a package at whose end its submodule has been loaded; None: it is loaded after all of them, or unknown."""
        if name not in self._segments or package not in self._segments:
            return None
        (begins, *_), (starts, numbers) = self._segments[name][1], self._segments[package]
        at = bisect_right(numbers, begins)
        return max(starts[at], 0) if at < len(starts) else None

    def under_way(self, place: Position) -> Iterator[tuple[str, int]]:
        """(module, index of its statement) of those that wait, at that place, for what the statement imports."""
        for name, (starts, numbers) in self._segments.items():
            if numbers[0] < place[0] < numbers[-1]:
                yield name, starts[bisect_right(numbers, place[0])]

    def _visit(self, record: Record) -> None:
        if record.name in self._segments:
            return
        starts, numbers = self._segments[record.name] = ([-1], [self._next()])
        for index, names in self._importing(record):
            before = self._count
            for name in names:
                target = self._records.get(name)
                if target is not None:
                    self._visit(target)
            if self._count != before:
                starts.append(index)
                numbers.append(self._next())

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _importing(self, record: Record) -> Iterable[tuple[int, list[str]]]:
        text = self._texts.get(record.name)
        if text is None:
            return record.importing if record.importing is not None else self._noted(record)
        unit, traces = text
        learnt = {index: names for (name, index), names in self._learnt.items() if name == record.name}
        return importing(record, unit, traces, self._serial, learnt)

    def _noted(self, record: Record) -> list[tuple[int, list[str]]]:
        found = list(importing(record, record.unit, record.traces, self._serial)) if record.unit else []
        if record.traced:
            record.importing = found
        return found

    def _serial(self, name: str) -> int:
        record = self._records.get(name)
        return record.serial if record is not None else END


def importing(
    record: Record,
    unit: Unit,
    traces: Sequence[Trace | None],
    order: Callable[[str], Any],
    learnt: Mapping[int, set[str]] = {},
) -> Iterator[tuple[int, list[str]]]:
    """(index, modules) of each statement that imports something, in order; for those that were not observed, what they name."""
    for index, statement in enumerate(unit.statements):
        trace = traces[index] if index < len(traces) else None
        known = set(learnt.get(index, ()))
        if trace is not None and trace.more is not None:
            known |= trace.more.needs
        if not statement.imports and not known:
            continue
        names = list(named(record, statement))
        if statement.kind != LIGHT:
            if trace is not None:
                names = [name for name in names if name in known]
            names += sorted(known - set(names), key=order)
        else:
            names += _homes(statement, record.end if trace is None else trace.writes)
            names += sorted(known - set(names), key=order)
        yield index, [outer for name in names for outer in _with_packages(name)]


def named(record: Record, statement: Statement) -> Iterator[str]:
    """The modules that a statement may import, by its text."""
    for level, module, names, _ in statement.imports:
        target = absolute(record.package, level, module)
        yield target
        for name, _ in names or ():
            yield f"{target}.{name}"


def _homes(statement: Statement, values: Mapping[str, Any]) -> Iterator[str]:
    """Modules that define what a statement has imported: a package may import them when it is asked for a name (PEP 562)."""
    for _, _, names, _ in statement.imports:
        for _, bound in names or ():
            module = home(values.get(bound))
            if module is not None:
                yield module


def _with_packages(name: str) -> Iterator[str]:
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])
