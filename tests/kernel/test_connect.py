"""A Spark Connect session, to which nothing can be shipped yet: never old code in silence. (Spark 4.x has the server in its package.)"""

from __future__ import annotations

from pathlib import Path

from kernel_library import Open, say

START = """
from pyspark.sql import SparkSession
spark = SparkSession.builder.remote("local[2]").config("spark.ui.enabled", "false").getOrCreate()
spark.range(3).count()
"""


def test_a_changed_library_is_refused_by_name_while_a_connect_session_is_live(
    open_notebook: Open, tmp_path: Path, tagger: Path
) -> None:
    notebook = open_notebook(tmp_path)
    notebook.done("import tagger")
    assert notebook.value(START) == "3"
    assert notebook.action("state()")["state"]["spark"]["kind"] == "connect"
    notebook.done("tagger.tag()")
    say(tagger, "two")
    refused = notebook.run("tagger.tag()")
    assert refused.ename == "ShipFailed"
    assert "Spark Connect" in refused.evalue
    notebook.done("%autoegg off")
    notebook.done("spark.stop()")
    notebook.done("%autoegg on")
    assert notebook.value("tagger.tag()") == "'two'"
