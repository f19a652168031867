"""A live session that cannot get what is on disk (no room for eggs, no daemon) runs no cell with what it had before."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_library import Open, write
from kernel_notebook import Notebook, private_spark_home

START = """
from pyspark.sql import SparkSession
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.local.dir", {scratch!r})
    .getOrCreate()
)
sc = spark.sparkContext
import tagger
"""
EVERYWHERE = "[tagger.tag()] + sc.parallelize([0], 1).map(lambda row: tagger.tag()).collect()"


@pytest.fixture
def notebook(open_notebook: Open, tmp_path: Path, tagger: Path) -> Iterator[Notebook]:
    """Its library reads a data file, and has loaded no module that has changed since."""
    write(
        tagger / "words.py",
        """
        from pathlib import Path

        def tag():
            return Path(__file__).with_name("word.txt").read_text()
        """,
    )
    (tagger / "word.txt").write_text("one")
    home = str(private_spark_home(tmp_path))
    notebook = open_notebook(env={"SPARK_HOME": home, "SPARK_LOCAL_IP": "127.0.0.1"})
    notebook.done(START.format(scratch=str(tmp_path / "scratch")))
    assert notebook.value(EVERYWHERE) == "['one', 'one']"
    yield notebook
    notebook.run("%autoegg off")
    notebook.run("spark.stop()")


def test_what_the_daemon_has_no_room_for_is_told_until_there_is_room(
    notebook: Notebook, tagger: Path
) -> None:
    daemon = notebook.daemon_pid()
    # No file of the daemon may grow beyond that, as on a full disk.
    before = resource.prlimit(daemon, resource.RLIMIT_FSIZE, (16, resource.RLIM_INFINITY))
    (tagger / "word.txt").write_text("two")
    refused = notebook.run(EVERYWHERE)
    assert not refused.ok, refused.value
    assert "Eggs cannot be written to" in refused.evalue and "the cell was not run" in refused.evalue
    resource.prlimit(daemon, resource.RLIMIT_FSIZE, before)
    assert notebook.value(EVERYWHERE) == "['two', 'two']"


def test_without_a_daemon_no_cell_runs_once_a_data_file_has_changed(notebook: Notebook, tagger: Path) -> None:
    daemon = notebook.daemon_pid()
    notebook.done("import os\nos.environ['PATH'] = '/nonexistent'")
    os.kill(daemon, signal.SIGKILL)
    assert notebook.value(EVERYWHERE) == "['one', 'one']"
    (tagger / "word.txt").write_text("two")
    refused = notebook.run("1")
    assert not refused.ok and str(tagger / "word.txt") in refused.evalue
    assert "cannot be shipped to the live Spark session" in refused.evalue
