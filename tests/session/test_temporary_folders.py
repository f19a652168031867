"""Temporary folders that are removed under a live session (systemd-tmpfiles, the end of a login) are made again."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_library import Open, say
from kernel_notebook import private_spark_home

START = """
import os, signal
from pyspark.sql import SparkSession
spark = (
    SparkSession.builder.master("local-cluster[1,1,1024]")
    .config("spark.ui.enabled", "false")
    .config("spark.local.dir", {scratch!r})
    .getOrCreate()
)
sc = spark.sparkContext
sc.setLogLevel("OFF")
import tagger
tags = sc.parallelize([0], 1).map(lambda row: tagger.tag())
executors = sc.parallelize([0], 1).map(lambda row: os.getppid())
"""

# The parent of a worker's daemon is the executor's JVM.
LOSE_EXECUTOR = """
pid = executors.map(lambda daemon: int(open(f"/proc/{daemon}/stat").read().rpartition(")")[2].split()[1])).collect()[0]
os.kill(pid, signal.SIGKILL)
"""


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A runtime directory as logind makes it; its path is short, because sockets lie in it."""
    folder = Path(tempfile.mkdtemp(prefix="run-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def clean(place: Path) -> None:
    """What a cleaner of temporary files does to ours."""
    ours = list(place.glob("autoegg-*"))
    assert ours
    for folder in ours:
        shutil.rmtree(folder)


def test_eggs_are_there_again_for_executors_that_come_later(
    open_notebook: Open, tmp_path: Path, tagger: Path
) -> None:
    temporary, scratch = tmp_path / "tmp", tmp_path / "scratch"
    temporary.mkdir()
    scratch.mkdir()
    notebook = open_notebook(
        env={
            "TMPDIR": str(temporary),
            "SPARK_HOME": str(private_spark_home(tmp_path)),
            "SPARK_LOCAL_IP": "127.0.0.1",
        }
    )
    notebook.done(START.format(scratch=str(scratch)))
    try:
        assert notebook.value("tags.collect()") == "['one']"
        clean(temporary)
        notebook.done("1")
        notebook.done(LOSE_EXECUTOR)
        assert notebook.value("tags.collect()") == "['one']"
        clean(temporary)
        say(tagger, "two")
        assert notebook.value("tags.collect()") == "['two']"
        (made,) = [folder for folder in temporary.glob("autoegg-*") if (folder / "eggs").is_dir()]
        for egg in (made / "eggs").glob("*.egg"):
            egg.unlink()  # file by file, the oldest first
        notebook.done("1")
        notebook.done(LOSE_EXECUTOR)
        assert notebook.value("tags.collect()") == "['two']"
        assert made.stat().st_mode & 0o777 == 0o700
    finally:
        assert notebook.run("spark.stop()").ok


def test_a_daemon_that_has_lost_its_socket_is_replaced(
    open_notebook: Open, tagger: Path, runtime: Path
) -> None:
    notebook = open_notebook(env={"XDG_RUNTIME_DIR": str(runtime)})
    assert notebook.value("import tagger\ntagger.tag()") == "'one'"
    daemon = notebook.daemon_pid()
    shutil.rmtree(runtime)
    say(tagger, "two")
    assert notebook.value("tagger.tag()") == "'two'"
    # An interrupt in the middle of an answer ends the connection, and the next one finds no socket.
    os.kill(daemon, signal.SIGSTOP)
    say(tagger, "three")
    cell = notebook.start("tagger.tag()")
    time.sleep(0.5)
    os.kill(notebook.pid, signal.SIGINT)
    assert notebook.finish(cell).ename == "Interrupted"
    os.kill(daemon, signal.SIGCONT)
    assert notebook.value("tagger.tag()") == "'three'"
    assert notebook.daemon_pid() != daemon


@pytest.mark.parametrize("replaced", [False, True], ids=["", "whose daemon was replaced"])
def test_a_kernel_that_ends_leaves_nothing_behind(
    open_notebook: Open, tmp_path: Path, tagger: Path, runtime: Path, replaced: bool
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    notebook = open_notebook(env={"TMPDIR": str(temporary), "XDG_RUNTIME_DIR": str(runtime)})
    notebook.done("import tagger, multiprocessing")
    notebook.done("with multiprocessing.get_context('fork').Pool(1) as pool:\n    pool.apply(tagger.tag)")
    if replaced:
        os.kill(notebook.daemon_pid(), signal.SIGKILL)
        notebook.done("tagger.tag()")
    assert len([*temporary.glob("autoegg-*"), *runtime.iterdir()]) >= 3
    notebook.run("exit()")
    deadline = time.monotonic() + 30
    while (left := [*temporary.glob("autoegg-*"), *runtime.iterdir()]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


def test_a_folder_whose_name_somebody_else_has_taken_is_not_used(
    open_notebook: Open, tmp_path: Path, tagger: Path
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    notebook = open_notebook(env={"TMPDIR": str(temporary)})
    notebook.done("import tagger")
    for folder in temporary.glob("autoegg-*"):
        shutil.rmtree(folder)
        folder.mkdir(mode=0o777)
        folder.chmod(0o777)
    refused = notebook.run("tagger.tag()")
    assert refused.ename == "ShipFailed"
    assert "restart the kernel" in refused.evalue
