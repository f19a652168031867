"""What the names of the libraries' modules mean at the point that the replay has reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..inspection import identity
from ..observe.boxes import same
from ..observe.recorder import Recorder
from ..observe.trace import MISSING, SYSTEM_NAMES, Record
from .cursor import Cursor
from .incoming import Incoming
from .schedule import Schedule

UNKNOWN: Any = object()


class CurrentNames:
    def __init__(
        self, *, recorder: Recorder, cursors: Mapping[str, Cursor], schedule: Schedule, incoming: Incoming
    ) -> None:
        self._recorder = recorder
        self._records = recorder.records
        self._cursors = cursors
        self._schedule = schedule
        self._incoming = incoming

    def is_library(self, module: str) -> bool:
        return module in self._records

    def has_getattr(self, module: str) -> bool:
        """Whether it creates attributes on access (PEP 562)."""
        record = self._records.get(module)
        return record is not None and "__getattr__" in record.module.__dict__

    def value(self, module: str, name: str) -> Any:
        """UNKNOWN: the module is not one of the libraries'."""
        record = self._records.get(module)
        if record is None:
            return UNKNOWN
        if name in SYSTEM_NAMES:
            return record.module.__dict__.get(name, MISSING)
        if self._is_open(record) or not record.traced or record.loading:
            self._incoming.write(record, self._schedule.now)
            return record.module.__dict__.get(name, MISSING)
        return self._incoming.names_by_now(record).get(name, MISSING)

    def have_stayed(self, module: str, then: Mapping[str, Any], stamp: int) -> bool:
        """Whether their values are those at ``stamp`` on the clock."""
        record = self._records.get(module)
        if record is None:
            return False
        is_open = self._is_open(record)
        now: Mapping[str, Any]
        if is_open:
            self._incoming.write(record, self._schedule.now)
            now = {key: value for key, value in record.module.__dict__.items() if key not in SYSTEM_NAMES}
        else:
            now = self._incoming.names_by_now(record)
        versions = self._recorder.versions
        for key, value in then.items():
            if key not in now or not same(now[key], value) or versions.get(identity(value), 0) > stamp:
                return False
        return not is_open or len(now) == len(then)

    def _is_open(self, record: Record) -> bool:
        cursor = self._cursors.get(record.name)
        return cursor is not None and cursor.opened
