"""How much of a library has arrived from the Jupyter server while a cell waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

SHOWN_AFTER_SECONDS = 1.0
PAUSE_SECONDS = 0.25
"""Between two states that say so."""


class Receiving:
    """Args: changed: called when there is something new for a person to see."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._library: str | None = None
        self._done = self._total = 0
        self._due = 0.0
        self._shown = False

    def begin(self, library: str, total: int) -> None:
        self._library, self._done, self._total = library, 0, total
        self._due = time.monotonic() + SHOWN_AFTER_SECONDS

    def add(self, count: int) -> None:
        """So many bytes more have arrived."""
        self._done += count
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + PAUSE_SECONDS
            self._shown = True
            self._changed()

    def end(self) -> None:
        self._library = None
        if self._shown:
            self._shown = False
            self._changed()

    def to_json(self) -> dict[str, Any] | None:
        """``receiving`` of a ``KernelState``."""
        if self._library is None or not self._shown:
            return None
        return {"library": self._library, "done": self._done, "total": self._total}
