"""The edit loop where a cluster manager starts the executors, on nodes that do not see the library's folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from k8s import Kubernetes
from managed_notebook import ManagedNotebook
from standalone import eventually
from yarn import Yarn

MANAGERS: dict[str, Callable[..., Any]] = {"yarn": Yarn, "kubernetes": Kubernetes}


@pytest.fixture(scope="module", params=MANAGERS)
def folder_and_cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Any]]:
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "src").mkdir()
    with MANAGERS[request.param](folder / "cluster", folder / "src") as cluster:
        yield folder, cluster


@pytest.fixture(scope="module")
def shared(folder_and_cluster: tuple[Path, Any]) -> Iterator[ManagedNotebook]:
    """A session with two executors, which these tests use one after the other."""
    notebook = ManagedNotebook(*folder_and_cluster)
    yield notebook
    notebook.close()


@pytest.fixture
def start(folder_and_cluster: tuple[Path, Any]) -> Iterator[Callable[..., ManagedNotebook]]:
    """A session of the test's own on the same cluster."""
    started: list[ManagedNotebook] = []

    def start(**options: Any) -> ManagedNotebook:
        started.append(ManagedNotebook(*folder_and_cluster, **options))
        return started[-1]

    yield start
    for notebook in started:
        notebook.close()


def test_twenty_edits_are_followed_by_every_way_of_running_the_library(shared: ManagedNotebook) -> None:
    shared.expect("v1", executors=2)
    for number in range(20):
        shared.edit(f"edit {number}")
        shared.expect(f"edit {number}")
    shared.expect("edit 19", executors=2)
    assert shared.verified()
    shared.edit("v1")
    shared.expect("v1", executors=2)


def test_a_module_that_is_added_is_there_and_one_that_is_deleted_is_not(shared: ManagedNotebook) -> None:
    uses = "def tag(row=None):\n    from ledger import extra\n    return extra.NAME\n"
    shared.write("extra.py", "NAME = 'extra'\n")
    shared.write("code.py", uses)
    shared.expect("extra", executors=2)
    (shared.library / "extra.py").unlink()
    outcome = shared.notebook.run("said()")
    assert not outcome.ok and "extra" in "\n".join(outcome.traceback)
    shared.edit("without")
    shared.expect("without", executors=2)


def test_an_executor_killed_at_the_moment_of_an_edit_is_replaced_by_one_on_the_newest_code(
    shared: ManagedNotebook,
) -> None:
    shared.edit("before")
    shared.expect("before", executors=2)
    lost = shared.executors
    lost[0].kill()
    shared.edit("one lost")
    shared.expect("one lost", executors=2)
    _replaced(shared, lost[:1])


def test_when_all_executors_are_killed_the_next_ones_run_the_newest_code(shared: ManagedNotebook) -> None:
    shared.edit("before")
    shared.expect("before", executors=2)
    lost = shared.executors
    shared.edit("all lost")
    for executor in lost:
        executor.kill()
    shared.expect("all lost", executors=2)
    _replaced(shared, lost)
    assert shared.verified()


def _replaced(notebook: ManagedNotebook, lost: list[Any]) -> None:
    def two_others() -> bool:
        live = {executor.id for executor in notebook.executors}
        return len(live) == 2 and live.isdisjoint({executor.id for executor in lost})

    eventually(two_others, "two executors, none of them lost")


def test_executors_that_dynamic_allocation_brings_back_run_the_newest_code(start: Any) -> None:
    notebook = start(
        **{
            "spark.dynamicAllocation.enabled": "true",
            "spark.dynamicAllocation.shuffleTracking.enabled": "true",
            "spark.dynamicAllocation.shuffleTracking.timeout": "10s",
            "spark.dynamicAllocation.minExecutors": "0",
            "spark.dynamicAllocation.maxExecutors": "2",
            "spark.dynamicAllocation.executorIdleTimeout": "10s",
            "spark.executor.instances": "0",
        }
    )
    notebook.expect("v1")
    eventually(lambda: not notebook.executors, "all executors are let go")
    notebook.edit("came back")
    notebook.expect("came back")


@pytest.mark.parametrize("folder_and_cluster", ["yarn"], indirect=True)
def test_executors_that_run_a_packed_environment_follow_too(start: Any, tmp_path: Path) -> None:
    """``spark.archives``: Python comes to the nodes with the application, in a folder beside the eggs."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    archive = shutil.make_archive(str(tmp_path / "packed"), "gztar", environment)
    shutil.rmtree(environment)
    notebook = start(
        python="./environment/bin/python",
        pandas=False,
        **{
            "spark.archives": f"{archive}#environment",
            # There is no pyarrow in it, which Spark 4.3 would use for each function.
            "spark.sql.execution.pythonUDF.arrow.enabled": "false",
        },
    )
    notebook.expect("v1", executors=2)
    homes = notebook.notebook.value("block.map(lambda row: __import__('sys').prefix).first()")
    assert homes.strip("'").endswith("/environment")
    notebook.edit("packed")
    notebook.expect("packed", executors=2)
    assert notebook.verified()
