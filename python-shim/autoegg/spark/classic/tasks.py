"""Which versions each worker process last ran a task on, as reported by the tasks (``worker/report.py``)."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from ...worker.report import ACCUMULATOR
from ..target import live_context

MOST = 512
"""How many worker processes are remembered; the most recently reported stay."""

IDLE = 75.0
"""Seconds after which a worker process without a task has ended: Spark stops it after one minute
(``PythonWorkerFactory.IDLE_WORKER_TIMEOUT_NS``) and looks every ten seconds."""

_MOST_ATTEMPTS = 4
_MOST_TASKS = 4096
"""How far Spark's status store is searched for the executor of a task."""


@dataclass
class Ran:
    """What one worker process reported with its last task that succeeded.

    ``versions`` has the first 16 digits of each library's version. ``executor`` is None where Spark does not know the task
    any more. ``at`` is in seconds, as ``time.time``; ``tasks`` counts the tasks that have reported.
    """

    host: str
    pid: int
    versions: dict[str, str]
    at: float
    tasks: int
    executor: str | None = None
    task: tuple[int, int] = field(default=(0, 0), repr=False)
    is_here: bool = field(default=False, repr=False)
    """Whether this process can see that one, so that its end can be noticed."""


class Heard:
    """Takes the reports. Spark's scheduler waits while it does, so nothing here may ask Spark anything."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: OrderedDict[tuple[str, int], Ran] = OrderedDict()
        self._host = socket.gethostname()
        self._context: Any = None

    def __iadd__(self, report: Any) -> Heard:
        # What is raised here would end PySpark's accumulator server, and with it the session.
        with contextlib.suppress(Exception):
            pid, host, stage, task, runs = report
            versions = dict(part.split("=") for part in runs.split(",") if part)
            with self._lock:
                self._forget_other_contexts()
                known = self._processes.pop((host, pid), None)
                count = 1 if known is None else known.tasks + 1
                executor = None if known is None else known.executor
                self._processes[host, pid] = Ran(
                    host,
                    pid,
                    versions,
                    time.time(),
                    count,
                    executor,
                    (stage, task),
                    # It lives, since it has just reported; in another pid namespace its number means nothing here.
                    host == self._host and _exists(pid),
                )
                while len(self._processes) > MOST:
                    self._processes.popitem(last=False)
        return self

    def processes(self) -> list[Ran]:
        """Those that still run, as far as this process can tell; of another machine's, its latest one stays in any case."""
        with self._lock:
            self._forget_other_contexts()
            latest = {(ran.executor, ran.host): ran for ran in self._processes.values()}
            now = time.time()
            for key, ran in list(self._processes.items()):
                ended = (
                    not _exists(ran.pid)
                    if ran.is_here
                    else now - ran.at > IDLE and latest[ran.executor, ran.host] is not ran
                )
                if ended:
                    del self._processes[key]
            return list(self._processes.values())

    def _forget_other_contexts(self) -> None:
        # Stages and tasks are counted from 0 in each SparkContext.
        context = live_context()
        if context is not self._context:
            self._context = context
            self._processes.clear()


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True


_heard = Heard()


def listen(module: ModuleType) -> list[Any]:
    """In ``pyspark.accumulators``: the driver's registry of accumulators, in which the server looks up the target of an update."""
    registry = getattr(module, "_accumulatorRegistry", None)
    if not isinstance(registry, dict):
        return []  # nothing depends on reports but what a person is shown
    registry[ACCUMULATOR] = _heard
    return [lambda: registry.pop(ACCUMULATOR, None)]


def heard() -> list[Ran]:
    """Each worker process of the live SparkContext that has finished a task, longest silent first. Asks Spark nothing."""
    return _heard.processes()


def last_ran() -> list[Ran]:
    """Each worker process of the live SparkContext that has finished a task, with its executor, longest silent first.

    Costs a question to Spark for each stage in which processes reported for the first time.
    """
    found = _heard.processes()
    context = live_context()
    if context is not None:
        tasks = {ran.task for ran in found if ran.executor is None}
        places = executors_of(context, tasks)
        for ran in found:
            ran.executor = ran.executor or places.get(ran.task)
    return found


def executors_of(context: Any, tasks: set[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """The executors of these tasks (stage, task), as Spark's status store has them: a task itself cannot know."""
    found: dict[tuple[int, int], str] = {}
    for stage in sorted({stage for stage, _ in tasks}):
        wanted = {task for where, task in tasks if where == stage}
        for attempt in range(_MOST_ATTEMPTS):
            if not wanted:
                break
            listed = context._jsc.sc().statusStore().taskList(stage, attempt, _MOST_TASKS)
            if listed.isEmpty():
                break
            for index in range(listed.size()):
                task = listed.apply(index)
                number = task.taskId()
                if number in wanted:
                    found[stage, number] = task.executorId()
                    wanted.discard(number)
    return found
