"""``autoegg.tag``: the settings of a session, and the options of a write, that Delta and Iceberg put into their commits."""

from __future__ import annotations

import json
from typing import Any

import pytest

import autoegg
from autoegg.errors import ShipFailed
from autoegg.spark.commits import DELTA, ICEBERG

TAG = "def tag(*row):\n    return 'v1'\n"


@pytest.fixture
def library(notebook: Any) -> Any:
    made = notebook.library(lambda name: {f"{name}/__init__.py": TAG})
    notebook.ship()
    return made


@pytest.fixture
def own(spark: Any) -> Any:
    """A session of the test's own, whose settings no other test has."""
    return spark.newSession()


def edit(notebook: Any, library: Any, word: str) -> None:
    library.edit({f"{library.name}/__init__.py": TAG.replace("v1", word)})
    notebook.ship()


def told(session: Any, library: Any) -> tuple[Any, Any]:
    text = session.conf.get(DELTA, None)
    return text and json.loads(text), session.conf.get(f"{ICEBERG}{library.name}", None)


def test_a_sessions_commits_name_each_version_from_then_on(notebook: Any, library: Any, own: Any) -> None:
    edit(notebook, library, "v2")
    assert told(own, library) == (None, None), "only on request"
    assert library.version[:4] in autoegg.tag(own)
    for word in ("v2", "v3"):
        edit(notebook, library, word)
        assert told(own, library) == ({"autoegg": {library.name: library.version}}, library.version)
    other = notebook.library(lambda name: {f"{name}/__init__.py": TAG})
    notebook.ship()
    both = {"autoegg": {library.name: library.version, other.name: other.version}}
    assert (told(own, library), told(own, other)) == ((both, library.version), (both, other.version))
    notebook.libraries.remove(other)
    notebook.ship()
    assert told(own, other) == ({"autoegg": {library.name: library.version}}, None)


def test_the_users_own_text_stays(notebook: Any, library: Any, own: Any) -> None:
    own.conf.set(DELTA, "hers")
    with pytest.raises(ShipFailed, match=r"'hers'.*unset it first"):
        autoegg.tag(own)
    own.conf.unset(DELTA)
    autoegg.tag(own)
    own.conf.set(DELTA, "hers")
    edit(notebook, library, "v2")
    assert own.conf.get(DELTA) == "hers"
    assert own.conf.get(f"{ICEBERG}{library.name}") == library.version
    own.conf.unset(f"{ICEBERG}{library.name}")
    edit(notebook, library, "v3")
    assert own.conf.get(f"{ICEBERG}{library.name}", None) is None


def test_a_single_write_carries_the_versions(library: Any, own: Any, tmp_path: Any) -> None:
    autoegg.tag(own.range(2).write).option("path", str(tmp_path / "table")).saveAsTable("tagged")
    try:
        (kept,) = [
            row.data_type
            for row in own.sql("describe extended tagged").collect()
            if row.col_name == "Storage Properties"
        ]
        assert f"snapshot-property.autoegg.{library.name}={library.version}" in kept
        assert told(own, library) == (None, None)
    finally:
        own.sql("drop table tagged")


def test_what_cannot_be_tagged_is_refused_in_one_sentence(notebook: Any, library: Any, spark: Any) -> None:
    for thing in (3, spark.sparkContext):
        with pytest.raises(ShipFailed, match="live SparkSession, or a writer"):
            autoegg.tag(thing)
    notebook.libraries.clear()
    notebook.ship()
    with pytest.raises(ShipFailed, match="no library of yours is shipped"):
        autoegg.tag(spark)
