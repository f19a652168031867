"""The first Spark job on new code: the ship and the job against a warm job plus the import of the modules that it needs.

One file of a library of 12, 200 or 1,561 modules is saved, and the job needs all of them. The import is timed from a
directory with .pyc files, in as many processes at once as Spark has workers: what cannot be done without.
"""

from __future__ import annotations

import time
from pathlib import Path

import pyspark
from support import libraries, spark, stopwatch
from support.figures import median, median_and_least, times
from support.notebook import Notebook, notebook
from support.places import scratch
from support.results import Aim, Result
from support.saving import import_seconds, start

SIZES = {12: 12, 200: 10, 1561: 5}
"""Modules, and rounds that are timed."""

MASTERS = (spark.LOCAL, spark.CLUSTER)
AIM = 1.1

HAND = 0.4
"""Seconds between a save and the cell that runs it, as by hand."""

Series = dict[str, list[float]]


def rounds(book: Notebook, package: Path, count: int) -> Series:
    series: Series = {"warm": [], "import": [], "ship and job": []}
    for number in range(2, count + 2):
        for _ in range(2):  # the first job after another one still has its clean-up beside it
            warm = book.run(spark.JOB)
        series["warm"].append(warm.body)
        series["import"].append(import_seconds(package.parent))
        book.run(stopwatch.READ)
        libraries.edit(package, number)
        time.sleep(HAND)
        ran = book.run(spark.JOB)
        if ran.answer != [number]:
            raise RuntimeError(f"the job ran version {ran.answer} of the library, not {number}")
        spent = book.run(stopwatch.READ).answer
        series["ship and job"].append(spent.get("ship", 0.0) + ran.body)
    return series


def main() -> None:
    line = pyspark.__version__.rpartition(".")[0]
    result = Result(
        f"first_job_{line}",
        f"The first job on new code, Spark {line}: milliseconds, and times (a warm job + the import)",
        ["library and master", "warm job", "import", "ship + job, median", "min", "ratio", "of minima"],
    )
    for modules, count in SIZES.items():
        for master in MASTERS:
            with scratch() as folder:
                package = libraries.made(folder / "project", "library", modules)
                with notebook(folder / "notebook", spark.environment(folder)) as book:
                    start(book, package, master, folder)
                    series = rounds(book, package, count)
            name = f"{modules:,} modules, {master}"
            result.series |= {f"{name}, {part}": values for part, values in series.items()}
            both, warm, needed = series["ship and job"], series["warm"], series["import"]
            ratio = median(both) / (median(warm) + median(needed))
            least = times(min(both), min(warm) + min(needed))
            figures = [median_and_least(warm)[0], median_and_least(needed)[0], *median_and_least(both)]
            result.rows.append([name, *figures, f"{ratio:.2f} ×", least])
            result.aims.append(Aim(f"Spark {line}, {name}: ship + first job", AIM, ratio, "×"))
    result.save()


if __name__ == "__main__":
    main()
