"""The last things that the shim did, for ``%autoegg log``: kept in memory, nothing is written to the user's disk."""

from __future__ import annotations

import logging
from collections import deque


class RecentRecords(logging.Handler):
    """Keeps the newest records of the logger ``autoegg``, tracebacks included."""

    def __init__(self, capacity: int = 200) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=capacity)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))

    def note(self, error: BaseException) -> None:
        self._lines.append(f"{type(error).__name__}: {error}")

    @property
    def text(self) -> str:
        return "\n".join(self._lines)
