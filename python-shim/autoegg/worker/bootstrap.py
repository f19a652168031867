"""The first thing that happens when a task's function is unpickled: which state must this process be on?

Two are on offer: the one embedded in the pickle, and the one that the job carries as a local property. The property is
what gives functions that were pickled earlier (old UDFs, DataFrames, RDDs) the newest code.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from . import switch

PROPERTY = "spark.autoegg.state"

_seen: tuple[str, str | None, str | None] | None = None
"""What led to the present state: embedded, carried, the executor's folder as Spark names it."""

_start: str | None = None


def enter(embedded: str) -> None:
    """Put the process on the newer of the embedded state and the one that the job carries.

    :raises ImportError: when that state cannot be had here. No other code is run then.
    """
    global _seen
    task = sys.modules.get("pyspark.taskcontext")
    context = task.TaskContext._taskContext if task else None
    carried = (context._localProperties or {}).get(PROPERTY) if context else None
    files = sys.modules.get("pyspark.core.files") or sys.modules.get("pyspark.files")
    folder = files.SparkFiles._root_directory if files else None
    now = (embedded, carried, folder)
    if now == _seen:
        return
    _seen = None
    switch.to(newer(embedded, carried), absolute(folder))
    _seen = now


def newer(embedded: str, carried: str | None) -> dict[str, Any]:
    """The state that counts. One of another session says nothing about this function: its own then."""
    state: dict[str, Any] = json.loads(embedded)
    if carried and carried != embedded:
        try:
            other: dict[str, Any] = json.loads(carried)
            if other["session"] == state["session"] and other["generation"] > state["generation"]:
                return other
        except (ValueError, LookupError, TypeError):
            pass  # not written by us
    return state


def absolute(folder: str | None) -> str:
    """Where Spark puts files, also after a task called ``os.chdir``: executors name that folder ``.``.

    The parent (pyspark's daemon, or the executor itself) never runs user code, so its folder has not moved.
    """
    global _start
    if folder is None:
        raise ImportError(
            "autoegg: this process has no folder for Spark's files, so no library can be had here."
        )
    if os.path.isabs(folder):
        return folder
    if _start is None:
        try:
            _start = os.readlink(f"/proc/{os.getppid()}/cwd")
        except OSError:  # no /proc on this system: as it was when the first function arrived
            _start = os.getcwd()
    return os.path.normpath(os.path.join(_start, folder))


def report() -> list[tuple[str, str, str]]:
    """What this process is on: library, version, directory."""
    return list(switch.libraries)
