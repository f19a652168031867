"""Every API in every mode: objects made before an edit and after it run exactly the code on disk, and follow it back."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from apis import APIS, Api
from modes import MODES, Mode
from records import record

SPARK = tuple(int(part) for part in importlib.metadata.version("pyspark").split(".")[:2])
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# What `npm test` runs: something of each kind. (Spark 3.5 has no Connect server in its package.)
SLICE = {
    "local-cluster": {
        "udf_lambda",
        "pandas_udf_grouped_agg",
        "sql_table_function_analyze",
        "apply_in_pandas",
        "data_source_plan",
        "accumulator_object",
        "stream_udf",
        "stream_foreach_batch",
    },
    "standalone": {"udf_by_reference", "rdd_map"},
    "connect": {"udf_by_reference", "map_in_arrow", "stream_foreach_batch"} if SPARK >= (4, 0) else set(),
}


def cells() -> Iterator[Any]:
    for mode in MODES:
        for api in APIS:
            in_slice = api.name in SLICE.get(mode.name, ())
            marks = [] if in_slice else [pytest.mark.whole_matrix]
            yield pytest.param(mode, api, id=f"{mode.name}:{api.name}", marks=marks)


@pytest.mark.parametrize(("mode", "api"), list(cells()))
def test_runs_exactly_the_code_on_disk(mode: Mode, api: Api, stories: Any) -> None:
    with record(mode.name, api.name, SPARK, PYTHON) as outcome:
        story = stories.of(mode)
        try:
            absent = api.absence(mode.name, SPARK)
            if absent is not None:
                proves_absence(story, api, absent.error)
                outcome.cell = "absent"
            else:
                kept = api.keeps(mode.name)
                follows_the_disk(story, api, kept, driver=api.driver and mode.name != "connect")
                outcome.cell = "kept" if kept else "newest"
        finally:
            stories.tidy()


def proves_absence(story: Any, api: Api, error: str) -> None:
    outcome = story.notebook.run(f"before = {api.name}()\nbefore()")
    assert not outcome.ok, f"Spark can do it: {api.title}"
    assert re.search(error, f"{outcome.ename}: {outcome.evalue}"), (outcome.ename, outcome.evalue)


def follows_the_disk(story: Any, api: Api, kept: bool, driver: bool) -> None:
    first, second = words("v1", driver), words("v2", driver)
    story.edit("v1")
    story.make("before", api.name)
    assert story.ask("before") == first

    story.edit("v2")
    assert story.ask("before") == (first if kept else second), "made before the edit"
    story.make("after", api.name)
    assert story.ask("after") == second, "made after the edit"

    story.edit("v1")
    assert story.ask("before") == first, "rolled back, made before the edit"
    assert story.ask("after") == (second if kept else first), "rolled back, made after the edit"


def words(version: str, driver: bool) -> set[str]:
    """What each process that takes part says; only the driver reads the library from the user's disk."""
    return {f"{version} egg"} | ({f"{version} disk"} if driver else set())
