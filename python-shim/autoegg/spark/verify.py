"""Proof by asking: runs small tasks until every executor that Spark lists has reported which version it runs."""

from __future__ import annotations

import logging
import os
import pickle
import socket
import threading
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .. import contents
from ..contents import Shares
from ..protocol import State
from .classic import pythons
from .classic.tasks import executors_of, last_ran
from .connect.verify import answers as connect_answers
from .guard import MODULE
from .hooks import pickling_for
from .target import Target

_log = logging.getLogger("autoegg")

_PAUSE = 0.02
"""Seconds that a probe task stays, so that the tasks of one round spread over the free executors."""

_LONGEST_PAUSE = 0.5
_MOST_TASKS = 64


@dataclass(frozen=True)
class Row:
    """What one process runs of one library.

    ``reached`` is False where an executor did not answer in time: ``pid`` and ``version`` are None then, and ``last`` has
    the first 16 digits of the version that its latest finished task ran, if one was heard of, and ``why`` what is known to
    keep it from answering. ``version`` is also None
    where a process answered without having been put on a state.
    """

    role: Literal["driver", "executor"]
    executor: str
    host: str
    pid: int | None
    library: str
    version: str | None
    reached: bool
    last: str | None = None
    why: str | None = None


@dataclass(frozen=True)
class Had:
    """What one worker process has of the modules that its tasks have imported."""

    executor: str
    host: str
    pid: int
    modules: frozenset[str]
    shares: Shares
    python: str
    """The version of its interpreter: another one compiles the same text to other code."""


def verify(
    target: Target, state: State, timeout: float = 10.0, driver: Mapping[str, str | None] | None = None
) -> tuple[list[Row], list[Had]]:
    """One row per library for the driver and for each worker process that answered; executors not reached have a row too.

    What the processes have goes with it; a Connect server, which reports no executors to the client, is not asked for it.

    :param timeout: seconds after which the executors that have not answered are given up.
    :param driver: what the driver runs (library to version), as its caller has proven; the state's versions if absent.
    """
    names = [library.name for library in state.libraries]
    versions = (
        driver if driver is not None else {library.name: library.version for library in state.libraries}
    )
    host, pid = socket.gethostname(), os.getpid()
    rows = [Row("driver", "driver", host, pid, name, versions.get(name), True) for name in names]
    if target.kind == "connect":
        return rows + list(_connect_rows(target, state, timeout, names)), []
    asking = _Asking(target.handle, state)
    answers = asking.answers(timeout)
    # Listed after the answers: an executor that came meanwhile is asked too, or named as one that was not reached.
    executors = _executors(target.handle)
    answered = {executor for executor, *_ in answers}
    # What tasks reported earlier is looked up only for executors that do not answer.
    heard = {} if answered >= set(executors) else {ran.executor: ran.versions for ran in last_ran()}
    for executor, where in sorted(executors.items()):
        found = sorted((answer for answer in answers if answer[0] == executor), key=lambda answer: answer[2])
        for _, node, process, runs in found:
            rows += [Row("executor", executor, node, process, name, runs.get(name), True) for name in names]
        if not found:
            last = heard.get(executor, {})
            rows += [
                Row("executor", executor, where, None, name, None, False, last.get(name), asking.problem)
                for name in names
            ]
    return rows, asking.had()


def _connect_rows(target: Target, state: State, timeout: float, names: list[str]) -> Iterator[Row]:
    """A client knows no executors: each worker process is listed under its host."""
    answers = connect_answers(target.handle, timeout, lambda: pickling_for(state))
    for host, pid, runs in answers:
        for name in names:
            yield Row("executor", host, host, pid, name, runs.get(name), True)
    if not answers:
        for name in names:
            yield Row("executor", target.master, target.master, None, name, None, False)


Answer = tuple[str, str, int, dict[str, str]]
"""Executor, host, pid, library to version."""


def _executors(context: Any) -> dict[str, str]:
    """The live executors that Spark lists, with their hosts. The driver is one of them only in local mode."""
    listed = context._jsc.sc().statusStore().executorList(True)
    found = {}
    for index in range(listed.size()):
        executor = listed.apply(index)
        if executor.id() != "driver" or context.master.startswith("local[") or context.master == "local":
            found[executor.id()] = executor.hostPort().rpartition(":")[0]
    return found


class _Asking:
    """Rounds of probe tasks on a thread of their own, so that an executor that hangs cannot hold up the caller."""

    def __init__(self, context: Any, state: State) -> None:
        self._context = context
        self._state = state
        self._group = f"autoegg-verify-{uuid.uuid4().hex}"
        # An accumulator, because it brings what tasks said even if their job never ends.
        self._received = context.accumulator([], _collecting())
        self._places: dict[tuple[int, int], str] = {}
        self._end = threading.Event()
        self.problem: str | None = None
        """What keeps all of them from answering."""

    def answers(self, timeout: float) -> list[Answer]:
        thread = threading.Thread(target=self._rounds, name="autoegg-verify", daemon=True)
        thread.start()
        thread.join(timeout)
        self._end.set()
        if thread.is_alive():
            self._context.cancelJobGroup(self._group)
            thread.join(2.0)
        return self._answers()

    def _rounds(self) -> None:
        pause = _PAUSE
        with pickling_for(self._state):
            while not self._end.is_set():
                try:
                    self._context.setJobGroup(self._group, "autoegg verify", interruptOnCancel=True)
                    if self._all_answered(pause):
                        return
                except Exception as error:  # an executor was lost; or cancelled, or the context was stopped
                    _log.info("asking the executors: %s", str(error).partition("\n")[0])
                    self.problem = pythons.told_in(str(error))
                    if self.problem is not None:
                        return
                    self._end.wait(_LONGEST_PAUSE)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def _all_answered(self, pause: float) -> bool:
        parallel = max(self._context.defaultParallelism, len(_executors(self._context)))
        tasks = min(2 * parallel, _MOST_TASKS)
        self._context.parallelize(range(tasks), tasks).foreachPartition(
            _probe(self._received, pause, self._group, _contents())
        )
        return set(_executors(self._context)) <= {executor for executor, *_ in self._answers()}

    def _answers(self) -> list[Answer]:
        """What was received, with the executor that Spark says the task ran on: the task itself cannot know."""
        said = list(self._received.value)
        missing = {(stage, task) for stage, task, *_ in said} - set(self._places)
        self._places |= executors_of(self._context, missing)
        found: dict[tuple[str, str, int], dict[str, str]] = {}
        for stage, task, host, pid, runs, _ in said:
            if (stage, task) in self._places:
                found[self._places[stage, task], host, pid] = runs
        return [(*process, runs) for process, runs in found.items()]

    def had(self) -> list[Had]:
        """What the processes that have answered said once of what they have."""
        return [
            Had(self._places[stage, task], host, pid, *pickle.loads(zlib.decompress(told)))
            for stage, task, host, pid, _, told in list(self._received.value)
            if told and (stage, task) in self._places
        ]


def _contents() -> bytes:
    """The text of ``autoegg.contents``: workers may have no ``autoegg``, and only those that are asked need it."""
    return zlib.compress(Path(contents.__file__).read_bytes())


def _collecting() -> Any:
    """How answers add up. Made here, so that it is pickled by value: workers may have no ``autoegg``."""
    from pyspark.accumulators import AccumulatorParam

    class Collecting(AccumulatorParam[list[Any]]):
        def zero(self, value: list[Any]) -> list[Any]:
            return []

        def addInPlace(self, one: list[Any], other: list[Any]) -> list[Any]:
            return one + other

    return Collecting()


def _probe(received: Any, pause: float, question: str, comparison: bytes) -> Callable[[Iterator[Any]], None]:
    name = MODULE

    def probe(rows: Iterator[Any]) -> None:
        import os
        import pickle
        import socket
        import sys
        import time
        import types
        import zlib

        from pyspark import TaskContext

        task = TaskContext.get()
        worker: Any = sys.modules.get(name)
        runs = {library: version for library, version, _ in worker.bootstrap.report()} if worker else {}
        told = b""
        if worker is not None and getattr(worker, "question", None) != question:
            worker.question = question  # each process is asked once
            compare: Any = types.ModuleType(f"{name}.contents")
            sys.modules[compare.__name__] = compare
            exec(zlib.decompress(comparison), compare.__dict__)
            modules = [module for module, _ in worker.switch.loaded()]
            roots = [directory for _, _, directory in worker.bootstrap.report()]
            has = compare.shares(modules, roots)
            told = zlib.compress(pickle.dumps((frozenset(modules), has, sys.version)))
        if task is not None:
            said = (task.stageId(), task.taskAttemptId(), socket.gethostname(), os.getpid(), runs, told)
            received.add([said])
        time.sleep(pause)

    return probe
