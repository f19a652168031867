"""Runs a function of a test module in a Python process of its own, with a Spark of its own."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SHIM = Path(__file__).parents[2] / "python-shim"


def in_own_process(function: Callable[[Any, Any], None], hooks: bool = True, **environment: str) -> str:
    """``function(spark, notebook)`` must not raise; what the process wrote to stderr is returned.

    :param hooks: whether autoegg's hooks are in place before Spark starts.
    :param environment: ``TEST_MASTER`` is the master, ``PYSPARK_SUBMIT_ARGS`` may hold settings.
    """
    code = "import sys; sys.path[:0] = sys.argv[1:3]; import own_process; own_process.main(*sys.argv[3:])"
    with tempfile.TemporaryDirectory() as folder:
        arguments = [
            str(HERE),
            str(SHIM),
            function.__module__.rpartition(".")[2],
            function.__name__,
            folder,
            str(int(hooks)),
        ]
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code, *arguments],
            capture_output=True,
            text=True,
            timeout=900,
            env={**os.environ, "PYSPARK_PYTHON": sys.executable, "PYTHONPATH": "", **environment},
            cwd=folder,
        )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
    return done.stderr


def main(module: str, function: str, folder: str, hooks: str) -> None:
    from autoegg.spark import install
    from conftest import Notebook, end_of_java, start

    notebook = Notebook(Path(folder))
    if hooks == "1":
        install(notebook.prepare)
    spark = start(
        os.environ.get("TEST_MASTER", "local[2]"),
        **{"spark.local.dir": folder, "spark.sql.warehouse.dir": folder},
    )
    try:
        getattr(importlib.import_module(module), function)(spark, notebook)
    finally:
        spark.stop()
        end_of_java()
