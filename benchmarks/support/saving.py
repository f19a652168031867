"""A notebook with a library and a Spark session, and what importing that library costs at the least."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from . import spark, stopwatch
from .notebook import Notebook

_IMPORT_TIME = Path(__file__).with_name("import_time.py")


def start(book: Notebook, package: Path, master: str, folder: Path) -> None:
    """Extension, library and Spark session, and as many jobs that the next one finds everything warm."""
    book.run("%load_ext autoegg")
    book.run(f"import sys; sys.path.insert(0, {str(package.parent)!r})")
    book.run("from library import chain")
    book.run(spark.session(master, folder))
    book.run(stopwatch.INSTALL)
    for _ in range(3):
        book.run(spark.JOB)
    book.run(stopwatch.READ)


def import_seconds(root: Path) -> float:
    """Of the slower of as many processes at once as the job has tasks: the workers import at the same time too."""
    line = [sys.executable, "-I", str(_IMPORT_TIME), str(root), "library.chain"]
    with ExitStack() as stack:
        importers = []
        for _ in range(spark.TASKS):
            importer = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            stack.callback(importer.communicate)
            stack.callback(importer.kill)
            importers.append(importer)
        for importer in importers:
            _line_of(importer)
        for importer in importers:
            assert importer.stdin is not None
            importer.stdin.write("\n")
            importer.stdin.flush()
        return max(float(_line_of(importer)) for importer in importers)


def _line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()
