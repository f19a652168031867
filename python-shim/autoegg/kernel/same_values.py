"""What driver and workers have of the same files: ``verify`` says where that differs, and whether it may."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from autoegg.contents import CODE, STATE, Shares, shares
from autoegg.spark import Had

SHOWN = 8


@dataclass
class SameValues:
    """Variables (``lib.a.NAME``) -> the executors where they are not as on the driver; empty if no executor was asked."""

    modules: set[str] = field(default_factory=set)
    """Those that tasks have imported, and the driver too."""
    code: dict[str, set[str]] = field(default_factory=dict)
    values: dict[str, set[str]] = field(default_factory=dict)
    state: dict[str, set[str]] = field(default_factory=dict)
    """What functions change while they run: caches, counters, sessions. That it differs is no error."""
    other_python: dict[str, str] = field(default_factory=dict)
    """Executor -> the version of its interpreter, where that compiles the same text to other code."""

    def lines(self) -> Iterator[str]:
        for executor, version in sorted(self.other_python.items()):
            yield f"executor {executor} runs Python {version}, so the contents of its modules were not compared"
        if not self.modules:
            return
        count = f"{len(self.modules)} {'module' if len(self.modules) == 1 else 'modules'} that tasks have imported"
        yield (
            f"code that differs from the driver's: {_listing(self.code)}"
            if self.code
            else f"same code in the {count}"
        )
        yield f"values at import differ: {_listing(self.values)}" if self.values else "same values at import"
        if self.state:
            yield f"run-time state differs, which is no error: {_listing(self.state)}"


def compare(had: Iterable[Had], changed_by_the_run: Collection[str], roots: Collection[str]) -> SameValues:
    """Imports nothing on either side.

    Args:
        changed_by_the_run: ``module:name`` of what the driver's run has changed since the import.
        roots: folders that the driver has the libraries from.
    """
    found = SameValues()
    drivers: dict[frozenset[str], Shares] = {}
    for worker in had:
        if worker.python != sys.version:
            found.other_python[worker.executor] = worker.python.split()[0]
            continue
        modules = frozenset(worker.modules & sys.modules.keys())
        found.modules |= modules
        here = drivers.get(modules)
        if here is None:
            here = drivers[modules] = shares(modules, roots)
        nothing = ("", "", "")
        for name in here.keys() | worker.shares.keys():
            module = name.partition(":")[0]
            if module not in modules:
                continue
            one, other = here.get(name, nothing), worker.shares.get(name, nothing)
            if one[CODE] != other[CODE] and nothing not in (one, other):
                _add(found.code, name, worker)
            elif one[:STATE] != other[:STATE]:
                _add(found.state if name in changed_by_the_run else found.values, name, worker)
            elif one[STATE] != other[STATE]:
                _add(found.state, name, worker)
    return found


def _add(found: dict[str, set[str]], name: str, worker: Had) -> None:
    found.setdefault(name.replace(":", "."), set()).add(worker.executor)


def _listing(found: dict[str, set[str]]) -> str:
    names = sorted(found)
    shown = [f"{name} (executor {', '.join(sorted(found[name]))})" for name in names[:SHOWN]]
    return ", ".join(shown) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
