"""A worker that cannot get its version says so in one sentence at the end of the cell; it never runs other code."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_library import Open, say, write
from kernel_notebook import Notebook, Outcome, private_spark_home

MASTERS = ["local[1]", "local-cluster[1,1,1024]"]

# One failure is enough: else a cluster tries again in another worker process, which may have room.
START = """
import glob, os
from pyspark.sql import SparkSession
spark = (
    SparkSession.builder.master({master!r})
    .config("spark.ui.enabled", "false")
    .config("spark.local.dir", {scratch!r})
    .config("spark.task.maxFailures", "1")
    .getOrCreate()
)
sc = spark.sparkContext
sc.setLogLevel("OFF")
import tagger
from pyspark.sql.functions import udf
tags = sc.parallelize([0], 1).map(lambda row: tagger.tag())
frame = spark.range(1).select(udf(lambda row: tagger.tag())("id").alias("tag"))
folder = sc.parallelize([0], 1).map(lambda row: os.getcwd()).collect()[0]
if {master!r}.startswith("local["):
    from pyspark import SparkFiles
    folder = SparkFiles.getRootDirectory()
"""

# Executors fetch an egg with the first task of a job that lists it; that task needs no library.
FETCH = "sc._jsc.parallelize(sc._jvm.java.util.ArrayList(), 1).count();"
EGGS = "glob.glob(folder + '/*tagger*.patch.egg')"
ACTIONS = {"rdd": "tags.collect()", "sql": "frame.collect()"}


@pytest.fixture(params=MASTERS)
def notebook(
    request: pytest.FixtureRequest, open_notebook: Open, tmp_path: Path, tagger: Path
) -> Iterator[Notebook]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    home = str(private_spark_home(tmp_path))
    notebook = open_notebook(env={"SPARK_HOME": home, "SPARK_LOCAL_IP": "127.0.0.1"})
    notebook.done(START.format(master=request.param, scratch=str(scratch)))
    assert notebook.value("tags.collect()") == "['one']"
    yield notebook
    notebook.run("spark.stop()")


def refusal(outcome: Outcome) -> str:
    """The sentence, which must be the last line that the cell shows."""
    assert not outcome.ok
    shown = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(outcome.traceback)).strip()
    last = shown.splitlines()[-1]
    assert "autoegg: this task needs tagger " in last, shown[-3000:]
    assert shown.count("this task needs tagger") == 1
    assert socket.gethostname() in last
    assert "Run the cell again to ship it, or restart the Spark session." in last
    return last


def version(notebook: Notebook) -> str:
    return str(notebook.action("state()")["state"]["libraries"][0]["version"])[:12]


@pytest.mark.parametrize("api", ACTIONS)
def test_an_egg_that_is_missing_on_the_node_is_reported_and_restored_by_the_next_run(
    notebook: Notebook, tagger: Path, api: str
) -> None:
    say(tagger, "two")
    action = ACTIONS[api]
    refused = refusal(notebook.run(f"{FETCH}\n[os.remove(egg) for egg in {EGGS}]\n{action}"))
    assert f"needs tagger {version(notebook)}" in refused
    assert "is not in " in refused and "found: " in refused
    assert "two" in notebook.value(action)


def test_an_egg_that_is_damaged_on_the_node_is_reported_and_restored_by_the_next_run(
    notebook: Notebook, tagger: Path
) -> None:
    say(tagger, "two")
    damage = f"[open(egg, 'wb').write(b'?' * os.path.getsize(egg)) for egg in {EGGS}]"
    refused = refusal(notebook.run(f"{FETCH}\n{damage}\ntags.collect()"))
    assert f"needs tagger {version(notebook)}" in refused and "damaged" in refused
    assert notebook.value("tags.collect()") == "['two']"


def test_all_damaged_eggs_of_a_node_come_back_at_once(notebook: Notebook, tagger: Path) -> None:
    say(tagger, "two")
    damage = (
        "[open(egg, 'wb').write(b'?' * os.path.getsize(egg)) for egg in glob.glob(folder + '/*tagger*.egg')];"
        "import shutil; shutil.rmtree(folder + '/autoegg')"
    )
    refusal(notebook.run(f"{FETCH}\n{damage}\ntags.collect()"))
    assert notebook.value("tags.collect()") == "['two']"


def test_an_egg_that_was_damaged_after_its_use_heals_without_an_error_of_spark(
    notebook: Notebook, tagger: Path, tmp_path: Path
) -> None:
    write(tmp_path / "other" / "__init__.py", "def tag():\n    return 'one'\n")
    notebook.done("import other\nboth = sc.parallelize([0], 1).map(lambda row: (tagger.tag(), other.tag()))")
    say(tagger, "two")
    assert notebook.value("both.collect()") == "[('two', 'one')]"
    # Unpacked, so nobody reads it; but with the other library's egg it is brought once more, and differs then.
    notebook.done(f"[open(egg, 'wb').write(b'?' * os.path.getsize(egg)) for egg in {EGGS}]")
    write(tmp_path / "other" / "__init__.py", "def tag():\n    return 'two'\n")
    lost = notebook.run(
        f"{FETCH}\n[os.remove(egg) for egg in glob.glob(folder + '/*other*.patch.egg')]\nboth.collect()"
    )
    assert "this task needs other" in lost.evalue + "".join(lost.traceback)
    outcome = notebook.run("both.collect()")
    if not outcome.ok:  # an executor has a folder of its own, which only it can tidy
        shown = "".join(outcome.traceback)
        assert "Run the cell again to ship it" in shown
        assert "SparkException" not in shown
        outcome = notebook.run("both.collect()")
    assert outcome.value == "[('two', 'two')]", outcome
    say(tagger, "three")
    assert notebook.value("both.collect()") == "[('three', 'two')]"


def test_a_node_without_room_is_reported(notebook: Notebook, tagger: Path) -> None:
    # No file of this worker process may grow beyond that, as on a full disk.
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))"
    # More tasks than there are processes that wait for one.
    notebook.done(f"import resource\nsc.parallelize(range(8), 8).foreach(lambda row: {limit})")
    say(tagger, "two")
    write(tagger / "large.py", "#" * 10_000)
    refused = refusal(notebook.run("sc.setLocalProperty('x', 'y')\ntags.collect()"))
    assert "its egg cannot be unpacked: OSError" in refused
    assert notebook.value("tags.collect()") == "['two']"
