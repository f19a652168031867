"""Which eggs a SparkContext still needs, and the end of all others: off Spark's list first, off the driver's disk later.

A job takes a copy of Spark's list when it is submitted (``DAGScheduler.submitJob``), so what it needs on new executors
are files, not the list. The list is for jobs to come: those of the newest states, the further jobs of a running query,
and the batches of a stream, whose session keeps the state that the stream began with.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from ..guard import JOB, PROPERTY


class Restless(Exception):
    """Which jobs run could not be read this time, because Spark's scheduler was changing it."""


class Retention:
    """The eggs of one SparkContext.

    Args:
        context: the SparkContext.
        folder: where the eggs lie that it was given.
    """

    def __init__(self, context: Any, folder: Path) -> None:
        self._context = context
        self._folder = folder
        self._off: dict[str, int] = {}
        """Eggs that are off the list and still on disk, with the round in which they went off it."""
        self._round = 0
        self._fetchable: set[str] | None = None
        """What running jobs may fetch, as the last round found it; None where it could not be read."""
        self._streams: dict[str, frozenset[str]] = {}
        """For streams that have not reported their state yet: all that was listed when they were first seen."""

    def drop(self, given: Collection[str], keep: Collection[str], sessions: Iterable[Any]) -> set[str]:
        """Take the eggs that are neither in ``keep`` nor needed by running jobs and streams off Spark's list.

        Returns:
            What is off the list now.
        """
        try:
            named, self._fetchable = self._of_jobs()
        except Restless:
            self._fetchable = None
            return set()
        named |= self._of_streams(sessions, given)
        dropped = set(given) - set(keep) - named
        self._round += 1
        self.take_off(dropped)
        self._off.update(dict.fromkeys(dropped, self._round))
        return dropped

    def delete(self, given: Collection[str]) -> None:
        """Take eggs off the driver's disk: those not ``given`` to anybody, off the list since an earlier round, and on
        the list of no job that runs. A job that is just being submitted has its list already and is not to be seen yet,
        hence the round.
        """
        for name in given:
            self._off.pop(name, None)
        if self._fetchable is None:
            return
        there = {path.name for path in self._folder.glob("*.egg")}
        over = {
            # What is neither given nor on its way out was given to a SparkContext that has ended.
            name
            for name in there | set(self._off)
            if name not in given and name not in self._fetchable and self._off.get(name, 0) < self._round
        }
        fetched = self.fetched_here() if over else self._folder
        for name in over:
            for folder in (self._folder, fetched):
                with contextlib.suppress(OSError):
                    (folder / name).unlink(missing_ok=True)
            self._off.pop(name, None)

    def take_off(self, names: Collection[str]) -> None:
        """Take eggs off Spark's list and nothing more."""
        files = self._context._jsc.sc().addedFiles().get("default")
        if not names or not files.isDefined():
            return
        for key in files.get().keySet().mkString("\n").splitlines():
            if os.path.basename(key) in names:
                files.get().remove(key)

    def fetched_here(self) -> Path:
        """The driver's own folder of files that were added: Spark copies each of them there, in local mode for tasks."""
        return Path(self._context._jvm.org.apache.spark.SparkFiles.getRootDirectory())

    def _of_jobs(self) -> tuple[set[str], set[str]]:
        """The eggs that the states of running jobs name, and the files that running jobs may fetch."""
        named: set[str] = set()
        fetchable: set[str] = set()
        for job in _active_jobs(self._context):
            properties = job.properties()
            for key in (JOB, PROPERTY) if properties is not None else ():
                named |= _eggs_of(properties.getProperty(key))
            files = job.artifacts().files().keySet().mkString("\n").splitlines()
            fetchable.update(os.path.basename(key) for key in files)
        return named, fetchable

    def _of_streams(self, sessions: Iterable[Any], given: Collection[str]) -> set[str]:
        found: dict[str, frozenset[str]] = {}
        for session in sessions:
            for stream in session._jsparkSession.sharedState().activeStreamingQueries().values():
                run = stream.runId().toString()
                execution = stream.lastExecution()
                if execution is None:
                    found[run] = self._streams.get(run) or frozenset(given)
                else:
                    state = execution.sparkSession().conf().getOption(PROPERTY)
                    found[run] = frozenset(_eggs_of(state.get() if state.isDefined() else None))
        self._streams = found
        return set().union(*found.values())


def _active_jobs(context: Any) -> Iterator[Any]:
    """The jobs that run, as Spark's scheduler knows them.

    Its tables belong to another thread. So what the status store, which is made for being read, calls active must be
    found in them.
    """
    jobs = context._jsc.sc().dagScheduler().jobIdToActiveJob()
    told = _calmly(lambda: jobs.keySet().mkString("\n")).splitlines()
    for number in {*map(int, told), *context.statusTracker().getActiveJobsIds()}:
        job = _calmly(lambda number=number: jobs.get(number))  # type: ignore[misc]
        if job.isDefined():
            yield job.get()
        elif number in context.statusTracker().getActiveJobsIds() and not jobs.get(number).isDefined():
            # Ended a moment ago and not reported yet, or not found.
            raise Restless


def _calmly(read: Callable[[], Any]) -> Any:
    """What ``read`` gives. It fails where the table changed meanwhile, so once more."""
    for _ in range(4):
        try:
            return read()
        except Exception as error:
            if getattr(error, "java_exception", None) is None:
                raise
    raise Restless


def _eggs_of(state: str | None) -> set[str]:
    """The eggs that a state names, as a job or a session carries it."""
    try:
        return {egg for library in json.loads(state or "{}")["libraries"] for egg in library["eggs"]}
    except (ValueError, LookupError, TypeError):
        return set()  # none, or not written by us
