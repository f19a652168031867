"""Spark Connect through a real kernel: one save, and driver and workers run it, in sessions that come and go."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_library import Open, say, write
from kernel_notebook import Notebook

sys.path.insert(0, str(Path(__file__).parents[1] / "connect"))

from connect_server import ConnectServer, server_jar

START = """
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf
import warnings
warnings.simplefilter("ignore")
spark = SparkSession.builder.remote({url!r}).getOrCreate()
def words(frame):
    return sorted({{row[0] for row in frame.collect()}})
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConnectServer]:
    running = ConnectServer(tmp_path_factory.mktemp("server"))
    try:
        yield running
    finally:
        running.close()


@pytest.fixture
def connected(server: ConnectServer, open_notebook: Open, tmp_path: Path, tagger: Path) -> Notebook:
    """A notebook with a session, that has imported ``tagger`` and made a UDF and a DataFrame of it."""
    notebook = open_notebook(tmp_path)
    notebook.done(START.format(url=server.url))
    notebook.done(
        "import tagger\nfrom tagger import tag\ntagged = udf(lambda i: tag())\nframe = spark.range(4).select(tagged('id'))"
    )
    return notebook


def test_the_next_cell_runs_the_new_code_everywhere(
    connected: Notebook, server: ConnectServer, tagger: Path
) -> None:
    notebook = connected
    assert notebook.value("words(frame), words(spark.range(2).select(tagged('id')))") == "(['one'], ['one'])"
    say(tagger, "two")
    assert (
        notebook.value("tag(), words(frame), words(spark.range(2).select(tagged('id')))")
        == "('two', ['two'], ['two'])"
    )
    assert notebook.action("state()")["state"]["spark"]["kind"] == "connect"
    assert notebook.action("state()")["state"]["spark"]["master"] == server.url
    proof = "import autoegg\nproof = autoegg.verify(spark)\nproof.agree, {row.role for row in proof} == {'driver', 'executor'}"
    assert notebook.value(proof) == "(True, True)"
    write(tagger / "words.py", "def tag(:\n")
    assert notebook.run("words(frame)").ename == "LibraryBroken"
    say(tagger, "one")
    assert notebook.value("words(frame)") == "['one']"


def test_session_import_and_first_job_in_one_cell(
    server: ConnectServer, open_notebook: Open, tmp_path: Path, tagger: Path
) -> None:
    notebook = open_notebook(tmp_path)
    cell = (
        START.format(url=server.url)
        + "import tagger\nwords(spark.range(2).select(udf(lambda i: tagger.tag())('id')))"
    )
    assert notebook.value(cell) == "['one']"


def test_a_new_session_is_shipped_to_and_the_old_one_is_forgotten(
    connected: Notebook, server: ConnectServer, tagger: Path
) -> None:
    notebook = connected
    assert notebook.value("words(frame)") == "['one']"
    notebook.done("spark.stop()")
    assert notebook.action("state()")["state"]["spark"]["kind"] == "none"
    say(tagger, "two")
    notebook.done(START.format(url=server.url))
    assert notebook.value("words(spark.range(4).select(tagged('id')))") == "['two']"


def test_two_sessions_of_one_notebook_run_the_same_state(
    connected: Notebook, server: ConnectServer, tagger: Path
) -> None:
    notebook = connected
    notebook.done(
        f"other = SparkSession.builder.remote({server.url!r}).create()\n"
        "other.udf.register('kept', lambda i: tagger.tag())"
    )
    say(tagger, "two")
    ask = "words(frame), words(other.sql('select kept(id) from range(3)')), words(other.range(2).select(tagged('id')))"
    assert notebook.value(ask) == "(['two'], ['two'], ['two'])"


def test_a_server_in_the_notebooks_own_process(open_notebook: Open, tmp_path: Path, tagger: Path) -> None:
    """Its SparkContext is not the notebook's; it leaves ``artifacts`` in its working directory."""
    jar = server_jar(tmp_path)
    notebook = open_notebook(
        tmp_path, env={"PYSPARK_SUBMIT_ARGS": f"--jars {jar} pyspark-shell"} if jar is not None else {}
    )
    notebook.done(
        START.format(url="local[2]").replace(
            ".getOrCreate", '.config("spark.ui.enabled", "false").getOrCreate'
        )
    )
    notebook.done("import tagger\nframe = spark.range(2).select(udf(lambda i: tagger.tag())('id'))")
    assert notebook.value("words(frame)") == "['one']"
    assert notebook.action("state()")["state"]["spark"]["kind"] == "connect"
    say(tagger, "two")
    assert notebook.value("words(frame), tagger.tag()") == "(['two'], 'two')"
    notebook.done("spark.stop()")
    assert notebook.action("state()")["state"]["spark"]["kind"] == "none"


def test_a_server_that_is_gone_is_reported_in_one_sentence_and_delays_nothing(
    open_notebook: Open, tmp_path: Path, tagger: Path
) -> None:
    notebook = open_notebook(tmp_path)
    running = ConnectServer(tmp_path / "server")
    try:
        notebook.done(START.format(url=running.url))
        notebook.done(
            "import tagger\ntagged = udf(lambda i: tagger.tag())\nframe = spark.range(2).select(tagged('id'))"
        )
        assert notebook.value("words(frame)") == "['one']"
    finally:
        running.close()
    say(tagger, "two")
    told = notebook.run("tagger.tag()")
    assert (told.ok, told.value) == (True, "'two'")
    assert f"the Spark Connect server at {running.url} does not answer" in told.stderr
    assert len(told.stderr.splitlines()) == 1
    refused = notebook.run("words(frame)")
    assert refused.ename == "ShipFailed"
    assert running.url in refused.evalue
    assert notebook.run("tagger.tag()").stderr == ""

    # Back at the same address: with 3.5 the old client goes on with a new session, with 4.x the user makes one.
    again = ConnectServer(tmp_path / "again", port=running.port)
    try:
        notebook.run("spark.stop()")
        notebook.done(START.format(url=again.url))
        assert notebook.value("words(spark.range(2).select(tagged('id')))") == "['two']"
    finally:
        again.close()
