"""Modules that are no longer there: their file is gone, or raises now."""

from __future__ import annotations

import sys
from types import ModuleType

from ..observe.recorder import Recorder
from ..observe.trace import Record
from .propagation import Propagation
from .saved_modules import SavedModules
from .withdrawal import Withdrawal


class Removal:
    """``gone``: the names of such modules; ``failed``: what those raise that only others import."""

    def __init__(
        self,
        *,
        recorder: Recorder,
        gone: set[str],
        saved: SavedModules,
        propagation: Propagation,
        withdrawal: Withdrawal,
    ) -> None:
        self._recorder = recorder
        self._saved = saved
        self._propagation = propagation
        self._withdrawal = withdrawal
        self.gone = gone
        self.records: dict[str, Record] = {}
        """What was on record of them."""
        self.failed: dict[str, str] = {}
        self._below: dict[str, ModuleType] = {}
        """Modules that are no files of the library, and were importable by names below a module that is gone."""

    def remove_gone(self) -> None:
        for name in sorted(self.gone):
            if name in self._recorder.records:
                self._remove(name)

    def fail(self, name: str, error: Exception) -> None:
        """A module that only others import raises: it does not exist, and the modules that import it decide what that means."""
        self.failed[name] = f"{type(error).__name__}: {error}"
        self.gone.add(name)
        self._remove(name)

    def _remove(self, name: str) -> None:
        self._saved.save_all()
        record = self._recorder.records[name]
        self._saved.save(record)
        self.records[name] = record
        self._recorder.forget(name)
        sys.modules.pop(name, None)
        for key in [key for key in sys.modules if key.startswith(f"{name}.")]:
            if key not in self._recorder.records:
                self._below[key] = sys.modules.pop(key)
        parent, _, leaf = name.rpartition(".")
        holder = sys.modules.get(parent)
        if holder is not None and holder.__dict__.get(leaf) is record.module:
            package = self._recorder.records.get(parent)
            if package is not None:
                self._saved.save(package)
            del holder.__dict__[leaf]
        for key in [*record.end, ""]:
            self._propagation.on_name(name, key)
        for trace in record.traces:
            self._withdrawal.withdraw(trace)

    def roll_back(self) -> None:
        for name, record in self.records.items():
            self._recorder.forget(name)
            sys.modules[name] = record.module
            self._recorder.add(record)
        sys.modules.update(self._below)
