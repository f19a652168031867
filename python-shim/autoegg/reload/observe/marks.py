"""State of objects that are not containers but change: locks, counters, context variables, random generators."""

from __future__ import annotations

import contextvars
import itertools
import random
import threading
from typing import Any

from ..inspection import identity

_LOCKS = (type(threading.Lock()), type(threading.RLock()))
SPECIAL = frozenset([contextvars.ContextVar, itertools.count, random.Random, *_LOCKS])


def mark(value: Any) -> Any:
    """Differs when the run has changed the state of ``value``."""
    kind = type(value)
    if kind is contextvars.ContextVar:
        return identity(value.get(None))
    if kind in _LOCKS:
        return repr(value).startswith("<locked")
    if kind is random.Random:
        return hash(value.getstate())
    return repr(value)
