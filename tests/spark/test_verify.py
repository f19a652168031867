"""Every executor is asked what it runs; one that does not answer is said not to have been reached."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autoegg.spark import last_ran, live_target, verify


def files(name: str) -> dict[str, str]:
    return {f"{name}/__init__.py": "", f"{name}/code.py": "def tag(*row):\n    return 'v1'\n"}


def test_each_executor_reports_the_version_that_it_runs(spark: Any, notebook: Any) -> None:
    one, two = notebook.library(files), notebook.library(files)
    for content in ("v1", "v2"):
        one.edit({f"{one.name}/code.py": f"def tag(*row):\n    return {content!r}\n"})
        state = notebook.ship()
        target = live_target()
        assert target is not None
        rows, _ = verify(target, state, timeout=200)
        assert all(row.reached for row in rows)
        assert {(row.library, row.version) for row in rows} == {(lib.name, lib.version) for lib in (one, two)}
        assert [row.pid for row in rows if row.role == "driver"] == [os.getpid()] * 2
        executors = {row.executor for row in rows if row.role == "executor"}
        assert executors == ({"driver"} if target.master.startswith("local[") else {"0", "1"})
        pids = {row.pid for row in rows if row.role == "executor"}
        assert None not in pids and os.getpid() not in pids
        assert {row.host for row in rows} == {socket.gethostname()}


def test_the_driver_row_says_what_its_caller_has_proven(spark: Any, notebook: Any) -> None:
    library = notebook.library(files)
    target = live_target()
    assert target is not None
    rows, _ = verify(target, notebook.ship(), timeout=200, driver={library.name: None})
    assert [row.version for row in rows if row.role == "driver"] == [None]


def test_an_executor_that_hangs_is_not_reached_and_the_others_are(
    spark: Any, notebook: Any, tmp_path: Path
) -> None:
    notebook.library(files)
    state = notebook.ship()
    target = live_target()
    assert target is not None
    cluster = target.master.startswith("local-cluster")
    with (
        hanging_executor(spark.sparkContext, tmp_path)
        if cluster
        else busy_cores(spark.sparkContext, tmp_path)
    ):
        rows, _ = verify(target, state, timeout=5)
    executors = [row for row in rows if row.role == "executor"]
    assert sorted(row.reached for row in executors) == ([False, True] if cluster else [False])
    lost = next(row for row in executors if not row.reached)
    assert (lost.pid, lost.version) == (None, None) and lost.host
    assert all(row.reached for row in verify(target, state, timeout=200)[0]), "it answers again"


@contextlib.contextmanager
def hanging_executor(context: Any, folder: Path) -> Iterator[None]:
    """One of the executors' JVMs does not run while this lasts."""

    def java(row: int) -> int:
        """The executor's JVM: the parent of pyspark's daemon, which is the parent of this worker."""
        with open(f"/proc/{os.getppid()}/stat") as file:  # noqa: PTH123
            return int(file.read().rpartition(")")[2].split()[1])

    stopped = context.parallelize(range(1), 1).map(java).first()
    os.kill(stopped, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(stopped, signal.SIGCONT)


@contextlib.contextmanager
def busy_cores(context: Any, folder: Path) -> Iterator[None]:
    """All cores have a task that runs while this lasts."""
    here = str(folder)

    def work(row: int) -> None:
        started, end = os.path.join(here, str(row)), os.path.join(here, "end")
        open(started, "w").close()  # noqa: PTH123
        while not os.path.exists(end):
            time.sleep(0.05)

    job = threading.Thread(target=context.parallelize(range(2), 2).foreach, args=(work,))
    job.start()
    try:
        while len(list(folder.iterdir())) < 2 and job.is_alive():
            time.sleep(0.05)
        yield
    finally:
        (folder / "end").touch()
        job.join(60)


def test_every_task_that_succeeds_reports_what_it_ran(spark: Any, notebook: Any) -> None:
    """RDDs and SQL functions; each report stands under the executor that Spark names for its task."""
    from pyspark.sql.functions import udf

    library = notebook.library(files)
    module = importlib.import_module(f"{library.name}.code")
    for content in ("v1", "v2"):
        library.edit({f"{library.name}/code.py": f"def tag(*row):\n    return {content!r}\n"})
        importlib.reload(module)
        notebook.ship()
        frame = spark.range(0, 6, 1, 6).select(udf(lambda row: module.tag(row))("id"))
        jobs = (
            lambda: spark.sparkContext.parallelize(range(6), 6).map(module.tag).collect(),
            lambda frame=frame: [row[0] for row in frame.collect()],
        )
        told = []
        # Looked at after each job: a process that has ended is listed no more.
        for job in jobs:
            before = {(ran.host, ran.pid): ran.tasks for ran in last_ran()}
            assert set(job()) == {content}
            new = [(ran, ran.tasks - before.get((ran.host, ran.pid), 0)) for ran in last_ran()]
            assert sum(tasks for _, tasks in new) == 6
            told += [ran for ran, tasks in new if tasks]
        assert {ran.versions[library.name] for ran in told} == {library.version[:16]}
        executors = {"driver"} if spark.sparkContext.master.startswith("local[") else {"0", "1"}
        assert {ran.executor for ran in told} <= executors
        assert os.getpid() not in {ran.pid for ran in told}


def test_a_failed_task_and_a_broken_report_harm_nobody(spark: Any, notebook: Any) -> None:
    from pyspark.accumulators import _accumulatorRegistry

    from autoegg.worker.report import ACCUMULATOR

    notebook.library(files)
    notebook.ship()
    _accumulatorRegistry[ACCUMULATOR] += "not a report"
    assert not any(ran.host == "not a report" for ran in last_ran())
    counted = spark.sparkContext.accumulator(0)
    spark.sparkContext.parallelize(range(4), 4).foreach(lambda row: counted.add(row))
    assert counted.value == 6, "the user's own accumulators go on"


def test_processes_heard_of_are_bounded() -> None:
    from autoegg.spark.classic.tasks import MOST, Heard

    heard = Heard()
    for pid in range(2 * MOST):
        heard += (pid, "host", 0, pid, "lib=0123456789abcdef")
    assert len(heard.processes()) == MOST
    assert heard.processes()[-1].pid == 2 * MOST - 1


def test_of_this_machine_only_living_processes_are_listed() -> None:
    import os
    import socket
    import subprocess
    import sys

    from autoegg.spark.classic.tasks import Heard

    heard = Heard()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        for pid in (os.getpid(), process.pid):
            heard += (pid, socket.gethostname(), 0, pid, "lib=0123456789abcdef")
        assert [ran.pid for ran in heard.processes()] == [os.getpid(), process.pid]
        process.communicate()
    assert [ran.pid for ran in heard.processes()] == [os.getpid()]


def test_of_another_machine_the_latest_process_is_listed_and_those_that_ran_lately(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from autoegg.spark.classic import tasks

    now = 1000.0
    monkeypatch.setattr(tasks.time, "time", lambda: now)
    heard = tasks.Heard()
    for pid, at in ((1, 1000.0), (2, 1080.0), (3, 1090.0)):
        now = at
        heard += (pid, "elsewhere", 0, pid, "lib=0123456789abcdef")
    assert [ran.pid for ran in heard.processes()] == [2, 3], "Spark has stopped the first one"
    now += 1000.0
    assert [ran.pid for ran in heard.processes()] == [3]
