"""What a statement writes elsewhere: into other modules of the libraries, and on objects of other packages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import CodeType, ModuleType
from typing import Any

from ..inspection import is_class
from ..source.bytecode import changes_attributes, runs_with, stored_globals, stores_globals
from .modules import watch
from .trace import MISSING, SYSTEM_NAMES, Record, Trace


class Writes:
    """Args: by_path: the loaded modules by their files."""

    def __init__(self, records: Mapping[str, Record], by_path: Mapping[str, list[Record]]) -> None:
        self._records = records
        self._by_path = by_path

    def into_modules(self, trace: Trace, ran: Collection[CodeType]) -> None:
        """Globals of other modules that changed: set from outside, or by a function of theirs with ``global``."""
        changes, watch.changed = watch.changed, {}
        for function in ran:
            if not stores_globals(function):
                continue
            for other in self._by_path[function.co_filename]:
                if other is trace.record:
                    continue
                for name in stored_globals(function):
                    now, was = other.module.__dict__.get(name, MISSING), _known(other, name)
                    if now is not was and (other.name, name) not in changes:
                        changes[other.name, name] = (was, now)
        for key, (was, now) in changes.items():
            target = self._records.get(key[0])
            if target is None:
                continue
            trace.extra.foreign[key] = (was, now)
            target.incoming.append((trace, key[1]))
            if now is MISSING:
                target.end.pop(key[1], None)
            else:
                target.end[key[1]] = now

    def watched_outside(self, trace: Trace, code: CodeType) -> list[tuple[Any, dict[str, Any]]]:
        """Modules and classes of other packages whose attributes the statement may set, as they are."""
        own = list(runs_with(code))
        words = {word for part in own for word in part.co_names}
        if not any(map(changes_attributes, own)) and words.isdisjoint(("setattr", "delattr")):
            return []
        found: list[Any] = []
        for value in trace.reads:
            if type(value) is ModuleType and value.__name__ not in self._records:
                found.append(value)
                namespace = value.__dict__
                found += [namespace[word] for word in words if is_class(namespace.get(word))]
            elif is_class(value):
                found.append(value)
        return [
            (obj, dict(vars(obj)))
            for obj in found
            if type(obj) is ModuleType or getattr(obj, "__module__", None) not in self._records
        ]

    @staticmethod
    def outside(trace: Trace, watched: list[tuple[Any, dict[str, Any]]]) -> None:
        """``watched``: the result of ``watched_outside`` before the statement ran."""
        for obj, was in watched:
            now = dict(vars(obj))
            for name in now.keys() | was.keys():
                if now.get(name, MISSING) is not was.get(name, MISSING) and name not in SYSTEM_NAMES:
                    trace.extra.outside.append((obj, name, was.get(name, MISSING), now.get(name, MISSING)))


def _known(record: Record, name: str) -> Any:
    """The last known value of the name."""
    if not record.loading:
        return record.end.get(name, MISSING)
    if name in record.end:
        return record.end[name]
    for trace in reversed(record.traces):
        if trace is not None and name in trace.writes:
            return trace.writes[name]
    return record.module.__dict__.get(name, MISSING)
