"""Spark's own record of a job names the versions that it ran, beside what the user says of it: read from event logs."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from own_process import in_own_process

from conftest import MASTERS

STEP = "test.step"
TAG = "def tag(*row):\n    return 'v1'\n"
FOLDER = "TEST_EVENTS"

Said = tuple[tuple[str, ...], str | None]
"""The tags of a job or query, without those that Spark gives to all of a session's, and its description."""


@pytest.fixture(params=MASTERS)
def logging(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The environment of a process whose Spark writes an event log."""
    return {"TEST_MASTER": request.param, **log_to(tmp_path)}


def log_to(folder: Path, **settings: str) -> dict[str, str]:
    settings = {
        "spark.eventLog.enabled": "true",
        "spark.ui.showConsoleProgress": "false",
        "spark.eventLog.dir": folder.as_uri(),
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
        **settings,
    }
    arguments = [*(f"--conf {name}={value}" for name, value in settings.items()), "pyspark-shell"]
    return {FOLDER: str(folder), "PYSPARK_SUBMIT_ARGS": " ".join(arguments)}


class Work:
    """Libraries and their edits; ``runs`` notes what the log should say, ``check`` ends Spark and looks."""

    def __init__(self, spark: Any, notebook: Any, libraries: int = 1) -> None:
        self.spark, self.notebook = spark, notebook
        self.context = spark.sparkContext
        self.libraries = [
            notebook.library(lambda name: {f"{name}/__init__.py": TAG}) for _ in range(libraries)
        ]
        notebook.ship()
        self.rdd = self.context.parallelize(range(2), 2).map(lambda row: row)
        self.expected: dict[str, Said] = {}

    def runs(self, step: str, description: str | None = None, *tags: str) -> None:
        """A job and a query; ``description`` and ``tags`` are what the user has set."""
        self.submit(step)
        self.expected[step] = (tuple(sorted([*tags, *self.tags()])), description or self.text())

    def submit(self, step: str) -> None:
        self.context.setLocalProperty(STEP, step)
        assert self.rdd.count() == 2
        assert self.spark.range(2).count() == 2
        self.context.setLocalProperty(STEP, None)

    def tags(self) -> list[str]:
        return [f"autoegg:{library.name}:{library.version[:12]}" for library in self.libraries]

    def text(self) -> str:
        return "autoegg: " + ", ".join(f"{library.name} {library.version[:12]}" for library in self.libraries)

    def edit(self, word: str, which: int = 0) -> None:
        library = self.libraries[which]
        library.edit({f"{library.name}/__init__.py": TAG.replace("v1", word)})
        self.notebook.ship()

    def check(self) -> None:
        self.spark.stop()
        found: dict[str, set[Said]] = {}
        for step, said in logged():
            found.setdefault(step, set()).add(said)
        differing = {
            step: found.get(step) for step, said in self.expected.items() if found.get(step) != {said}
        }
        assert not differing, (differing, {step: self.expected[step] for step in differing})


def logged(queries: bool = True) -> Iterator[tuple[str, Said]]:
    """Step of the test, and what the log says of a job in it, or of a query."""
    (log,) = Path(os.environ[FOLDER]).iterdir()
    steps: dict[str, str] = {}
    events = [json.loads(line) for line in log.read_text().splitlines()]
    for event in events:
        properties = event.get("Properties") or {}
        if event["Event"] == "SparkListenerJobStart" and STEP in properties:
            tags = properties.get("spark.job.tags", "").split(",")
            yield properties[STEP], (users(tags), properties.get("spark.job.description"))
            if queries and "spark.sql.execution.id" in properties:
                steps[properties["spark.sql.execution.id"]] = properties[STEP]
    for event in events:
        if event["Event"].endswith("SparkListenerSQLExecutionStart") and str(event["executionId"]) in steps:
            yield steps[str(event["executionId"])], (users(event["jobTags"]), event["description"])


def users(tags: list[str]) -> tuple[str, ...]:
    return tuple(sorted(tag for tag in tags if tag and not tag.startswith("spark-session-")))


def in_thread(work: Any, *arguments: Any) -> None:
    thread = threading.Thread(target=work, args=arguments)
    thread.start()
    thread.join(120)


def test_jobs_and_queries_name_the_versions_that_they_ran(logging: dict[str, str]) -> None:
    in_own_process(versions, **logging)


def versions(spark: Any, notebook: Any) -> None:
    work = Work(spark, notebook, libraries=2)
    work.runs("first")
    work.edit("v2")
    work.runs("edited")
    work.edit("v3", which=1)
    work.runs("the other one edited")
    work.edit("v1")
    work.runs("back")
    work.check()


def test_what_the_user_says_of_a_job_stays(logging: dict[str, str]) -> None:
    in_own_process(users_own, **logging)


def users_own(spark: Any, notebook: Any) -> None:
    work = Work(spark, notebook)
    context = work.context
    context.setJobDescription("hers")
    context.addJobTag("her-tag")
    work.runs("set", "hers", "her-tag")
    work.edit("v2")
    work.runs("still set", "hers", "her-tag")
    assert context.getJobTags() == {"her-tag"}
    context.setJobDescription(None)
    work.runs("no description", None, "her-tag")
    context.removeJobTag("her-tag")
    work.runs("no tag")
    context.setJobGroup("group", "of the group")
    work.runs("group", "of the group")
    assert context.getLocalProperty("spark.job.description") == "of the group"
    context.setJobGroup("group", "")
    work.runs("group without description")
    context.clearJobTags()
    work.edit("v3")
    work.runs("tags cleared")
    before = context.getLocalProperty("spark.job.description")
    assert not before, "a label is no description of hers"
    assert context.getJobTags() == set() and not context.getLocalProperty("spark.job.tags")
    context.setLocalProperty("spark.job.description", "for a moment")
    work.runs("for a moment", "for a moment")
    context.setLocalProperty("spark.job.description", before)
    work.runs("afterwards")
    assert context.getLocalProperty("spark.jobGroup.id") == "group"
    work.check()


def test_jobs_of_threads_name_the_versions_that_they_ran(logging: dict[str, str]) -> None:
    in_own_process(threads, **logging)


def threads(spark: Any, notebook: Any) -> None:
    from pyspark import inheritable_thread_target

    work = Work(spark, notebook)
    turn, done = threading.Semaphore(0), threading.Semaphore(0)

    def long() -> None:
        work.context.setJobDescription("of the thread")
        for step in ("of the thread", "of the thread, edited"):
            turn.acquire()
            work.runs(step, "of the thread")
            done.release()

    thread = threading.Thread(target=long)
    thread.start()
    turn.release()
    assert done.acquire(timeout=120)
    in_thread(work.runs, "new thread")
    work.context.setJobDescription("handed on")
    heir = inheritable_thread_target(lambda: work.runs("heir", "handed on"))
    work.context.setJobDescription(None)
    other = inheritable_thread_target(lambda: work.runs("heir of nothing"))
    work.edit("v2")
    turn.release()
    assert done.acquire(timeout=120)
    in_thread(heir)
    in_thread(other)
    in_thread(work.runs, "new thread, edited")
    work.runs("main thread")
    thread.join(120)
    work.check()


def test_without_pinned_threads_jobs_name_the_versions_that_they_ran(tmp_path: Path) -> None:
    in_own_process(versions, **log_to(tmp_path), PYSPARK_PIN_THREAD="false")


def test_the_jobs_of_a_streams_callback_name_the_versions_that_they_ran(logging: dict[str, str]) -> None:
    in_own_process(stream, **logging)


def stream(spark: Any, notebook: Any) -> None:
    work = Work(spark, notebook)
    described: list[str] = []

    def batch(frame: Any, number: int) -> None:
        work.context.setLocalProperty(STEP, str(number))
        assert work.rdd.count() == 2
        work.context.setLocalProperty(STEP, None)
        described.append(str(work.context.getLocalProperty("spark.job.description")))

    running = spark.readStream.format("rate").load().writeStream.foreachBatch(batch)
    query = running.trigger(processingTime="100 milliseconds").start()
    wait(lambda: len(described) >= 1)
    before = work.tags()
    work.edit("v2")
    ended = len(described)
    wait(lambda: len(described) >= ended + 2)  # so one at least has begun after the edit
    query.stop()
    spark.stop()
    said = {
        int(step): tags for step, (tags, _) in logged(queries=False)
    }  # the batch is a query of the stream's
    assert before != work.tags()
    assert list(said[0]) == before
    assert list(said[ended + 1]) == work.tags()
    assert "autoegg" not in "".join(described), "a stream describes its jobs itself"


def wait(check: Any) -> None:
    deadline = threading.Event()
    for _ in range(1200):
        if check():
            return
        deadline.wait(0.1)
    raise AssertionError("it does not happen")


def test_a_setting_of_the_session_leaves_jobs_without_labels(tmp_path: Path) -> None:
    in_own_process(switched_off, **log_to(tmp_path, **{"spark.autoegg.labelJobs": "false"}))


def switched_off(spark: Any, notebook: Any) -> None:
    work = Work(spark, notebook)
    work.submit("first")
    work.edit("v2")
    work.submit("edited")
    spark.stop()
    said = list(logged())
    assert said and not any(tags or "autoegg" in (text or "") for _, (tags, text) in said)
