"""What a kernel with a live Spark session tells for the browser to show: workers, pinned versions, cached data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kernel_library import Open, say
from kernel_notebook import Notebook, private_spark_home

START = """
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf
import tagger
spark = (
    SparkSession.builder.master("local-cluster[2,1,1024]")
    .config("spark.ui.enabled", "false")
    .config("spark.local.dir", {scratch!r})
    .config("spark.sql.shuffle.partitions", "2")
    .getOrCreate()
)
sc = spark.sparkContext
def ran():
    return sorted(set(sc.parallelize(range(8), 8).map(lambda i: tagger.tag()).collect()))
"""


@pytest.fixture
def notebook(open_notebook: Open, tmp_path: Path, tagger: Path) -> Iterator[Notebook]:
    (tmp_path / "scratch").mkdir()
    notebook = open_notebook(
        env={"SPARK_HOME": str(private_spark_home(tmp_path)), "SPARK_LOCAL_IP": "127.0.0.1"}
    )
    notebook.done(START.format(scratch=str(tmp_path / "scratch")))
    yield notebook
    notebook.run("spark.stop()")


def state(notebook: Notebook) -> dict[str, Any]:
    return dict(notebook.action("state()")["state"])


def test_the_browser_sees_what_workers_ran_pins_both_sides_and_finds_data_of_older_code(
    notebook: Notebook, tagger: Path
) -> None:
    assert notebook.value("ran()") == "['one']"
    first = state(notebook)["libraries"][0]["version"]
    answer = notebook.action("verify()")
    assert (answer["ok"], answer["message"]) == (True, "driver and executors agree")
    workers = state(notebook)["workers"]
    assert {worker["versions"]["tagger"] for worker in workers} == {first[:16]}
    assert {worker["executor"] for worker in workers} == {"0", "1"}

    notebook.done(
        "numbers = sc.parallelize(range(8), 4).map(lambda i: tagger.tag()).cache()\n"
        "numbers.count()\n"
        "frame = spark.range(4).select(udf(lambda i: tagger.tag())('id').alias('tag')).cache()\n"
        "frame.count()"
    )
    cached = {data["name"]: data for data in state(notebook)["cached"]}
    assert {(name, data["kind"], data["named"]) for name, data in cached.items()} == {
        ("numbers", "rdd", True),
        ("frame", "dataframe", True),
    }
    assert all(data["versions"] == {"tagger": first} for data in cached.values())
    assert all(data["memoryBytes"] > 0 for data in cached.values())

    say(tagger, "two")
    assert notebook.value("ran(), tagger.tag()") == "(['two'], 'two')"
    second = state(notebook)["libraries"][0]["version"]
    # Nothing is dropped by itself.
    assert notebook.value("set(numbers.collect())") == "{'one'}"
    assert {data["versions"]["tagger"] for data in state(notebook)["cached"]} == {first}

    for name in ("numbers", "frame"):
        again = notebook.action(f"recompute({cached[name]['id']})")
        assert again["ok"], again
    made_on = {data["name"]: data["versions"]["tagger"] for data in state(notebook)["cached"]}
    assert made_on == {"numbers": second, "frame": second}
    assert notebook.value("set(numbers.collect()) | {row.tag for row in frame.collect()}") == "{'two'}"
    for data in state(notebook)["cached"]:
        assert notebook.action(f"unpersist({data['id']})")["ok"]
    assert state(notebook)["cached"] == []

    pinned = notebook.action(f'pin("tagger", "{first}")')
    assert pinned["ok"], pinned
    assert notebook.value("ran(), tagger.tag()") == "(['one'], 'one')"
    say(tagger, "three")
    assert notebook.value("ran(), tagger.tag()") == "(['one'], 'one')"
    assert notebook.action('release("tagger")')["ok"]
    assert notebook.value("ran(), tagger.tag()") == "(['three'], 'three')"
