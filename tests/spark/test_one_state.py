"""All tasks of one job run one state: the one that was the newest when the job began, to its end and on every worker."""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

TAG = "def tag(*row):\n    return 'v1'\n"

SECONDS = 240.0


def one_module(source: str) -> Any:
    return lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": source}


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.02)


class Background:
    """A job on a thread of its own; ``result`` waits for it."""

    def __init__(self, job: Callable[[], Any]) -> None:
        self._answer: list[Any] = []
        self._error: list[BaseException] = []

        def run() -> None:
            try:
                self._answer.append(job())
            except BaseException as error:
                self._error.append(error)

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def result(self) -> Any:
        self._thread.join(SECONDS)
        assert not self._thread.is_alive(), "the job did not end"
        if self._error:
            raise self._error[0]
        return self._answer[0]


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Path]:
    """A file that tasks wait for; it is there at the end in any case, so that no task waits for ever."""
    path = tmp_path / "go"
    yield path
    path.touch()


def waiting(started: Path, gate: Path) -> Callable[[], None]:
    def wait() -> None:
        import time
        from pathlib import Path

        Path(started).touch()
        deadline = time.monotonic() + SECONDS
        while not Path(gate).exists() and time.monotonic() < deadline:
            time.sleep(0.02)

    return wait


def test_functions_pickled_under_two_versions_run_one_in_one_stage(spark: Any, notebook: Any) -> None:
    from pyspark.sql.functions import udf

    library = notebook.library(one_module(TAG))
    code = importlib.import_module(f"{library.name}.code")
    older = spark.sparkContext.parallelize(range(8), 4).map(code.tag).persist()
    assert older._jrdd is not None, "pickled now"
    frame = spark.range(8).select(udf(code.tag, "string")("id").alias("older"))
    library.edit({f"{library.name}/code.py": TAG.replace("v1", "v2")})
    notebook.ship()
    importlib.reload(code)
    newer = older.map(lambda tag: (tag, code.tag()))
    assert newer._jrdd is not older._jrdd
    assert set(newer.collect()) == {("v2", "v2")}
    older.unpersist()
    both = frame.select("older", udf(code.tag, "string")("older").alias("newer"))
    assert {tuple(row) for row in both.collect()} == {("v2", "v2")}


def test_a_running_job_keeps_its_state_to_its_end(
    spark: Any, notebook: Any, tmp_path: Path, gate: Path
) -> None:
    library = notebook.library(one_module(TAG))
    code = importlib.import_module(f"{library.name}.code")
    notebook.ship()
    wait = waiting(tmp_path / "started", gate)

    def ask(row: int) -> tuple[int, str, int]:
        import os

        wait()
        return row, code.tag(), os.getpid()

    rdd = spark.sparkContext.parallelize(range(6), 6).map(ask)
    job = Background(rdd.collect)
    wait_for(tmp_path / "started")
    library.edit({f"{library.name}/code.py": TAG.replace("v1", "v2")})
    notebook.ship()
    gate.touch()
    running = job.result()
    assert {tag for _, tag, _ in running} == {"v1"}
    after = rdd.collect()
    assert {tag for _, tag, _ in after} == {"v2"}
    assert {pid for *_, pid in after} & {pid for *_, pid in running}, "workers are reused"


def test_a_task_that_is_tried_again_on_a_new_worker_runs_the_state_of_its_job(
    spark: Any, notebook: Any, tmp_path: Path, gate: Path
) -> None:
    if spark.sparkContext.master.startswith("local["):
        return  # there Spark tries no task again
    library = notebook.library(one_module(TAG))
    code = importlib.import_module(f"{library.name}.code")
    notebook.ship()
    wait = waiting(tmp_path / "started", gate)
    killed = str(tmp_path / "killed")

    def ask(row: int) -> tuple[int, str, int]:
        import os
        import signal

        wait()
        tag = code.tag()
        try:
            os.close(os.open(killed, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            from pyspark import TaskContext

            task = TaskContext.get()
            assert task is not None
            return row, tag, task.attemptNumber()
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    rdd = spark.sparkContext.parallelize(range(6), 6).map(ask)
    job = Background(rdd.collect)
    wait_for(tmp_path / "started")
    library.edit({f"{library.name}/code.py": TAG.replace("v1", "v2")})
    notebook.ship()
    gate.touch()
    running = job.result()
    assert {tag for _, tag, _ in running} == {"v1"}
    assert max(attempt for *_, attempt in running) > 0, "one was killed"
    assert {tag for _, tag, _ in rdd.collect()} == {"v2"}


def test_all_jobs_of_one_query_run_one_state(spark: Any, notebook: Any, tmp_path: Path, gate: Path) -> None:
    # A shuffle under adaptive execution, a broadcast join and a scalar subquery: several Spark jobs.
    from pyspark.sql.functions import broadcast, udf

    library = notebook.library(one_module(TAG))
    code = importlib.import_module(f"{library.name}.code")
    notebook.ship()
    wait = waiting(tmp_path / "started", gate)

    @udf("string")
    def slow(row: int) -> str:
        wait()
        return code.tag()

    tag = udf(code.tag, "string")
    left = spark.range(8).selectExpr("id % 4 as key").select("key", slow("key").alias("left"))
    left = left.groupBy("key", "left").count()
    right = spark.range(4).selectExpr("id as key").select("key", tag("key").alias("right"))
    spark.range(1).select(tag("id").alias("tag")).createOrReplaceTempView("one_tag")
    joined = left.join(broadcast(right.groupBy("key", "right").count().drop("count")), "key")
    joined.createOrReplaceTempView("joined")

    def query() -> set[tuple[str, ...]]:
        rows = spark.sql("select left, right, (select max(tag) from one_tag) as sub from joined order by key")
        return {tuple(row) for row in rows.collect()}

    job = Background(query)
    wait_for(tmp_path / "started")
    library.edit({f"{library.name}/code.py": TAG.replace("v1", "v2")})
    notebook.ship()
    gate.touch()
    assert job.result() == {("v1", "v1", "v1")}
    assert query() == {("v2", "v2", "v2")}


def test_a_barrier_stage_runs_one_state(spark: Any, notebook: Any) -> None:
    library = notebook.library(one_module(TAG))
    code = importlib.import_module(f"{library.name}.code")

    def ask(rows: Iterator[int]) -> Iterator[str]:
        from pyspark import BarrierTaskContext

        task = BarrierTaskContext.get()
        task.barrier()
        yield from task.allGather(code.tag())

    rdd = spark.sparkContext.parallelize(range(2), 2).barrier().mapPartitions(ask)
    assert rdd.collect() == ["v1"] * 4
    library.edit({f"{library.name}/code.py": TAG.replace("v1", "v2")})
    notebook.ship()
    assert rdd.collect() == ["v2"] * 4


def test_a_stream_keeps_its_state_and_shares_workers_with_newer_cells(
    spark: Any, notebook: Any, tmp_path: Path
) -> None:
    from pyspark.sql.functions import udf

    imports, rows = tmp_path / "imports", tmp_path / "rows"
    imports.mkdir()
    rows.mkdir()
    source = f"import os\nwith open({str(imports)!r} + f'/{{os.getpid()}}', 'a') as log:\n    log.write('v1\\n')\n{TAG}"
    library = notebook.library(one_module(source))
    code = importlib.import_module(f"{library.name}.code")
    notebook.ship()
    (rows / "1.txt").write_text("a\nb\n")
    tag = udf(code.tag, "string")
    lines = spark.readStream.option("maxFilesPerTrigger", 1).text(str(rows)).repartition(2)
    writer = lines.select(tag("value").alias("tag")).writeStream.format("memory").queryName("stream_tags")
    query = writer.option("checkpointLocation", str(tmp_path / "checkpoint")).start()
    rdd = spark.sparkContext.parallelize(range(8), 4).map(code.tag)
    try:
        query.processAllAvailable()
        library.edit({f"{library.name}/code.py": source.replace("v1", "v2")})
        notebook.ship()
        for number in range(2, 5):
            assert set(rdd.collect()) == {"v2"}
            assert {row.tag for row in spark.range(4).select(tag("id").alias("tag")).collect()} == {"v2"}
            (rows / f"{number}.txt").write_text("a\nb\n")
            query.processAllAvailable()
        assert [row.tag for row in spark.table("stream_tags").collect()] == ["v1"] * 8
    finally:
        query.stop()
    said = [file.read_text().split() for file in imports.iterdir()]
    assert all(len(versions) == len(set(versions)) for versions in said), "nothing is imported at each turn"
    assert ["v1", "v2"] in [sorted(versions) for versions in said], "a worker ran both"
