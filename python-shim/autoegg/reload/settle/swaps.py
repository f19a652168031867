"""Old objects that could not become the new ones are replaced wherever the heap refers to them."""

from __future__ import annotations

import abc
import functools
import sys
import types
from collections.abc import Callable, Collection
from typing import Any

from .. import progress
from ..inspection import home, identity, is_atomic, is_class, is_function, slots_of
from ..report.report import Report
from .moving import instances_of, move_instances, move_subclasses
from .referrers import replace_everywhere

Pairs = list[tuple[Any, Any]]
_LOOSE = 4
"""References to an object that is not held elsewhere: the pair, two tables, getrefcount's argument."""


def swap(
    swaps: Pairs,
    keep: Collection[int],
    library: Collection[str],
    owned: Callable[[str | None], bool],
    report: Report,
) -> None:
    """``keep``: ids of containers that must keep the old objects."""
    pairs: dict[int, tuple[Any, Any]] = {}
    others = _globals_of_others(library) if swaps else {}
    for old, new in swaps:
        if old is new or is_atomic(old) or (type(old) is tuple and not old):
            continue
        if identity(old) in others and not is_function(old) and not is_class(old):
            continue
        if type(old) is functools._lru_cache_wrapper:
            old.cache_clear()
        pairs[identity(old)] = (old, new)
    if not pairs:
        return
    classes = [(old, new) for old, new in pairs.values() if is_class(old) and is_class(new)]
    for old, _ in classes[:1]:
        progress.doing(f"looking for what refers to the old {home(old)}.{old.__qualname__}")
    instances = instances_of([old for old, _ in classes])
    for old, new in classes:
        _move(instances[old], old, new, owned, report)
    del instances
    ours = {*keep, identity(swaps), identity(pairs), *map(identity, swaps), *map(identity, pairs.values())}
    replace_everywhere(pairs.values(), library, ours)


def _move(instances: Any, old: type, new: type, owned: Callable[[str | None], bool], report: Report) -> None:
    """Instances and subclasses move to the new class, or it is reported that they cannot."""
    title = f"{home(old)}.{old.__qualname__}"
    stuck = move_instances(instances, old, new)
    if not stuck and type(new) not in (type, abc.ABCMeta) and slots_of(old) != slots_of(new):
        report.remade.append(title)
    if stuck:
        report.old_layout.append((title, stuck))
    for subclass in move_subclasses(old, new, owned):
        report.old_bases.append((subclass.__qualname__, title))


def _globals_of_others(library: Collection[str]) -> set[int]:
    """What other packages have as globals is theirs, whatever the library called it: ``os.environ``, ``sys.path``."""
    found: set[int] = set()
    for name, module in list(sys.modules.items()):
        if name not in library and name != "__main__" and issubclass(type(module), types.ModuleType):
            found.update(map(identity, list(module.__dict__.values())))
    return found
