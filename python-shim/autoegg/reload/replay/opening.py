"""A module whose statements are replayed gets back the names that it had at that point of its import."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType

from .. import progress
from ..inspection import is_class
from ..observe.trace import SYSTEM_NAMES, Record, Trace
from ..plan.definitions import is_own_definition
from ..plan.order import END, Position
from ..plan.traces import is_module, materialise
from .cursor import Cursor
from .incoming import Incoming
from .propagation import Propagation
from .saved_modules import SavedModules
from .schedule import Schedule
from .subclasses import Subclasses
from .withdrawal import Withdrawal


class Opening:
    def __init__(
        self,
        *,
        records: Mapping[str, Record],
        cursors: dict[str, Cursor],
        schedule: Schedule,
        saved: SavedModules,
        incoming: Incoming,
        subclasses: Subclasses,
        propagation: Propagation,
        withdrawal: Withdrawal,
    ) -> None:
        self._records = records
        self._cursors = cursors
        self._schedule = schedule
        self._saved = saved
        self._incoming = incoming
        self._subclasses = subclasses
        self._propagation = propagation
        self._withdrawal = withdrawal

    def open(self, cursor: Cursor, index: int) -> None:
        """Its statements are replayed from ``index`` on."""
        record = cursor.record
        self._saved.save_all()
        progress.doing(f"running {record.name}")
        if cursor.olds is None:
            self._clear(cursor)
            return
        cursor.arrivals = self._arrivals(cursor)
        cursor.rewind(index)
        self._incoming.begin(record, self._schedule.key(record, index))
        for old in cursor.removed:
            self._forget(record, cursor.olds[old])

    def _clear(self, cursor: Cursor) -> None:
        """It runs as a whole."""
        record = cursor.record
        namespace = record.module.__dict__
        for name in list(namespace):
            value = namespace[name]
            if name not in SYSTEM_NAMES and not (
                is_module(value) and sys.modules.get(f"{record.name}.{name}") is value
            ):
                del namespace[name]
        namespace["__doc__"] = None
        cursor.start_class([])
        cursor.start_annotations({})
        cursor.opened = True
        for trace in record.traces:
            self._withdrawal.withdraw(trace, replaced=True)

    def open_under_way(self, place: Position) -> None:
        """Modules that wait for an import have, so far, only the names that they had bound at that point."""
        for name, index in list(self._schedule.order.under_way(place)):
            record = self._records.get(name)
            cursor = self._cursors.get(name)
            if (
                record is None
                or not record.traced
                or record.unit is None
                or (cursor is not None and cursor.opened)
            ):
                continue
            if cursor is None:
                cursor = self._cursors[name] = Cursor(record, record.unit, None, materialise(record))
                self._saved.save(record)
            self.open(cursor, index)
            self._schedule.add(record, index)

    def _arrivals(self, cursor: Cursor) -> dict[int, dict[str, ModuleType]]:
        package, found = cursor.record, dict[int, dict[str, ModuleType]]()
        if "__path__" not in package.module.__dict__:
            return found
        order = self._schedule.order
        inside = [name for name in self._records if name.rpartition(".")[0] == package.name]
        for name in sorted(inside, key=self._completion):
            index = order.arrival(package.name, name)
            if sys.modules.get(name) is self._records[name].module:
                attributes = found.setdefault(len(cursor.steps) if index is None else index, {})
                attributes[name.rpartition(".")[2]] = sys.modules[name]
        for name, value in package.module.__dict__.items():
            full = f"{package.name}.{name}"
            if is_module(value) and sys.modules.get(full) is value and full not in self._records:
                found.setdefault(0, {})[name] = sys.modules[full]
        return found

    def _completion(self, name: str) -> Position:
        """When a module has been imported to its end: the package gets it as an attribute only then."""
        record = self._records[name]
        count = len(record.unit.statements) if record.unit is not None else 0
        found = self._schedule.order.key(name, max(count - 1, 0))
        return (*found, END) if found is not None else (END,)

    def _forget(self, record: Record, trace: Trace) -> None:
        """The statement is no longer in the text: what it did elsewhere is undone, and those that read its names are checked again."""
        self._withdrawal.withdraw(trace)
        for name, value in trace.writes.items():
            if is_own_definition(record.name, name, value) and is_class(value):
                self._subclasses.is_replaced(value)
            self._propagation.on_name(record.name, name)
