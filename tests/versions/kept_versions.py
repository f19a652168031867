"""What is kept of versions, as the command line tells it; and ways in which it is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kernel_library import say
from kernel_notebook import SHIM, Notebook

DAY = 86_400

SESSION = """
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
import tagger
from pyspark.sql.functions import udf

def frame():
    return spark.range(2).select(udf(lambda _: tagger.tag())("id").alias("tag"))

def words():
    return sorted({row.tag for row in frame().collect()})
"""
"""Cell that starts Spark and uses the library on its workers."""


def command(environment: Mapping[str, str | None], *words: str) -> subprocess.CompletedProcess[str]:
    """Runs ``autoegg`` on the command line."""
    env = {**os.environ, **{key: value for key, value in environment.items() if value is not None}}
    return subprocess.run(
        [sys.executable, "-m", "autoegg", *words],
        env={**env, "PYTHONPATH": str(SHIM)},
        capture_output=True,
        text=True,
        check=False,
    )


def versions(environment: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """What the index names, newest first."""
    answer = command(environment, "versions", "--json")
    assert answer.returncode == 0, answer.stderr
    listed: list[dict[str, Any]] = json.loads(answer.stdout)
    return listed


def ran(notebook: Notebook, tagger: Path, *words: str) -> list[str]:
    """Runs the library as it is, and then with each of these words; returns the versions."""
    found = []
    notebook.done("import tagger")
    for word in ("", *words):
        if word:
            say(tagger, word)
        notebook.done("tagger.tag()")
        found.append(notebook.action("state()")["state"]["libraries"][0]["version"])
    return found


def eventually(check: Any) -> Any:
    """What ``check`` gives as soon as that is something."""
    deadline = time.monotonic() + 60
    while not (found := check()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def let_age(store: Path, version: str, days: float) -> None:
    """As if it had been run last so long ago."""
    (entry,) = (store / "versions").glob(f"*.{version}.json")
    then = time.time() - days * DAY
    os.utime(entry, (then, then))


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    return subprocess.run(
        ["git", "-C", str(folder), *who, *words], capture_output=True, text=True, check=True
    ).stdout.strip()
