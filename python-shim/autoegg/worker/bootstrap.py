"""The first thing that happens when a task's function is unpickled: which state must this process be on?

Two are on offer: the one that the job carries as a local property, and the one embedded in the pickle. The job's decides,
so that all of its tasks run one state, no matter when their functions were pickled and what was shipped since it began. The
embedded one counts where the job carries none: in the processes that plan, and in jobs of other sessions.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from . import afresh, again, check, foreign, named, planner, switch, unpack, values
from .report import put

JOB = "spark.autoegg.job"
PROPERTY = "spark.autoegg.state"
"""The job carries its state under one of these names; the first is not overwritten in the middle of a query."""

STREAMING = "/streaming_job"
"""What Spark 4 hangs on the folder of its files for the processes that plan a stream's source."""

_seen: tuple[str, str | None, str | None] | None = None
"""What led to the present state: embedded, carried, the executor's folder as Spark names it."""

_start: str | None = None
_ready = False


def enter(embedded: str) -> None:
    """Put the process on the state that the job carries, else on the embedded one; ``""`` leaves it as it is.

    :raises ImportError: if that state cannot be loaded here. No other code is run then.
    """
    global _seen
    if not embedded:
        return
    task = sys.modules.get("pyspark.taskcontext")
    context = task.TaskContext._taskContext if task else None
    properties = (context._localProperties if context else None) or {}
    carried = properties.get(JOB) or properties.get(PROPERTY)
    files = sys.modules.get("pyspark.core.files") or sys.modules.get("pyspark.files")
    folder = files.SparkFiles._root_directory if files else None
    if values.waiting:
        values.seal_broadcasts()
    now = (embedded, carried, folder)
    if now != _seen:
        _seen = None
        state = wanted(embedded, carried)
        switch.to(state, unpack.folder_of(state, absolute(folder)))
        planner.embedded = embedded
        check.on = bool(state.get("check"))
        if not _ready:
            _make_ready()
        _seen = now
    put(context, properties)
    if check.on:
        check.begin()


def _make_ready() -> None:
    """What is hooked in this process, once."""
    global _ready
    planner.guard()
    values.name_what_is_gone()
    named.read_types_without_a_session()
    again.install()
    foreign.install()
    afresh.watch((JOB, PROPERTY), start())
    _ready = True


def wanted(embedded: str, carried: str | None) -> dict[str, Any]:
    """The state that counts. One of another session says nothing about this function: its own then."""
    state: dict[str, Any] = json.loads(embedded)
    # On 3.5 what a stream's callback beside a Connect server submits would run in the session, which has moved on.
    if carried and carried != embedded and not state.get("keeps"):
        try:
            other: dict[str, Any] = json.loads(carried)
            if other["session"] == state["session"] and isinstance(other["libraries"], list):
                return other
        except (ValueError, LookupError, TypeError):
            pass  # not written by us
    return state


def absolute(folder: str | None) -> str:
    """Where Spark puts files, also after a task called ``os.chdir``: executors name that folder ``.``."""
    if folder is None:
        raise ImportError(
            "autoegg: this process has no folder for Spark's files, so no library can be loaded here."
        )
    # The processes that plan a stream's source get a folder of their own inside it, with nothing in it.
    folder = folder.removesuffix(STREAMING)
    return folder if os.path.isabs(folder) else os.path.normpath(os.path.join(start(), folder))


def start() -> str:
    """The folder that this process was started in.

    The parent (pyspark's daemon, or the executor itself) never runs user code, so its folder has not moved.
    """
    global _start
    if _start is None:
        try:
            _start = os.readlink(f"/proc/{os.getppid()}/cwd")
        except OSError:  # no /proc on this system: as it was when the first function arrived
            _start = os.getcwd()
    return _start


def report() -> list[tuple[str, str, str]]:
    """What this process is on: library, version, directory."""
    return list(switch.libraries)
