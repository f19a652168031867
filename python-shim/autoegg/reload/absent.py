"""Modules that are not loaded any more: their file is gone, or importing them failed and nobody needs them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

from .detect import Findings, find
from .finder import LibraryFinder
from .records import Record
from .source import SourceCache


class Absent:
    def __init__(self, finder: LibraryFinder, sources: SourceCache) -> None:
        self._finder = finder
        self._sources = sources
        self._buried: dict[str, tuple[Record, dict[str, Any]]] = {}
        self._failed: dict[str, str | None] = {}
        """Module that could not be imported and that nobody needs -> digest of its file then."""

    def bury(self, record: Record, namespace: dict[str, Any]) -> None:
        self._buried[record.name] = (record, namespace)

    def failed(self, record: Record) -> None:
        self._failed[record.name] = self._sources.digest(record.path)

    def come_back(self, loaded: dict[str, Record]) -> Iterator[Record]:
        """Modules whose file came back get their old module object, so that what was imported from them lives again."""
        for name, (record, namespace) in list(self._buried.items()):
            parent = name.rpartition(".")[0]
            package = not parent or "__path__" in getattr(sys.modules.get(parent), "__dict__", {})
            if name in sys.modules or name in loaded:
                del self._buried[name]
            elif os.path.exists(record.path) and package:
                if name in self._failed and self._sources.digest(record.path) == self._failed[name]:
                    continue
                self._failed.pop(name, None)
                del self._buried[name]
                record.module.__dict__.clear()
                record.module.__dict__.update(namespace)
                sys.modules[name] = record.module
                yield Record(name, record.path, record.module, None, record.package, record.entry)

    def leave_failed(self, found: Findings) -> None:
        """What could not be imported is tried again only when it, or anything else, has changed."""
        if found.stale or found.gone or found.lines:
            return
        for module, imported in list(found.imports.items()):
            imported -= {
                name
                for name in imported
                if name in self._failed and self._sources.digest(self._origin(name)) == self._failed[name]
            }
            if not imported:
                del found.imports[module]

    def _origin(self, name: str) -> str:
        """The file that importing ``name`` would execute."""
        spec = find(self._finder, name)
        return os.path.abspath(spec.origin) if spec is not None and spec.origin else ""
