"""Who read a name of another module: what has to be looked at when that name means something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..inspection import home
from ..observe.trace import Key, Record
from ..source.statements import STAR
from .traces import absolute, is_module

ALL_NAMES = STAR


class Readers:
    """(module, name) -> (record, index of a statement) of other modules. Kept over reloads, module by module."""

    def __init__(self, records: Mapping[str, Record]) -> None:
        self._records = records
        self._known: dict[str, tuple[object, list[tuple[Key, int]]]] = {}
        self._index: dict[Key, list[tuple[str, int]]] | None = None

    def of(self, module: str, name: str) -> Iterator[tuple[Record, int]]:
        if self._index is None:
            self._index = self._build()
        for key in ((module, name), (module, ALL_NAMES)):
            for reader, index in self._index.get(key, ()):
                record = self._records.get(reader)
                if record is not None:
                    yield record, index

    def forget(self) -> None:
        self._index = None

    def _build(self) -> dict[Key, list[tuple[str, int]]]:
        index: dict[Key, list[tuple[str, int]]] = {}
        for record in self._records.values():
            known = self._known.get(record.name)
            if known is None or known[0] is not record.traces or record.loading:
                known = self._known[record.name] = (record.traces, list(self._read_by(record)))
            for key, at in known[1]:
                index.setdefault(key, []).append((record.name, at))
        return index

    def _read_by(self, record: Record) -> Iterator[tuple[Key, int]]:
        yield from _read_by(record)
        if record.unit is None:
            return
        for index, statement in enumerate(record.unit.statements):
            for level, module, names, _ in statement.imports:
                exporting = self._records.get(absolute(record.package, level, module))
                if exporting is None or names is None or "__getattr__" not in exporting.end:
                    continue
                for name, bound in names:
                    origin = origin_of(record.end.get(bound)) if name not in exporting.end else None
                    if origin is not None:
                        yield origin, index


def origin_of(value: Any) -> Key | None:
    """Where a function or class is defined that a module gives on access (PEP 562), without a name of its own for it."""
    module = home(value)
    if module is None or "." in value.__qualname__:
        return None
    return module, value.__qualname__


def _read_by(record: Record) -> Iterator[tuple[Key, int]]:
    if record.unit is None:
        return
    for index, statement in enumerate(record.unit.statements):
        for level, module, names, _bound in statement.imports:
            target = absolute(record.package, level, module)
            if names is None:
                yield (target, ""), index
                continue
            yield (target, ""), index
            for name, _ in names:
                yield (target, ALL_NAMES if name == STAR else name), index
        for name, attribute in statement.attributes:
            value: Any = record.end.get(name)
            if is_module(value):
                yield (value.__name__, attribute), index
        trace = record.traces[index] if index < len(record.traces) else None
        more = trace.more if trace is not None else None
        if more is None:
            continue
        for other, read, _ in more.function_reads:
            for name in read:
                yield (other, name), index
        for key in more.attributes:
            yield key, index
        for other in more.whole:
            yield (other, ALL_NAMES), index
        for other in more.needs:
            yield (other, ""), index
