"""Functions that run beside the Connect server bring their libraries along; a query keeps the state that it started with."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from connect_notebook import Notebook, tag_files
from pyspark.sql.functions import udf

ONE = partial(tag_files, word="one")


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def wait_for(query: Any, path: Path, count: int) -> list[str]:
    """What the query has written, once that is ``count`` lines or more."""
    deadline = time.monotonic() + 150
    while len(lines(path)) < count:
        assert query.exception() is None, query.exception()
        assert time.monotonic() < deadline, lines(path)
        time.sleep(0.2)
    return lines(path)


@pytest.fixture
def started(spark: Any) -> Any:
    """Starts a stream of one row per second; all are stopped in the end."""
    queries = []

    def start(writer: Callable[[Any], Any]) -> Any:
        source = spark.readStream.format("rate").option("rowsPerSecond", 1).load()
        # The server gives a callback's process ten seconds to come up, and a busy machine may need more.
        deadline = time.monotonic() + 200
        while True:
            try:
                query = writer(source).start()
                break
            except Exception as error:
                if "failed to connect back" not in str(error) or time.monotonic() > deadline:
                    raise
        queries.append(query)
        return query

    yield start
    for query in queries:
        query.stop()


def test_a_batch_callback_and_its_jobs_see_the_library_and_keep_their_state(
    started: Any, spark: Any, notebook: Notebook, tmp_path: Path
) -> None:
    library = notebook.library(ONE)
    output = str(tmp_path / "batches")

    def batch(frame: Any, number: int) -> None:
        from pyspark.sql.functions import udf

        rows = frame.sparkSession.range(2).select(udf(lambda i: library.tag())("id")).collect()
        with open(output, "a") as file:  # noqa: PTH123
            file.write(f"{library.tag()} {rows[0][0]} {'.egg/' in library.__file__}\n")

    query = started(lambda source: source.writeStream.foreachBatch(batch))
    assert set(wait_for(query, Path(output), 2)) == {"one one True"}
    notebook.say("two")
    seen = len(lines(Path(output)))
    assert set(wait_for(query, Path(output), seen + 2)) == {"one one True"}
    query.stop()
    Path(output).unlink()
    again = started(lambda source: source.writeStream.foreachBatch(batch))
    assert set(wait_for(again, Path(output), 1)) == {"two two True"}


def test_a_writer_that_was_made_before_an_edit_starts_with_the_new_code(
    started: Any, spark: Any, notebook: Notebook, tmp_path: Path
) -> None:
    library = notebook.library(ONE)
    output = str(tmp_path / "rows")

    def each(row: Any) -> None:
        with open(output, "a") as file:  # noqa: PTH123
            file.write(f"{library.tag()}\n")

    source = spark.readStream.format("rate").option("rowsPerSecond", 1).load()
    writer = source.writeStream.foreach(each)
    notebook.say("two")
    query = started(lambda _: writer)
    assert set(wait_for(query, Path(output), 1)) == {"two"}


def test_functions_in_a_stream_see_the_library(started: Any, notebook: Notebook, tmp_path: Path) -> None:
    library = notebook.library(ONE)
    tagged = udf(lambda i: library.tag())
    out, checkpoint = tmp_path / "out", tmp_path / "checkpoint"
    query = started(
        lambda source: (
            source.select(tagged("value").alias("value"))
            .writeStream.format("text")
            .option("path", str(out))
            .option("checkpointLocation", str(checkpoint))
        )
    )
    deadline = time.monotonic() + 150
    while not (found := {line for path in out.glob("*.txt") for line in lines(path)}):
        assert query.exception() is None, query.exception()
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert found == {"one"}
