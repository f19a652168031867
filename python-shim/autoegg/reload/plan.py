"""Which modules must run again: those that changed, whoever imports them, and whoever keeps their objects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from .records import Record
from .state import holds_from


class ImportGraph:
    """Who imports a module, found by the words in the sources first and parsed only where those occur."""

    def __init__(self, records: Mapping[str, Record]) -> None:
        self._records = records

    def importers(self, module: str) -> list[str]:
        leaf = module.rpartition(".")[2].encode()
        prefix = module + "."
        return [
            record.name
            for record in self._records.values()
            if record.name != module
            and (record.mentions(leaf) or record.name.startswith(prefix))
            and module in record.imports()
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
    while True:
        affected = graph.closure(affected)
        holders = {
            name
            for name, record in records.items()
            if name not in affected and holds_from(record.module, boxes(name), affected)
        }
        if not holders:
            return [name for name in records if name in affected]
        affected |= holders
