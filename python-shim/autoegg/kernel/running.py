"""Which threads are running a cell: the main shell's, and those of subshells (ipykernel 7)."""

from __future__ import annotations

import sys
import threading


class RunningCells:
    """``join`` and ``begin`` are called under the lock of the code that makes the change; ``end`` at any time."""

    def __init__(self) -> None:
        self._threads: set[int] = set()

    def join(self) -> bool:
        """This thread's cell begins. True if another cell is running, whose state it shares then."""
        # The thread of a subshell that was deleted in the middle of a cell never says that the cell has ended.
        self._threads &= sys._current_frames().keys() - {threading.get_ident()}
        if self._threads:
            self.begin()
        return bool(self._threads)

    @property
    def others(self) -> bool:
        """Whether another thread than this one runs a cell."""
        return bool(self._threads & sys._current_frames().keys() - {threading.get_ident()})

    def begin(self) -> None:
        """This thread's cell runs from here on."""
        self._threads.add(threading.get_ident())

    def end(self) -> None:
        """This thread's cell, if there was one, has ended."""
        self._threads.discard(threading.get_ident())
