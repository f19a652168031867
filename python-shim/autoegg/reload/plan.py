"""Which modules must run again: those that changed, whoever imports them, and whoever keeps their objects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .edits import Edit, compare
from .records import Record
from .source import Source
from .state import holds_from
from .uses import Uses


class ImportGraph:
    """Who imports a module, found by the words in the sources first and parsed only where those occur."""

    def __init__(self, records: Mapping[str, Record], inside_functions: bool = False) -> None:
        self._records = records
        self._inside_functions = inside_functions

    def importers(self, module: str) -> list[str]:
        leaf = module.rpartition(".")[2].encode()
        prefix = module + "."
        return [
            record.name
            for record in self._records.values()
            if record.name != module
            and (record.mentions(leaf) or record.name.startswith(prefix))
            and module in record.imports(self._inside_functions)
        ]

    def closure(self, modules: Iterable[str]) -> set[str]:
        """The modules and everything that imports one of them, over any number of steps."""
        found = set(modules)
        todo = list(found)
        while todo:
            for importer in self.importers(todo.pop()):
                if importer not in found:
                    found.add(importer)
                    todo.append(importer)
        return found


def must_run(
    records: Mapping[str, Record],
    stale: Collection[str],
    gone: Collection[str],
    boxes: Callable[[str], list[Any]],
) -> list[str]:
    """Modules to run again, in the order in which they were first imported. ``boxes(module)``: its containers."""
    graph = ImportGraph(records)
    affected = {*stale, *gone}
    while affected:
        affected = graph.closure(affected)
        holders = {
            name
            for name, record in records.items()
            if name not in affected and holds_from(record.module, boxes(name), affected)
        }
        if not holders:
            return [name for name in records if name in affected]
        affected |= holders
    return []


@dataclass
class Plan:
    """``edits``: modules that take new code and run single statements only; ``rerun``: modules that run as a whole.

    ``rebind``: (module, its name, origin, name there): from-imports of a value that an edit replaced.
    ``caches``: (module, name) of what now computes something else, itself or through what it calls.
    """

    edits: dict[str, Edit]
    rerun: list[str]
    rebind: list[tuple[str, str, str, str]]
    caches: list[tuple[str, str]]


def make_plan(
    records: Mapping[str, Record],
    stale: Mapping[str, Source],
    whole: Collection[str],
    gone: Collection[str],
    boxes: Callable[[str], list[Any]],
) -> Plan:
    """``stale``: module -> its text now. ``whole``: those (stale or not) that must run as a whole, whatever changed."""
    edits: dict[str, Edit] = {}
    for name, new in stale.items():
        old = records[name].source
        edit = compare(old, new) if old is not None and name not in whole else None
        if edit is not None:
            edits[name] = edit
    rerun = set(must_run(records, {*stale.keys() - edits.keys(), *whole}, gone, boxes))
    while True:
        edits = {name: edit for name, edit in edits.items() if name not in rerun}
        uses = Uses(records, edits, rerun)
        more = uses.must_run()
        if not more:
            break
        rerun = set(must_run(records, rerun | more, gone, boxes))
    return Plan(
        _imported_first(edits, records),
        [name for name in records if name in rerun],
        uses.rebindings(name for name in records if name in uses.seen and name not in rerun),
        sorted(uses.behaviour),
    )


def _imported_first(edits: Mapping[str, Edit], records: Mapping[str, Record]) -> dict[str, Edit]:
    """An edited module may import what another edited module has just gained."""
    ordered: dict[str, Edit] = {}

    def add(name: str, above: tuple[str, ...]) -> None:
        if name in ordered or name in above or name not in edits:
            return
        for imported in sorted(edits[name].new.imports(records[name].package)):
            add(imported, (*above, name))
        ordered[name] = edits[name]

    for name in edits:
        add(name, ())
    return ordered
