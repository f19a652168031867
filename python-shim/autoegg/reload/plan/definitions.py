"""The functions and classes that statements have made, and which of them take one another's place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..inspection import class_dict, home, is_class, is_function
from ..observe.trace import Record, Trace
from .traces import materialise


def definitions(trace: Trace) -> list[tuple[str, Any]]:
    """The functions and classes that a statement made, before decorators saw them, by the hidden decorator's key."""
    found = [
        (key, obj)
        for key, made in (trace.more.made if trace.more is not None else {}).items()
        for obj in made
    ]
    for name, value in trace.writes.items():
        if is_own_definition(trace.record.name, name, value) and not is_decorated(trace, name):
            found.append((f"{name}||{name in trace.statement.again}", value))
    return found


def pool_of_names(record: Record) -> dict[str, list[Any]]:
    """The definitions of a module that runs as a whole; if its import was not observed, by the names that refer to them."""
    pool: dict[str, list[Any]] = {}
    if record.traced:
        for trace in materialise(record):
            for key, obj in definitions(trace):
                pool.setdefault(key, []).append(obj)
        return pool
    for name, value in record.module.__dict__.items():
        if is_own_definition(record.name, name, value):
            pool.setdefault(f"{name}||False", []).append(value)
    return pool


def classes_made_by(trace: Trace) -> Iterator[type]:
    values = list(trace.writes.values())
    if trace.more is not None:
        values += [obj for made in trace.more.made.values() for obj in made]
    for value in values:
        if is_class(value) and home(value) == trace.record.name:
            yield value


def former_names(trace: Trace, name: str) -> dict[str, Any]:
    cls = trace.writes.get(name)
    return class_dict(cls) if is_class(cls) else {}


def is_own_definition(module: str, name: str, value: Any) -> bool:
    return (is_function(value) or is_class(value)) and home(value) == module and value.__qualname__ == name


def is_successor(old: Any, new: Any) -> bool:
    """Whether decorators made both of one definition."""
    if not (is_function(new) and is_function(old)) and not (is_class(new) and is_class(old)):
        return False
    return old is not new and home(old) == home(new) and old.__qualname__ == new.__qualname__


def is_decorated(trace: Trace, name: str) -> bool:
    return trace.more is not None and any(key.startswith(f"{name}|") for key in trace.more.made)
