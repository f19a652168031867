"""Executors, nodes and worker processes come and go; tasks run the shipped version all the same."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from shipped import Library
from standalone import eventually, python_below

CLUSTERS = ["standalone", "local-cluster[2,1,1024]"]


@pytest.fixture
def library(notebook: Any) -> Library:
    return Library(notebook)


@pytest.mark.parametrize("master", CLUSTERS)
def test_an_executor_that_replaces_a_lost_one_runs_the_newest_version(
    start_cluster: Any, library: Library, master: str
) -> None:
    cluster = start_cluster(master)
    library.notebook.ship()
    library.expect(cluster.spark, "v1", executors=2)
    library.ship_many(12)
    library.ship("v2")
    lost = cluster.executors
    assert len(lost) == 2
    for executor in lost:
        executor.kill()
    library.expect(cluster.spark, "v2", executors=2)
    assert {executor.id for executor in lost}.isdisjoint({executor.id for executor in cluster.executors})


def test_a_node_that_joins_late_runs_the_newest_version(start_cluster: Any, library: Library) -> None:
    cluster = start_cluster("standalone")
    library.notebook.ship()
    library.expect(cluster.spark, "v1", executors=2)
    library.ship("v2")
    node = cluster.standalone.add_worker()
    eventually(lambda: node.executors, "an executor on the late node")
    library.expect(cluster.spark, "v2", executors=3)
    cluster.standalone.kill_worker(cluster.standalone.workers[0])
    library.ship("v3")
    library.expect(cluster.spark, "v3", executors=2)


@pytest.mark.parametrize("reuse", ["true", "false"])
@pytest.mark.parametrize("master", ["local[2]", "local-cluster[2,1,1024]"])
def test_worker_processes_reused_or_not_run_what_was_shipped_last(
    start_cluster: Any, library: Library, master: str, reuse: str
) -> None:
    spark = start_cluster(master, **{"spark.python.worker.reuse": reuse}).spark
    library.notebook.ship()
    for number in range(3):
        library.ship(f"v{number}")
        assert {tag for tag, _ in library.tags(spark)} == {f"v{number}"}


@pytest.mark.parametrize("master", CLUSTERS)
def test_when_the_python_daemon_of_an_executor_is_killed_the_next_one_goes_on(
    start_cluster: Any, library: Library, master: str
) -> None:
    cluster = start_cluster(master)
    library.notebook.ship()
    library.expect(cluster.spark, "v1", executors=2)
    daemons = [pid for executor in cluster.executors for pid in python_below(executor)]
    assert len(daemons) == 2
    library.ship("v2")
    for pid in daemons:
        os.kill(pid, signal.SIGKILL)
    library.expect(cluster.spark, "v2", executors=2)


def test_executors_that_dynamic_allocation_brings_back_run_the_newest_version(
    start_cluster: Any, library: Library
) -> None:
    settings = {
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.shuffleTracking.enabled": "true",
        "spark.dynamicAllocation.minExecutors": "0",
        "spark.dynamicAllocation.initialExecutors": "1",
        "spark.dynamicAllocation.executorIdleTimeout": "1s",
        "spark.dynamicAllocation.schedulerBacklogTimeout": "1s",
    }
    cluster = start_cluster("standalone", **settings)
    library.notebook.ship()
    assert {tag for tag, _ in library.tags(cluster.spark, 8)} == {"v1"}
    eventually(lambda: not cluster.executors, "all executors are let go")
    library.ship_many(12)
    library.ship("v2")
    assert {tag for tag, _ in library.tags(cluster.spark, 8)} == {"v2"}


def test_where_nothing_can_be_unpacked_beside_the_eggs_a_private_folder_takes_them(
    start_cluster: Any, library: Library
) -> None:
    cluster = start_cluster("standalone")
    block = cluster.spark.sparkContext.parallelize(range(8), 8)

    def in_the_way(row: int) -> None:
        import contextlib
        import time
        from pathlib import Path

        with contextlib.suppress(FileExistsError):
            Path("autoegg").touch(exist_ok=False)
        time.sleep(0.1)

    library.notebook.state = None  # so that this job needs no library
    block.foreach(in_the_way)
    library.ship("v2")
    library.expect(cluster.spark, "v2", executors=2)
    module = library.module
    homes = set(block.map(lambda row: (module.tag(), module.__file__)[1]).collect())
    assert all("/blockmgr-" in home and f"/autoegg-{os.geteuid()}-" in home for home in homes)
