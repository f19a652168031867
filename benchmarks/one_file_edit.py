"""One file of a 200-module library is saved: what happens before the next cell runs, and what its Spark job costs.

The job needs all 200 modules. It is held against the same job without a save plus the time that importing those modules
takes from a directory with .pyc files, in as many processes at once as Spark has workers: what cannot be done without. A save is followed by the cell at once
(nothing is ready) or after a pause, as by hand (the extension has given the patch to Spark by then).
"""

from __future__ import annotations

import time
from pathlib import Path

from support import libraries, spark, stopwatch
from support.figures import median, median_and_least, times
from support.notebook import Notebook, notebook
from support.places import scratch
from support.results import Aim, Result
from support.saving import import_seconds, start

MODULES = 200
ROUNDS = {spark.LOCAL: 15, spark.CLUSTER: 8}
HAND = 0.4
PARTS = ("barrier", "compile", "ship", "reload")
SAVES = {"at once": 0.0, "after a pause": HAND}

Series = dict[str, list[float]]


def rounds(book: Notebook, package: Path, count: int) -> Series:
    series: Series = {}

    def note(name: str, seconds: float) -> None:
        series.setdefault(name, []).append(seconds)

    number = 1
    for _ in range(count):
        for when, pause in SAVES.items():
            for _ in range(2):  # the first job after another one still has its clean-up beside it
                warm = book.run(spark.JOB)
            note("warm job", warm.body)
            note("unchanged, before", warm.before)
            note("import", import_seconds(package.parent))
            book.run(stopwatch.READ)
            number += 1
            libraries.edit(package, number)
            time.sleep(pause)
            ran = book.run(spark.JOB)
            if ran.answer != [number]:
                raise RuntimeError(f"the job ran version {ran.answer} of the library, not {number}")
            spent = book.run(stopwatch.READ).answer
            note(f"{when}, before", ran.before)
            note(f"{when}, job", ran.body)
            for part in PARTS:
                note(f"{when}, {part}", spent.get(part, 0.0))
    return series


def report(result: Result, master: str, series: Series) -> None:
    base = median(series["warm job"]) + median(series["import"])
    result.series |= {f"{master}, {name}": values for name, values in series.items()}

    def row(what: str, values: list[float], ratio: bool = False) -> None:
        shown = times(median(values), base) if ratio else ""
        result.rows.append([f"{master}: {what}", *median_and_least(values), shown])

    row("job, nothing saved", series["warm job"], ratio=True)
    row("import of the modules", series["import"])
    for when in SAVES:
        row(f"cell {when}: before it runs", series[f"{when}, before"])
        for part in PARTS:
            row(f"cell {when}: … {part}", series[f"{when}, {part}"])
        both = [ship + job for ship, job in zip(series[f"{when}, ship"], series[f"{when}, job"], strict=True)]
        row(f"cell {when}: ship + first job", both, ratio=True)
        result.aims.append(
            Aim(f"{master}, {when}: before the cell", 40, median(series[f"{when}, before"]) * 1e3, "ms")
        )
        result.aims.append(Aim(f"{master}, {when}: ship + first job", 1.2, median(both) / base, "×"))


def main() -> None:
    result = Result(
        "one_file_edit",
        f"One file of {MODULES} saved: milliseconds, and times (a job without a save + the import)",
        ["what", "median", "min", "ratio"],
    )
    for master, count in ROUNDS.items():
        with scratch() as folder:
            package = libraries.made(folder / "project", "library", MODULES)
            with notebook(folder / "notebook", spark.environment(folder)) as book:
                start(book, package, master, folder)
                report(result, master, rounds(book, package, count))
    result.save()


if __name__ == "__main__":
    main()
