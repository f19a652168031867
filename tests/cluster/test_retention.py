"""Old eggs go, but never from under a job or a stream that began with them."""

from __future__ import annotations

from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from shipped import Library
from standalone import eventually


@pytest.fixture
def library(notebook: Any) -> Library:
    return Library(notebook)


@pytest.mark.parametrize("master", ["standalone", "local[2]"])
def test_a_job_that_runs_across_many_ships_ends_on_its_own_state_although_it_loses_its_executors(
    start_cluster: Any, library: Library, tmp_path: Path, master: str
) -> None:
    cluster = start_cluster(master)
    context = cluster.spark.sparkContext
    library.ship("own")
    own = library.eggs()
    module, folder = library.module, str(tmp_path)

    def wait(row: int) -> str:
        import os
        import time
        from pathlib import Path

        Path(folder, f"started-{row}").touch()
        while not os.path.exists(f"{folder}/go"):
            time.sleep(0.1)
        return module.tag()

    said: list[list[str]] = []
    job = context.parallelize(range(4), 4).map(wait)
    thread = Thread(target=lambda: said.append(job.collect()))
    thread.start()
    try:
        eventually(lambda: len(list(tmp_path.glob("started-*"))) == 2, "both tasks run")
        library.ship_many(12)
        assert own <= library.listed(cluster.spark), "its further stages and queries need it"
        assert len(library.listed(cluster.spark)) <= 4
        assert own <= library.on_disk()
        assert len(library.on_disk()) <= 5
        for executor in cluster.executors if master == "standalone" else []:
            executor.kill()
    finally:
        (tmp_path / "go").touch()
        thread.join(240)
    assert said == [["own"] * 4]
    for _ in range(3):
        library.ship_many(1)
    assert library.listed(cluster.spark) == library.eggs()
    assert own - library.on_disk(), "nobody needs it any more"
    assert {tag for tag, _ in library.tags(cluster.spark)} == {"old 0"}


@pytest.mark.parametrize("master", ["standalone", "local[2]"])
def test_a_stream_keeps_the_eggs_that_it_began_with_until_it_ends(
    start_cluster: Any, library: Library, master: str
) -> None:
    from pyspark.sql.functions import udf

    cluster = start_cluster(master)
    spark = cluster.spark
    library.ship("own")
    own = library.eggs()
    module = library.module
    tagged = spark.readStream.format("rate").option("rowsPerSecond", 4).load()
    tagged = tagged.select(udf(lambda row: module.tag())("value").alias("tag"))
    query = tagged.writeStream.format("memory").queryName("tags").start()

    def batches() -> int:
        assert query.exception() is None, query.exception()
        return int(query.lastProgress["batchId"]) if query.lastProgress else -1

    try:
        eventually(lambda: batches() >= 1 and spark.table("tags").count(), "the first batches", 240)
        library.ship_many(12)
        assert own <= library.listed(spark)
        assert len(library.listed(spark)) <= 4
        for executor in cluster.executors if master == "standalone" else []:
            executor.kill()
        before = batches()
        eventually(lambda: batches() >= before + 2, "batches on the new executors", 240)
        assert {row.tag for row in spark.table("tags").collect()} == {"own"}
        assert {tag for tag, _ in library.tags(spark)} == {"old 11"}
    finally:
        query.stop()
    for _ in range(3):
        library.ship_many(1)
    assert library.listed(spark) == library.eggs()
    assert own - library.on_disk()
