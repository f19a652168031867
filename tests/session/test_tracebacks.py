"""An error of the library shows the user's own file and line, wherever it happened; our own sentences stand alone at the end."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_library import Open, write
from kernel_notebook import Notebook, Outcome

START = """
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf
spark = (
    SparkSession.builder.master("local[2,4]")
    .config("spark.ui.enabled", "false")
    .config("spark.local.dir", {scratch!r})
    .getOrCreate()
)
sc = spark.sparkContext
sc.setLogLevel("OFF")
import tagger, tagger.words
"""

FAILING = """
def tag(i=0):
    if i == 3:
        raise ValueError("no third one")
    return "one"
"""


@pytest.fixture
def notebook(open_notebook: Open, tmp_path: Path, tagger: Path) -> Iterator[Notebook]:
    write(tagger / "words.py", FAILING)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    notebook = open_notebook(env={"SPARK_LOCAL_IP": "127.0.0.1"})
    notebook.done(START.format(scratch=str(scratch)))
    yield notebook
    notebook.run("spark.stop()")


def shown(outcome: Outcome) -> str:
    assert not outcome.ok, outcome
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(outcome.traceback))


@pytest.mark.parametrize(
    "job",
    [
        "sc.parallelize(range(5), 2).map(tagger.tag).collect()",
        "spark.range(5).select(udf(lambda i: tagger.tag(i))('id')).collect()",
    ],
)
def test_an_error_on_a_worker_names_the_users_own_file_and_line(
    notebook: Notebook, tagger: Path, job: str
) -> None:
    text = shown(notebook.run(job))
    assert f'File "{tagger / "words.py"}", line 3, in tag' in text
    assert 'raise ValueError("no third one")' in text
    assert ".egg/" not in text
    assert "changed since" not in text and "this job ran" not in text

    # Another edit moves the line, at the same size of the file: the new line, the new text.
    write(tagger / "words.py", "\n" + FAILING.strip("\n").replace("no third one", "no thir one") + "\n")
    (tagger / "words.py").write_text("\n" + (tagger / "words.py").read_text())
    text = shown(notebook.run(job))
    assert f'File "{tagger / "words.py"}", line 4, in tag' in text
    assert 'raise ValueError("no thir one")' in text


def test_lines_of_an_older_version_are_said_to_be_so(notebook: Notebook, tagger: Path) -> None:
    notebook.done(
        "import threading, time\n"
        "def job():\n"
        "    global failure\n"
        "    try:\n"
        "        sc.parallelize(range(4), 4).map(lambda i: (time.sleep(3), tagger.tag(i))).collect()\n"
        "    except Exception as error:\n"
        "        failure = error\n"
        "worker = threading.Thread(target=job)\n"
        "worker.start()\n"
        "while not sc.statusTracker().getActiveStageIds(): time.sleep(0.05)"
    )
    write(tagger / "words.py", "# moved\n# down\n" + FAILING)
    text = shown(notebook.run("worker.join()\nraise failure"))
    assert f'File "{tagger / "words.py"}", line 3, in tag' in text
    last = text.strip().splitlines()[-1]
    assert last.startswith("autoegg: this job ran tagger ") and str(tagger / "words.py") in last


def test_an_edit_while_the_cell_runs_is_pointed_out(notebook: Notebook, tagger: Path) -> None:
    text = shown(
        notebook.run(
            f"path = {str(tagger / 'words.py')!r}\n"
            "text = open(path).read()\n"
            "open(path, 'w').write('# above\\n' + text)\n"
            "sc.parallelize(range(5), 2).map(tagger.tag).collect()"
        )
    )
    assert text.strip().splitlines()[-1] == (
        f"autoegg: {tagger / 'words.py'} has changed since this job ran it, so its line numbers may differ now."
    )


def test_an_error_in_the_driver_shows_the_line_after_a_reload(notebook: Notebook, tagger: Path) -> None:
    path = tagger / "words.py"
    assert "words.py:3" in shown(notebook.run("tagger.tag(3)"))
    before = path.stat()
    # Two lines change places, the size and the time stay.
    path.write_text(
        "def tag(i=0):\n"
        '    if i == 3:       \n        raise ValueError("no THIRD one")\n    return "one"\n'.replace(
            "       \n", "\n"
        )
    )
    os.utime(path, ns=(before.st_mtime_ns, before.st_mtime_ns))
    text = shown(notebook.run("tagger.tag(3)"))
    assert "words.py:3" in text and 'raise ValueError("no THIRD one")' in text
    path.write_text("# one line more\n" + path.read_text())
    text = shown(notebook.run("tagger.tag(3)"))
    assert "words.py:4" in text and re.search(r"4 +raise ValueError..no THIRD one", text)


def test_our_own_sentence_ends_the_output_once_and_without_java(notebook: Notebook, tagger: Path) -> None:
    """Here the executor's folder loses all that it had, and new workers have to unpack."""
    notebook.done(
        "import os, shutil, signal\nfrom pyspark import SparkFiles\n"
        "def pids(): return set(sc.parallelize(range(8), 8).map(lambda i: (tagger.__name__, os.getpid())[1]).collect())\n"
        "workers = pids()\nroot = SparkFiles.getRootDirectory()"
    )
    outcome = notebook.run(
        "for name in os.listdir(root):\n"
        "    if name.endswith('.egg'): os.remove(os.path.join(root, name))\n"
        "shutil.rmtree(os.path.join(root, 'autoegg'))\n"
        "for pid in workers: os.kill(pid, signal.SIGKILL)\n"
        "pids()"
    )
    text = shown(outcome)
    last = text.strip().splitlines()[-1]
    assert "autoegg: this task needs tagger" in last, text
    assert text.count("autoegg: this task needs tagger") == 1
    assert outcome.stderr.count("autoegg: this task needs tagger") == 0
    assert "at org.apache" not in text and "worker.py" not in text and "/py4j/" not in text
    assert "----> 5 pids()" in text, "the line of the cell is shown"


def test_data_of_older_code_that_names_what_is_gone_is_reported(notebook: Notebook, tagger: Path) -> None:
    """In the driver, and on the workers."""
    write(tagger / "words.py", FAILING + "class Old:\n    pass\n")
    notebook.done(
        "kept = sc.parallelize(range(2), 2).map(lambda i: tagger.words.Old()).cache()\nkept.count()"
    )
    write(tagger / "words.py", FAILING)
    for code, said in {
        "kept.collect()": "does not define",
        "kept.map(lambda old: 1).collect()": "no longer defines",
    }.items():
        last = shown(notebook.run(code)).strip().splitlines()[-1]
        assert "tagger.words.Old" in last and "which tagger " in last and said in last
