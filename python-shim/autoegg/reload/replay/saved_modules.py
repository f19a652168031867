"""Modules as they were before the replay."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from ..observe.annotations import are_evaluated_later, give
from ..observe.modules import give_class
from ..observe.recorder import Recorder
from ..observe.trace import Record, Trace
from .cursor import Cursor
from .names import replace_names


class SavedModules:
    """``names``: module -> (it, the values of its names), for the modules that take part in the replay."""

    def __init__(self, recorder: Recorder, journal: list[Callable[[], None]]) -> None:
        self._recorder = recorder
        self._journal = journal
        self.names: dict[str, tuple[ModuleType, dict[str, Any]]] = {}
        self.handed_on: dict[str, list[str] | None] = {}
        """Module -> what its ``__all__`` held; the list itself may be refilled."""
        self.marks: dict[str, dict[str, tuple[Any, Any]]] = {}
        """Module -> its marks at the end of the previous import."""
        self._classes: list[tuple[ModuleType, type]] = []
        self._all: dict[str, tuple[Record, dict[str, Any], dict[str, Any], list[tuple[Trace, str]]]] = {}
        """Module -> (it, its names, those that statements had made, writes into it) before any was replayed."""

    def save(self, record: Record) -> None:
        if record.name not in self.names:
            self.marks[record.name] = dict(record.marks)
            known = self._all.get(record.name)
            names = known[1] if known is not None and known[0] is record else record.module.__dict__
            self.names[record.name] = (record.module, dict(names))
            self._classes.append((record.module, type(record.module)))
            listed: Any = record.module.__dict__.get("__all__")
            self.handed_on[record.name] = list(listed) if type(listed) in (list, tuple) else None

    def save_all(self) -> None:
        """Before the first module is replayed."""
        if not self._all:
            for record in self._recorder.records.values():
                names = dict(record.module.__dict__), dict(record.end), list(record.incoming)
                self._all[record.name] = (record, *names)

    def end(self, record: Record) -> dict[str, Any]:
        """What statements had made of a module's names before the replay."""
        known = self._all.get(record.name)
        return known[2] if known is not None and known[0] is record else dict(record.end)

    def relocate(self, record: Record, spec: ModuleSpec) -> None:
        """A module is found in another file now: a package where there was a module, or the other way round."""
        self.save(record)
        was = (record.path, record.package)
        self._recorder.forget(record.name)
        record.path, record.package = os.path.abspath(spec.origin or record.path), spec.parent or ""
        self._recorder.add(record)
        self._journal.append(lambda: self._put_back(record, *was))
        namespace = record.module.__dict__
        namespace.update(
            __spec__=spec, __loader__=spec.loader, __file__=record.path, __package__=record.package
        )
        namespace.pop("__cached__", None)
        if spec.submodule_search_locations is not None:
            namespace["__path__"] = spec.submodule_search_locations
        else:
            namespace.pop("__path__", None)

    def _put_back(self, record: Record, path: str, package: str) -> None:
        self._recorder.forget(record.name)
        record.path, record.package = path, package
        self._recorder.add(record)

    def roll_back(self, cursors: Mapping[str, Cursor]) -> None:
        for name, cursor in cursors.items():
            annotations = self.names[name][1].get("__annotations__") if name in self.names else None
            if cursor.opened and are_evaluated_later(cursor.unit):
                give(cursor.record, cursor.annotations_held)
            elif type(annotations) is dict and cursor.opened:
                annotations.clear()
                annotations.update(cursor.annotations_held)
        for record, names, end, incoming in self._all.values():
            replace_names(record.module.__dict__, names)
            record.end, record.incoming = end, incoming
        for module, cls in self._classes:
            give_class(module, cls)
        for module, namespace in self.names.values():
            replace_names(module.__dict__, namespace)
            for name in [name for name in module.__dict__ if name not in namespace]:
                del module.__dict__[name]
        for name, marks in self.marks.items():
            if name in self._recorder.records:
                self._recorder.records[name].marks = marks
