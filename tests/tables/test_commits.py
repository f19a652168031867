"""``autoegg.tag``: what Delta and Iceberg keep of each commit names the versions that wrote it."""

from __future__ import annotations

import json
from typing import Any

import pytest

import autoegg

TAG = "def tag(*row):\n    return 'v1'\n"


@pytest.fixture
def library(notebook: Any) -> Any:
    made = notebook.library(lambda name: {f"{name}/__init__.py": TAG})
    notebook.ship()
    return made


def edit(notebook: Any, library: Any) -> str:
    """The version of an edit."""
    library.edit({f"{library.name}/__init__.py": TAG.replace("v1", "v2")})
    notebook.ship()
    return str(library.version)


def test_delta_names_them_in_every_commit(spark: Any, notebook: Any, library: Any) -> None:
    own = spark.newSession()
    frame = own.range(3)
    frame.write.format("delta").saveAsTable("things")
    autoegg.tag(own)
    first = library.version
    frame.write.format("delta").mode("append").saveAsTable("things")
    frame.writeTo("things").append()
    second = edit(notebook, library)
    own.sql("insert into things values (9)")
    own.sql("delete from things where id = 9")
    frame.write.format("delta").mode("append").option("userMetadata", "hers").saveAsTable("things")
    history = own.sql("describe history things").orderBy("version").collect()
    told = [{"autoegg": {library.name: version}} for version in (first, first, second, second)]
    assert [row.userMetadata for row in history] == [None, *map(json.dumps, told), "hers"]


def test_delta_names_them_in_a_single_commit(spark: Any, library: Any) -> None:
    own = spark.newSession()
    own.range(3).write.format("delta").saveAsTable("single")
    autoegg.tag(own.range(3).write.format("delta").mode("append")).saveAsTable("single")
    own.sql("insert into single values (9)")
    history = own.sql("describe history single").orderBy("version").collect()
    assert [row.userMetadata for row in history] == [
        None,
        json.dumps({"autoegg": {library.name: library.version}}),
        None,
    ]


def test_iceberg_names_them_in_snapshots(spark: Any, notebook: Any, library: Any) -> None:
    own = spark.newSession()
    frame, table = own.range(3), "ice.db.things"
    frame.writeTo(table).create()
    autoegg.tag(own)
    first = library.version
    frame.write.format("iceberg").mode("append").save(table)
    second = edit(notebook, library)
    frame.write.format("iceberg").mode("append").save(table)
    autoegg.tag(frame.writeTo(table)).append()
    autoegg.tag(frame.write.mode("append")).saveAsTable(table)
    autoegg.tag(frame.write).insertInto(table)
    own.sql(f"insert into {table} values (9)")
    snapshots = own.sql(f"select * from {table}.snapshots order by committed_at").collect()
    told = [row.summary.get(f"autoegg.{library.name}") for row in snapshots]
    assert told == [None, first, second, second, second, second, None]
