"""What Spark keeps of earlier runs by itself is not handed out once the code has changed; what was cached on purpose is."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

TAG = "def tag(*row):\n    return 'v1'\n"


@pytest.fixture
def lib(notebook: Any) -> Any:
    library = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": TAG})
    module = importlib.import_module(f"{library.name}.code")

    def say(version: str) -> None:
        library.edit({f"{library.name}/code.py": TAG.replace("v1", version)})
        notebook.ship()

    module.say = say
    return module


def test_an_rdd_behind_a_shuffle_is_computed_again(spark: Any, lib: Any) -> None:
    context = spark.sparkContext
    pairs = context.parallelize(range(4), 2).map(lambda x: (lib.tag(), x))
    old = pairs.reduceByKey(lambda a, b: a + b)
    derived = old.map(lambda pair: (pair[0] + "!", pair[1]))
    cached = pairs.map(lambda pair: pair).groupByKey().keys().cache()
    asked = [old.keys().collect, lambda: [old.first()[0]], old.keys().distinct().collect]
    assert [set(ask()) for ask in asked] == [{"v1"}] * 3
    assert cached.collect() == ["v1"]
    for version in ("v2", "v3"):
        lib.say(version)
        assert [set(ask()) for ask in asked] == [{version}] * 3
        assert derived.keys().collect() == [version + "!"], "shuffled before, run now for the first time"
        assert old.sortBy(lambda pair: pair[1]).keys().collect() == [version]
        assert cached.collect() == ["v1"], "cached on purpose"
    cached.unpersist()


def test_a_shuffle_is_used_again_as_long_as_nothing_changed(spark: Any, lib: Any) -> None:
    lib.say("v2")
    counted = spark.sparkContext.accumulator(0)

    def count(x: int) -> tuple[str, int]:
        counted.add(1)
        return lib.tag(), x

    old = spark.sparkContext.parallelize(range(4), 2).map(count).reduceByKey(lambda a, b: a + b)
    for _ in range(3):
        assert old.keys().collect() == ["v2"]
    assert counted.value == 4


def test_a_dataframe_that_ran_before_is_planned_again(spark: Any, lib: Any) -> None:
    from pyspark.sql.functions import udf

    tag = udf(lambda x: lib.tag(x), "string")

    def grouped() -> Any:
        return spark.range(3).select(tag("id").alias("tag")).groupBy("tag").count()

    frame, cached = grouped(), grouped().filter("count > 0").cache()
    column = frame["tag"]

    def ask() -> list[Any]:
        return [
            frame.collect()[0].tag,
            frame.toPandas().tag[0],
            next(frame.toLocalIterator()).tag,
            frame.rdd.first().tag,
            frame.localCheckpoint().collect()[0].tag,
            frame.select(column).collect()[0].tag,
            frame.first().tag,
        ]

    assert ask() == ["v1"] * 7
    assert cached.collect()[0].tag == "v1"
    for version in ("v2", "v3"):
        lib.say(version)
        assert ask() == [version] * 7
        assert [row.tag for row in cached.collect()] == ["v1"], "cached on purpose"
    cached.unpersist()
