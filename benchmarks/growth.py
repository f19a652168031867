"""What many saves leave behind: 300 ships, each followed by a job, on a local Spark and on a cluster of two executors.

Eggs that Spark lists, bytes on the disks of driver and executors, and how long a job takes at the end against the
beginning. Every version is run, so each executor fetches and unpacks all of them.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from support import libraries, spark
from support.figures import median, median_and_least
from support.notebook import Notebook, notebook
from support.places import scratch
from support.results import Aim, Result
from support.saving import start

SHIPS = int(os.environ.get("AUTOEGG_BENCH_SHIPS", "300"))
MODULES = 12
EDGE = 20
"""Ships at the beginning and at the end whose jobs are compared; files are made older after so many."""

LISTED = "answer = sum('library' in name and name.endswith('.egg') for name in sc.listFiles)"
OWN_FOLDER = """
from autoegg.kernel.loaded import current
answer = str(current().sync.delivering._shipper._folder)
"""
AGED = 3600
"""Seconds by which files on executors are made older now and then: an executor keeps an egg for five minutes after it was fetched,
and 300 saves by hand take hours.
"""


LOGS = ("stderr", "stdout")
"""What executors write of each task, which is Spark's and not counted."""


def bytes_below(folder: Path) -> int:
    """What the files take, hard links counted once."""
    found = [path.lstat() for path in folder.rglob("*") if path.is_file() and path.name not in LOGS]
    return sum({(stat.st_dev, stat.st_ino): stat.st_size for stat in found}.values())


def eggs_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*library*.egg") if path.is_file()]


def age(folder: Path) -> None:
    before = time.time() - AGED
    for egg in eggs_below(folder):
        os.utime(egg, (before, before))


class Counted:
    """One reading of what is there."""

    def __init__(self, book: Notebook, given: Path, executors: Path) -> None:
        self.listed = int(book.run(LISTED).answer)
        self.driver = bytes_below(given)
        self.executors = bytes_below(executors)
        self.eggs = len(eggs_below(executors))


def measure(result: Result, master: str, folder: Path) -> None:
    package = libraries.made(folder / "project", "library", MODULES)
    with notebook(folder / "notebook", spark.environment(folder)) as book:
        start(book, package, master, folder)
        given = Path(book.run(OWN_FOLDER).answer)
        executors = folder / "spark"
        jobs: list[float] = []
        readings: dict[int, Counted] = {}
        for number in range(2, SHIPS + 2):
            libraries.edit(package, number)
            ran = book.run(spark.JOB)
            if ran.answer != [number]:
                raise RuntimeError(f"the job ran version {ran.answer} of the library, not {number}")
            jobs.append(ran.body)
            done = number - 1
            if done in (EDGE, SHIPS // 2 // EDGE * EDGE, SHIPS):
                readings[done] = Counted(book, given, executors)
            if done % EDGE == 0:
                age(executors)
    for done, reading in readings.items():
        sizes = [f"{size / 1024:.0f}" for size in (reading.driver, reading.executors)]
        took = jobs[max(0, done - EDGE) : done]
        counts = [str(reading.listed), str(reading.eggs)]
        result.rows.append([f"{master}, after {done} ships", *counts, *sizes, *median_and_least(took)])
    result.series[master] = jobs
    first, last = median(jobs[:EDGE]), median(jobs[-EDGE:])
    result.aims.append(
        Aim(f"{master}: jobs of the last {EDGE} ships to those of the first", 1.1, last / first, "×")
    )
    grown = readings[SHIPS].executors / readings[EDGE].executors
    result.notes.append(
        f"{master}: {grown:.2f} times the bytes on executors after {SHIPS} ships as after {EDGE}."
    )


def main() -> None:
    result = Result(
        "growth",
        f"{SHIPS} ships of a library of {MODULES} modules: what stays, and milliseconds of a job",
        ["", "eggs listed", "eggs on executors", "driver kB", "executors kB", "job, median", "min"],
    )
    for master in (spark.LOCAL, spark.CLUSTER):
        with scratch() as folder:
            measure(result, master, folder)
    result.save()


if __name__ == "__main__":
    main()
