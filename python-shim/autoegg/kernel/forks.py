"""A process is not forked in the middle of a change: the child would have half of it, and a lock that is never released."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

SECONDS = 30.0
"""How long a fork waits for a change that another thread makes; a child of a longer one finds out when it is to follow."""

_local = threading.local()
_lock: Callable[[], Any] | None = None
_registered = False


def wait_for(lock: Callable[[], Any] | None) -> None:
    """Forks of this process wait for the lock that ``lock()`` returns; None: for nothing."""
    global _lock, _registered
    _lock = lock
    if not _registered:
        _registered = True  # Python has no way to take these out again
        os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_after)


def _before() -> None:
    lock = _lock() if _lock is not None else None
    _local.held = lock if lock is not None and lock.acquire(timeout=SECONDS) else None


def _after() -> None:
    held, _local.held = getattr(_local, "held", None), None
    if held is not None:
        held.release()
