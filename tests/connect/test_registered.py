"""What is registered with a Connect session by name follows the library too."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from connect_notebook import Notebook, tag_files

ONE = partial(tag_files, word="one")


def test_a_registered_function_is_never_answered_from_data_cached_under_older_code(
    spark: Any, notebook: Notebook
) -> None:
    library = notebook.library(ONE)
    spark.udf.register("named_tag", lambda i: library.tag())
    query = "select named_tag(id) as tag from range(3)"
    kept = spark.sql(query).cache()
    assert {row.tag for row in kept.collect()} == {"one"}
    notebook.say("two")
    assert {row.tag for row in spark.sql(query).collect()} == {"two"}


def test_a_function_that_was_dropped_stays_dropped(spark: Any, notebook: Notebook) -> None:
    library = notebook.library(ONE)
    spark.udf.register("dropped_tag", lambda i: library.tag())
    spark.sql("drop temporary function dropped_tag").collect()
    notebook.say("two")
    assert not spark.catalog.functionExists("dropped_tag")
    with pytest.raises(Exception, match="dropped_tag"):
        spark.sql("select dropped_tag(id) from range(3)").collect()
