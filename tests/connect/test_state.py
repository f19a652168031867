"""Connect: objects made before an edit run the new code, and no new query is answered from data cached under older code."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import pytest
from connect_notebook import Notebook, tag_files
from pyspark.sql import Window
from pyspark.sql.functions import pandas_udf, udf

from autoegg.spark.guard import PROPERTY, wire

ONE = partial(tag_files, word="one")


def words(frame: Any) -> list[str]:
    return sorted({row[0] for row in frame.collect()})


def test_old_functions_frames_and_views_run_the_new_code(spark: Any, notebook: Notebook) -> None:
    library = notebook.library(ONE)
    deep = udf(lambda i: library.tag())
    named = udf(library.tag)
    frame = spark.range(4).select(deep("id"))
    frame.createOrReplaceTempView("old_view")
    batches = spark.range(4).mapInPandas(
        lambda parts: (part.assign(id=[library.tag()] * len(part)) for part in parts), "id string"
    )
    spark.udf.register("registered_tag", lambda i: library.tag())
    asked = (
        lambda: spark.range(4).select(deep("id")),
        lambda: spark.range(4).select(named("id")),
        lambda: frame,
        lambda: spark.table("old_view"),
        lambda: batches,
        lambda: spark.sql("select registered_tag(id) from range(4)"),
        lambda: spark.range(4).select(pandas_udf(lambda s: s.map(lambda i: library.tag()), "string")("id")),
    )
    assert [words(ask()) for ask in asked] == [["one"]] * len(asked)
    notebook.say("two")
    assert [words(ask()) for ask in asked] == [["two"]] * len(asked)
    notebook.say("one")
    assert [words(ask()) for ask in asked] == [["one"]] * len(asked)


def test_cached_data_stays_and_answers_no_new_query(spark: Any, notebook: Notebook) -> None:
    library = notebook.library(ONE)
    tagged = udf(lambda i: library.tag())
    kept = spark.range(4).select(tagged("id").alias("tag")).cache()
    assert words(kept) == ["one"]
    notebook.say("two")
    assert words(spark.range(4).select(tagged("id").alias("tag"))) == ["two"]
    assert words(kept) == ["one"]
    assert words(kept.filter("tag is not null")) == ["one"]
    kept.unpersist()
    assert words(kept) == ["two"]


def test_every_worker_process_proves_what_it_runs(spark: Any, notebook: Notebook) -> None:
    library = notebook.library(ONE)
    assert words(spark.range(4).select(udf(lambda i: library.tag())("id"))) == ["one"]
    notebook.say("two")
    proof = notebook.proof(spark)
    wanted = notebook.libraries[0].version
    assert {row.role for row in proof} == {"driver", "executor"}
    assert {(row.version, row.reached) for row in proof} == {(wanted, True)}


def test_a_function_whose_egg_is_missing_fails_by_name(spark: Any, notebook: Notebook) -> None:
    library = notebook.library(ONE)
    notebook.ship()
    tagged = spark.range(1).select(udf(lambda i: library.tag())("id"))
    assert notebook.state is not None
    notebook.libraries[0].edit(tag_files(notebook.libraries[0].name, "never given"))
    notebook.changed()
    notebook.active = dict.fromkeys(notebook.active, notebook.generation)  # as if it had been given
    spark.conf.set(PROPERTY, wire(notebook.state))
    with pytest.raises(Exception, match="Run the cell again to ship it"):
        tagged.collect()


def test_a_window_function_finds_its_sessions_eggs(spark: Any, notebook: Notebook) -> None:
    library = notebook.library(ONE)

    def of_group(values: pd.Series) -> str:
        return library.tag()  # type: ignore[no-any-return]

    of_group.__annotations__ = {"values": pd.Series, "return": str}
    frame = spark.range(4).select(pandas_udf(of_group, "string")("id").over(Window.partitionBy("id")))
    assert words(frame) == ["one"]
    notebook.say("two")
    assert words(frame) == ["two"]
