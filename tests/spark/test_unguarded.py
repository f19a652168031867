"""Functions that were pickled before the hooks were there, or while there was no state, follow the state all the same."""

from __future__ import annotations

import importlib
import importlib.util
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from own_process import in_own_process

SOURCE = """
import pandas as pd

def tag(*row):
    return "v1"

def frames(parts):
    for part in parts:
        yield pd.DataFrame({"tag": part["id"].map(tag)})

class Table:
    def eval(self, x: int):
        yield (tag(),)
"""

DATA_SOURCE = """
from pyspark.sql.datasource import DataSource
class Source(DataSource):
    @classmethod
    def name(cls):
        return "source"
"""

LINE_4 = importlib.util.find_spec("pyspark.sql.datasource") is not None


def library(notebook: Any) -> Any:
    made = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": SOURCE})
    # Workers have no other way to it than what is shipped: an unguarded function would fail, or run what is loaded.
    assert "PYTHONPATH" not in os.environ or not os.environ["PYTHONPATH"]
    return made


def objects(spark: Any, code: Any) -> dict[str, Callable[[], set[str]]]:
    """Each way to hold a function whose bytes are frozen, and how to run it."""
    from pyspark.sql.functions import lit, udf, udtf

    context = spark.sparkContext
    tag = udf(lambda x: code.tag(x), "string")

    def rows(frame: Any) -> set[str]:
        return {row[0] for row in frame.collect()}

    rdd = context.parallelize(range(4), 2).map(code.tag)
    shuffled = (
        context.parallelize(range(4), 2).map(lambda x: (code.tag(x), 1)).reduceByKey(lambda a, b: a + b)
    )
    frame = spark.range(3).select(tag("id").alias("tag"))
    column = tag("id").alias("tag")
    mapped = spark.range(3).mapInPandas(code.frames, "tag string")
    of_rdd = spark.createDataFrame(
        context.parallelize(range(4), 2).map(lambda x: (code.tag(x),)), "tag string"
    )
    table = udtf(code.Table, returnType="tag: string")(lit(1))
    registered = f"f_{code.__name__.partition('.')[0]}"
    spark.udf.register(registered, code.tag)
    spark.udtf.register(f"t{registered}", udtf(code.Table, returnType="tag: string"))
    spark.range(3).select(tag("id").alias("tag")).createOrReplaceTempView(f"v{registered}")
    assert rdd._jrdd is not None
    return {
        "rdd": lambda: set(rdd.collect()),
        "shuffled": lambda: set(shuffled.keys().collect()),
        "frame": lambda: rows(frame),
        "column": lambda: rows(spark.range(3).select(column)),
        "mapInPandas": lambda: rows(mapped),
        "frame of an rdd": lambda: rows(of_rdd),
        "table function": lambda: rows(table),
        "registered": lambda: rows(spark.sql(f"select {registered}(id) from range(3)")),
        "registered table": lambda: rows(spark.sql(f"select * from t{registered}(1)")),
        "view": lambda: rows(spark.table(f"v{registered}")),
    }


def test_what_was_made_before_the_extension_was_loaded_follows() -> None:
    told = [line for line in in_own_process(loaded_late, hooks=False).splitlines() if "autoegg:" in line]
    assert len(told) == 1, told
    names = (
        told[0].partition("autoegg: ")[2].partition(" was registered before autoegg was on")[0].split(", ")
    )
    kinds = {name[:2] for name in names}
    assert kinds == {"f_", "tf", *(["so"] if LINE_4 else [])}, names


def loaded_late(spark: Any, notebook: Any) -> None:
    from autoegg.spark import install

    made = library(notebook)
    asked = objects(spark, importlib.import_module(f"{made.name}.code"))
    if LINE_4:
        namespace: dict[str, Any] = {}
        exec(DATA_SOURCE, namespace)
        spark.dataSource.register(namespace["Source"])
    other = spark.newSession()
    install(notebook.prepare)
    notebook.ship()
    assert {name: ask() for name, ask in asked.items()} == {name: {"v1"} for name in asked}
    assert other.conf.get("spark.autoegg.state")
    made.edit({f"{made.name}/code.py": SOURCE.replace("v1", "v2")})
    notebook.ship()
    assert {name: ask() for name, ask in asked.items()} == {name: {"v2"} for name in asked}


def test_what_was_made_while_nothing_was_shipped_follows() -> None:
    told = in_own_process(paused)
    assert "autoegg:" not in told, told


def paused(spark: Any, notebook: Any) -> None:
    from autoegg.spark import install

    made = library(notebook)
    install(lambda target: None)
    asked = objects(spark, importlib.import_module(f"{made.name}.code"))
    install(notebook.prepare)
    notebook.ship()
    assert {name: ask() for name, ask in asked.items()} == {name: {"v1"} for name in asked}
    made.edit({f"{made.name}/code.py": SOURCE.replace("v1", "v2")})
    notebook.ship()
    assert {name: ask() for name, ask in asked.items()} == {name: {"v2"} for name in asked}


def test_a_stream_that_was_started_before_is_put_on_the_first_state() -> None:
    in_own_process(streaming, hooks=False)


def streaming(spark: Any, notebook: Any) -> None:
    from pyspark.sql.functions import udf

    from autoegg.spark import install

    made = library(notebook)
    code = importlib.import_module(f"{made.name}.code")
    rows, out = Path("rows"), Path("out")
    rows.mkdir()
    tag = udf(lambda x: code.tag(x) if x != "first" else "none", "string")
    frame = spark.readStream.text(str(rows.resolve())).select(tag("value").alias("tag"))
    stream = frame.writeStream.format("memory").queryName("tags")
    query = stream.option("checkpointLocation", str(out.resolve())).start()
    try:
        install(notebook.prepare)
        notebook.ship()
        for name in ("a", "b"):
            (rows / f"{name}.txt").write_text(f"{name}\n")
            deadline = time.monotonic() + 120
            query.processAllAvailable()
            assert time.monotonic() < deadline
            made.edit({f"{made.name}/code.py": SOURCE.replace("v1", "v2")})
            notebook.ship()
        assert {row.tag for row in spark.table("tags").collect()} == {"v1"}, "one state to its end"
    finally:
        query.stop()
