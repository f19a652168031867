"""From a save to the result of the first Spark job on new code: the extension against what people do without it.

Four notebooks with a Spark session each take turns on the same save of one file of a 200-module library. Also counted:
how often driver and workers both ran what was saved.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from support import libraries, spark
from support.figures import median, median_and_least, times
from support.notebook import Notebook, notebook
from support.places import SHIM, scratch
from support.results import Result

MODULES = 200
ROUNDS = 7
HAND = 0.4

DRIVER = "\nanswer = [chain.run(0), answer]"

# What a restart costs at the least: the driver's own modules stay as they are, workers import from a shared folder.
RESTART = "began = perf_counter()\nspark.stop()\n{session}" + spark.JOB + DRIVER

# The egg has to be made first; zipfile without compression is the quickest way that Python has.
ADD_FILE = """
began = perf_counter()
import zipfile
from pathlib import Path
root = Path({root!r})
egg = Path({folder!r}) / "library-{number}.egg"
with zipfile.ZipFile(egg, "w") as archive:
    for file in sorted(root.glob("library/**/*.py")):
        archive.write(file, file.relative_to(root))
sc.addPyFile(str(egg))
"""

# Spark keeps idle workers by their environment: another value means fresh ones, which import from a shared folder.
NEW_WORKERS = """
began = perf_counter()
sc.environment["LIBRARY"] = "{number}"
"""


@dataclass
class Way:
    """One way of working: how its notebook starts, the cell after save ``number``, and settings of its own."""

    name: str
    load: str
    cell: Callable[[int], str]
    settings: dict[str, str]
    path: list[Path]
    """On PYTHONPATH, so of the workers too."""


def ways(root: Path, folder: Path) -> list[Way]:
    session = spark.session(spark.LOCAL, folder / "restart")
    return [
        Way("autoegg", "%load_ext autoegg", lambda _: spark.JOB + DRIVER, {}, [SHIM]),
        Way(
            "new SparkContext (driver not reloaded)",
            "pass",
            lambda _: RESTART.format(session=session),
            {},
            [root],
        ),
        Way(
            "%autoreload 2, no worker reuse, addPyFile",
            "%load_ext autoreload\n%autoreload 2",
            lambda number: (
                ADD_FILE.format(root=str(root), folder=str(folder), number=number) + spark.JOB + DRIVER
            ),
            {"spark.python.worker.reuse": "false"},
            [],
        ),
        Way(
            "%autoreload 2, new workers by an environment variable",
            "%load_ext autoreload\n%autoreload 2",
            lambda number: NEW_WORKERS.format(number=number) + spark.JOB + DRIVER,
            {},
            [root],
        ),
    ]


def start(book: Notebook, way: Way, root: Path, folder: Path) -> None:
    for cell in way.load.splitlines():
        book.run(cell)
    book.run(f"import sys; sys.path.insert(0, {str(root)!r})")
    book.run("from library import chain")
    book.run(spark.session(spark.LOCAL, folder, way.settings))
    # The first job of a session starts Spark's workers; each way has had one before it is timed.
    book.run(way.cell(0))
    book.run(way.cell(1))


def main() -> None:
    result = Result(
        "other_ways",
        f"Save of one file of {MODULES} to the first job's result on {spark.LOCAL}: milliseconds",
        ["way", "median", "min", "to autoegg", "driver right", "workers right"],
    )
    with scratch() as folder, ExitStack() as stack:
        package = libraries.made(folder / "project", "library", MODULES)
        root = package.parent
        books: dict[str, tuple[Way, Notebook]] = {}
        for number, way in enumerate(ways(root, folder)):
            own = folder / ("restart" if way.name.startswith("new") else f"notebook-{number}")
            environment = {"PYTHONPATH": os.pathsep.join(map(str, way.path)), **spark.environment(own)}
            book = stack.enter_context(notebook(own, environment))
            start(book, way, root, own)
            books[way.name] = (way, book)
        right = {name: [0, 0] for name in books}
        for number in range(2, ROUNDS + 2):
            libraries.edit(package, number)
            time.sleep(HAND)
            for name, (way, book) in books.items():
                ran = book.run(way.cell(number))
                driver, workers = ran.answer
                right[name][0] += driver == number
                right[name][1] += workers == [number]
                result.series.setdefault(name, []).append(ran.whole)
    own = median(result.series["autoegg"])
    for name, values in result.series.items():
        shares = [f"{count} of {ROUNDS}" for count in right[name]]
        result.rows.append([name, *median_and_least(values), times(median(values), own), *shares])
    result.save()


if __name__ == "__main__":
    main()
