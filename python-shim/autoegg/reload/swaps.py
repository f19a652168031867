"""Old objects that could not become the new ones, with those: replaced in whatever refers to them, and what is told of that."""

from __future__ import annotations

import abc
import functools
import sys
import types
from collections.abc import Callable, Collection, Iterable
from typing import Any

from . import progress
from .inspection import home, is_a, is_atomic, is_class, is_function, slots_of
from .moving import instances_of, move_instances, move_subclasses
from .references import replace_everywhere
from .report import Report

Pairs = list[tuple[Any, Any]]


def swap(
    swaps: Pairs,
    keep: Collection[int],
    untouched: Collection[str],
    library: Collection[str],
    owned: Callable[[str | None], bool],
    report: Report,
) -> None:
    """``keep``: ids of containers that must keep the old objects; ``untouched``: modules that are as they were."""
    foreign = _values_of(untouched) if swaps else set()
    pairs: dict[int, tuple[Any, Any]] = {}
    for old, new in swaps:
        others = id(old) in foreign and not is_function(old) and not is_class(old)
        if old is new or is_atomic(old) or others:
            continue
        if type(old) is functools._lru_cache_wrapper:
            old.cache_clear()
        pairs[id(old)] = (old, new)
    classes = [(old, new) for old, new in pairs.values() if is_class(old) and is_class(new)]
    for old, _ in classes[:1]:
        others_too = f" and {len(classes) - 1} more" if len(classes) > 1 else ""
        progress.doing(f"looking for what refers to the old {_title(old)}{others_too}")
    instances = instances_of([old for old, _ in classes])
    for old, new in classes:
        _move(instances[old], old, new, owned, report)
    del instances
    ours = {*keep, id(swaps), id(pairs), *map(id, swaps), *map(id, pairs.values())}
    replace_everywhere(pairs.values(), library, ours)


def _title(cls: type) -> str:
    return f"{home(cls)}.{cls.__qualname__}"


def _move(
    instances: Iterable[Any], old: type, new: type, owned: Callable[[str | None], bool], report: Report
) -> None:
    """Instances and subclasses go over to the new class, or it is told that they do not."""
    title = _title(old)
    stuck = move_instances(instances, old, new)
    if not stuck and _hides_instances(old, new):
        report.remade.append(title)
    if stuck:
        report.old_layout.append((title, stuck))
    for subclass in move_subclasses(old, new, owned):
        report.old_bases.append((subclass.__qualname__, title))


def _hides_instances(old: type, new: type) -> bool:
    """Another layout, by a metaclass whose instances the garbage collector need not know."""
    return type(new) not in (type, abc.ABCMeta) and slots_of(old) != slots_of(new)


def _values_of(modules: Collection[str]) -> set[int]:
    """What modules that did not run again have as globals is theirs: os.environ, sys.path, another module's object."""
    found: set[int] = set()
    for name in modules:
        module = sys.modules.get(name)
        if is_a(module, types.ModuleType):
            found.update(map(id, list(module.__dict__.values())))
    return found
