"""Connect sessions: each has its own versions, and needs nothing of the client's disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from connect_notebook import Notebook, tag_files
from connect_server import ConnectServer
from pyspark.sql.functions import udf

from autoegg.errors import ShipFailed
from autoegg.spark import live_targets, target_of
from autoegg.spark.connect import rpc

ONE = partial(tag_files, word="one")

OTHER_CLIENT = """
import sys
sys.path[:0] = sys.argv[3:]
from functools import partial
from pathlib import Path
from connect_notebook import Notebook, tag_files
notebook = Notebook(Path(sys.argv[2]))
notebook.install()
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf
spark = SparkSession.builder.remote(sys.argv[1]).getOrCreate()
library = notebook.library(partial(tag_files, word="other"), name="shared")
frame = spark.range(2).select(udf(lambda i: library.tag())("id"))
for line in sys.stdin:
    print(*sorted({row[0] for row in frame.collect()}), flush=True)
"""


def words(frame: Any) -> list[str]:
    return sorted({row[0] for row in frame.collect()})


def test_two_clients_of_one_server_run_their_own_versions_of_one_library(
    spark: Any, server: ConnectServer, notebook: Notebook, tmp_path: Path
) -> None:
    library = notebook.library(ONE, name="shared")
    frame = spark.range(2).select(udf(lambda i: library.tag())("id"))
    # Not with -c: PySpark takes a program without a file for its own doctests, which a client alone does not have.
    program = tmp_path / "other_client.py"
    program.write_text(OTHER_CLIENT)
    paths = [entry for entry in sys.path if "/tests/" in entry or entry.endswith("python-shim")]
    other = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(program), server.url, str(tmp_path / "other"), *paths],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        text=True,
    )
    try:
        assert other.stdin is not None and other.stdout is not None

        def ask() -> str:
            assert other.stdin is not None and other.stdout is not None
            other.stdin.write("?\n")
            other.stdin.flush()
            return other.stdout.readline().strip()

        assert words(frame) == ["one"]
        assert ask() == "other"
        notebook.say("two")
        assert words(frame) == ["two"]
        assert ask() == "other"
        assert words(frame) == ["two"]
    finally:
        other.kill()
        other.communicate()


def test_the_server_reads_nothing_from_the_clients_disk(spark: Any, notebook: Notebook) -> None:
    library = notebook.library(ONE)
    frame = spark.range(4).select(udf(lambda i: library.tag())("id"))
    assert words(frame) == ["one"]
    notebook.say("two")
    target = target_of(spark)
    assert target is not None
    for folder in ("given", "store", "src"):
        shutil.rmtree(notebook.folder / folder)
    assert words(frame) == ["two"]


def test_a_session_that_is_made_later_gets_everything(
    spark: Any, server: ConnectServer, notebook: Notebook
) -> None:
    library = notebook.library(ONE)
    tagged = udf(lambda i: library.tag())
    assert words(spark.range(2).select(tagged("id"))) == ["one"]
    notebook.say("two")
    later = server.session()
    try:
        assert words(later.range(2).select(tagged("id"))) == ["two"]
        assert len({target.key for target in live_targets()}) == 2
    finally:
        later.stop()
    assert [target.handle for target in live_targets()] == [spark.client]


def test_a_file_that_the_server_refuses_is_one_sentence(spark: Any, tmp_path: Path) -> None:
    one = tmp_path / "one" / "taken.egg"
    two = tmp_path / "two" / "taken.egg"
    for path in (one, two):
        path.parent.mkdir()
        path.write_text(str(path))
    rpc.add_file(spark.client, one)
    rpc.add_file(spark.client, one)  # nothing new
    with pytest.raises(
        ShipFailed, match=r"^the Spark Connect server at \S+ did not accept taken.egg: "
    ) as refused:
        rpc.add_file(spark.client, two)
    assert "\n" not in str(refused.value)
    assert not refused.value.gone
