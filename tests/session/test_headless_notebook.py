"""A notebook executed without any browser or server: a module is made, shipped, rewritten between cells and asked for on every executor."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
import pytest
from kernel_notebook import SHIM, neutral_environment, private_spark_home
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

MAKE = """
%load_ext autoegg
import os, sys
from pathlib import Path
folder = Path("project/src/modmade")
folder.mkdir(parents=True)
(folder / "__init__.py").write_text("")
(folder / "mod.py").write_text("def say():\\n    return 'moof'\\n")
sys.path.append(str(Path("project/src").resolve()))
from modmade import mod
assert mod.say() == "moof"
"""

START = """
from pyspark.sql import SparkSession
spark = SparkSession.builder.master({master!r}).config("spark.ui.enabled", "false").getOrCreate()
sc = spark.sparkContext
executors = {executors}

def on_every_executor():
    import time
    found = {{}}
    deadline = time.monotonic() + 60
    while len(found) < executors and time.monotonic() < deadline:
        def ask(_):
            from modmade import mod
            from pyspark import SparkFiles
            time.sleep(0.05)
            return os.path.abspath(SparkFiles.getRootDirectory()), mod.say(), ".egg" + os.sep in mod.__file__
        for where, said, from_egg in sc.parallelize(range(8), 8).map(ask).collect():
            found[where] = said, from_egg
    return found

rdd = sc.parallelize(range(4), 4).map(lambda _: mod.say())
first = on_every_executor()
assert len(first) == executors and set(first.values()) == {{("moof", True)}}, first
"""

REWRITE = """
(folder / "mod.py").write_text("def say():\\n    return 'foom'\\n")
"""

AGAIN = """
second = on_every_executor()
assert set(second) == set(first) and set(second.values()) == {("foom", True)}, second
assert set(rdd.collect()) == {"foom"} and mod.say() == "foom"
import autoegg
assert autoegg.verify(spark).agree
"""

BREAK = """
(folder / "mod.py").write_text("def say(:\\n")
"""

STOP = "%autoegg off\nspark.stop()\n"


def run(cells: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ.keys() - neutral_environment().keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONPATH", str(SHIM))
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("SPARK_HOME", str(private_spark_home(folder)))
    monkeypatch.setenv("SPARK_LOCAL_DIRS", str(folder / "scratch"))
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    client = NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(folder)}})
    client.execute()


@pytest.mark.parametrize(("master", "executors"), [("local[2]", 1), ("local-cluster[2,1,1024]", 2)])
def test_every_executor_runs_the_module_as_it_was_rewritten(
    master: str, executors: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = START.format(master=master, executors=executors)
    run([MAKE, start, REWRITE, AGAIN, STOP], tmp_path, monkeypatch)


def test_a_broken_module_ends_the_execution_with_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CellExecutionError) as failed:
        run([MAKE, BREAK, "mod.say()"], tmp_path, monkeypatch)
    assert failed.value.ename == "LibraryBroken"
    assert "modmade/mod.py, line 1" in failed.value.evalue
