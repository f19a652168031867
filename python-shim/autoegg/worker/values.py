"""Data that was pickled earlier: unpickled under the state of the task that reads it, or refused by name."""

from __future__ import annotations

import functools
import os
import pickle
import re
import socket
import sys
from collections.abc import Callable
from typing import Any

from . import switch

waiting = False
"""Whether values have come sealed that their broadcasts do not know of yet."""

_MISSING = re.compile(r"attribute '([^']+)' on <module '([^']+)'|module '([^']+)' has no attribute '([^']+)'")


class Sealed:
    """The bytes of a value, where PySpark unpickles it before the task's function: encrypted broadcasts."""

    def __init__(self, pickled: bytes) -> None:
        global waiting
        self.pickled = pickled
        waiting = True


def seal_broadcasts() -> None:
    """Broadcasts that came sealed unpickle their value when it is asked for, and once more under another state."""
    global waiting
    waiting = False
    for name in ("pyspark.core.broadcast", "pyspark.broadcast"):
        for broadcast in getattr(sys.modules.get(name), "_broadcastRegistry", {}).values():
            sealed = broadcast.__dict__.get("_value")
            if type(sealed) is Sealed:
                del broadcast._value
                broadcast._sealed = sealed
                broadcast.__class__ = _opening(type(broadcast))  # type: ignore[arg-type]


@functools.cache
def _opening(cls: type) -> type:
    class Opening(cls):
        @property
        def value(self) -> Any:
            if "_value" not in self.__dict__:
                self._value = _named(pickle.loads)(self._sealed.pickled)
            return self._value

    return Opening


def name_what_is_gone() -> None:
    """PySpark's unpickling says which library and version lacks what a pickle names."""
    pickler = sys.modules.get("pyspark.cloudpickle")
    if pickler is not None:
        pickler.loads = _named(pickler.loads)  # type: ignore[attr-defined]
    for name in ("pyspark.core.broadcast", "pyspark.broadcast"):
        cls = getattr(sys.modules.get(name), "Broadcast", None)
        if cls is not None and cls.__module__ == name:
            cls.load = _named(cls.load)


def _named(load: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(load)
    def named(*arguments: Any, **options: Any) -> Any:
        try:
            return load(*arguments, **options)
        except (AttributeError, ModuleNotFoundError) as error:
            missing = _what_is_gone(error)
            if missing is None:
                raise
            raise missing from error

    return named


def _what_is_gone(error: AttributeError | ModuleNotFoundError) -> ImportError | None:
    if isinstance(error, ModuleNotFoundError):
        module, what = error.name or "", error.name
    else:
        found = _MISSING.search(str(error))
        if found is None:
            return None
        module = found[2] or found[3]
        what = f"{module}.{found[1] or found[4]}"
    owner = switch.owner(module)
    if owner is None:
        return None
    return ImportError(
        f"autoegg: pickled data or a pickled function refers to {what}, which {owner[0]} {owner[1][:12]} no longer "
        f"defines (node {socket.gethostname()}, process {os.getpid()}): restore it in the library, or recreate "
        "the data (unpersist and recompute what is cached, broadcast again)."
    )
