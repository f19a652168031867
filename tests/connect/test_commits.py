"""``autoegg.tag`` on Connect: the settings lie in the session on the server, and follow each version."""

from __future__ import annotations

import json
from typing import Any

import pytest
from connect_notebook import Notebook, tag_files

import autoegg
from autoegg.errors import ShipFailed
from autoegg.spark.commits import DELTA, ICEBERG


def test_a_sessions_commits_name_each_version_from_then_on(
    spark: Any, notebook: Notebook, tmp_path: Any
) -> None:
    notebook.library(lambda name: tag_files(name, "one"))
    notebook.ship()
    (library,) = notebook.libraries
    spark.conf.set(DELTA, "hers")
    with pytest.raises(ShipFailed, match="unset it first"):
        autoegg.tag(spark)
    spark.conf.unset(DELTA)
    assert library.version[:4] in autoegg.tag(spark)
    for word in ("two", "three"):
        notebook.say(word)
        assert json.loads(spark.conf.get(DELTA)) == {"autoegg": {library.name: library.version}}
        assert spark.conf.get(f"{ICEBERG}{library.name}") == library.version
    spark.conf.unset(DELTA)
    notebook.say("four")
    assert spark.conf.get(DELTA, None) is None
    table = str(tmp_path / "table")
    autoegg.tag(spark.range(2).write).option("path", table).saveAsTable("tagged")
    try:
        kept = [row.data_type for row in spark.sql("describe extended tagged").collect()]
        assert any(f"snapshot-property.autoegg.{library.name}={library.version}" in text for text in kept)
    finally:
        spark.sql("drop table tagged")
