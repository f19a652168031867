"""The debug setting: a task that has loaded anything but its version fails, and says which module."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_library import Open, say, write
from kernel_notebook import Notebook

START = """
import os, sys
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.local.dir", {scratch!r})
    .config("spark.autoegg.check", {check!r})
    .getOrCreate()
)
sc = spark.sparkContext
sc.setLogLevel("OFF")
import tagger
def job():
    return sc.parallelize([0], 1).map(lambda i: tagger.tag()).collect()
"""


@pytest.fixture
def notebook(open_notebook: Open, tmp_path: Path, tagger: Path) -> Iterator[Notebook]:
    (tmp_path / "scratch").mkdir()
    notebook = open_notebook(env={"SPARK_LOCAL_IP": "127.0.0.1"})
    yield notebook
    notebook.run("spark.stop()")


def start(notebook: Notebook, tmp_path: Path, check: str) -> None:
    notebook.done(START.format(scratch=str(tmp_path / "scratch"), check=check))


def last_line(notebook: Notebook, code: str) -> str:
    outcome = notebook.run(code)
    assert not outcome.ok, outcome
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(outcome.traceback)).strip().splitlines()[-1]


def test_with_the_setting_tasks_run_and_a_changed_file_fails_them(
    notebook: Notebook, tmp_path: Path, tagger: Path
) -> None:
    write(tmp_path / "other" / "tagger" / "__init__.py", "def tag():\n    return 'other'\n")
    start(notebook, tmp_path, "true")
    assert notebook.value("job()") == "['one']"
    say(tagger, "two")
    assert notebook.value("job()") == "['two']"
    assert notebook.value("spark.range(1).select(udf(lambda i: tagger.tag())('id')).first()[0]") == "'two'"

    # Imported from elsewhere in the middle of a task: seen at its end.
    other = (
        "def away(i):\n"
        "    for name in [name for name in sys.modules if name.startswith('tagger')]: del sys.modules[name]\n"
        f"    sys.path.insert(0, {str(tmp_path / 'other')!r})\n"
        "    import tagger\n"
        "    return tagger.tag()\n"
        "sc.parallelize([0], 1).map(away).collect()"
    )
    line = last_line(notebook, other)
    assert "autoegg: check:" in line and f"the module tagger comes from {tmp_path / 'other'}" in line

    # A file of the unpacked version that somebody has written to.
    notebook.done(
        "def spoil(i):\n"
        "    import tagger.words\n"
        "    path = tagger.words.__file__\n"
        "    text = open(path).read()\n"
        "    os.chmod(path, 0o600)\n"
        "    open(path, 'w').write(text.replace('two', 'six'))\n"
        "try: sc.parallelize([0], 1).map(spoil).collect()\n"
        "except Exception: pass"
    )
    line = last_line(notebook, "job()")
    assert "words.py was changed after it was unpacked" in line and "tagger" in line


def test_code_that_is_not_in_the_file_fails_a_task_once_checking_is_switched_on(
    notebook: Notebook, tmp_path: Path, tagger: Path
) -> None:
    start(notebook, tmp_path, "false")
    notebook.done(
        "def spoil(i):\n"
        "    import tagger.words\n"
        "    source = 'def tag():\\n    return 3\\n'\n"
        "    exec(compile(source, tagger.words.__file__, 'exec'), vars(tagger.words))\n"
        "sc.parallelize([0], 1).map(spoil).collect()"
    )
    notebook.done("sc.parallelize([0], 1).map(lambda i: tagger.words.tag()).collect()")
    notebook.done("%autoegg check on")
    line = last_line(notebook, "job()")
    assert "autoegg: check:" in line and "tagger.words.tag runs other code than" in line
    notebook.done("%autoegg check off")
    notebook.done("job()")
