"""What a statement did elsewhere is undone when the statement is gone, or runs again."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping

from ..observe.trace import MISSING, Record, Trace
from .live_boxes import LiveBoxes
from .names import assign
from .propagation import Propagation
from .registrations import Registrations
from .saved_modules import SavedModules


class Withdrawal:
    """``dead``: the traces of such statements."""

    def __init__(
        self,
        *,
        records: Mapping[str, Record],
        saved: SavedModules,
        boxes: LiveBoxes,
        registrations: Registrations,
        propagation: Propagation,
        journal: list[Callable[[], None]],
    ) -> None:
        self._records = records
        self._saved = saved
        self._boxes = boxes
        self._registrations = registrations
        self._propagation = propagation
        self._journal = journal
        self.dead: list[Trace] = []

    def withdraw(self, trace: Trace | None, replaced: bool = False) -> None:
        """``replaced``: another statement, or another run of this one, takes its place."""
        if trace is None or trace.dead:
            return
        trace.dead = True
        self.dead.append(trace)
        more = trace.more
        if more is None:
            return
        for (module, name), (was, now) in more.foreign.items():
            record = self._records.get(module)
            if record is None:
                continue
            self._saved.save(record)
            if record.module.__dict__.get(name, MISSING) is now:
                assign(record.module.__dict__, name, was)
            if record.end.get(name, MISSING) is now:
                assign(record.end, name, was)
            if not replaced:
                self._propagation.on_name(module, name)
        for name in more.texts:  # whoever generates code looks there for a name that is free
            text = linecache.cache.pop(name, None)
            if text is not None:
                self._journal.append(lambda name=name, text=text: linecache.cache.__setitem__(name, text))  # type: ignore[misc]
        self._registrations.take_back(trace)
        for box, _ in more.effects:
            self._boxes.lose_change(box)

    def roll_back(self) -> None:
        for trace in self.dead:
            trace.dead = False
