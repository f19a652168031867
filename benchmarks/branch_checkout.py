"""`git checkout` of another branch that differs in 1,000 files, and the next cell at once: what waits for what.

The cell runs a Spark job that needs one module of the library; the other branch has another number in each of them. git's
own time is not counted: the clock starts when git has ended.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from support import libraries, spark, stopwatch
from support.figures import median_and_least
from support.notebook import notebook
from support.places import scratch
from support.results import Result

FOLDERS, MODULES = 20, 50
ROUNDS = 6
PARTS = ("barrier", "compile", "ship", "reload")
JOB = """
began = perf_counter()
answer = sorted(set(sc.parallelize(range(4), 2).map(lambda row: part_1.step(row) - row).collect()))
"""


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def branches(project: Path, package: Path) -> None:
    """Branch `one`, where a step is 1, and branch `two`, where it is 2, in every module."""
    git(project, "init", "-q", "-b", "one")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "one")
    git(project, "checkout", "-q", "-b", "two")
    for module in package.rglob("part_*.py"):
        module.write_text(module.read_text().replace("return value + 1", "return value + 2"))
    git(project, "commit", "-q", "-a", "-m", "two")
    git(project, "checkout", "-q", "one")


def measure(result: Result, master: str, folder: Path) -> None:
    package = libraries.made_deep(folder / "project", "library", FOLDERS, MODULES)
    branches(package.parent, package)
    series: dict[str, list[float]] = {}
    with notebook(folder / "notebook", spark.environment(folder)) as book:
        book.run("%load_ext autoegg")
        book.run(f"import sys; sys.path.insert(0, {str(package.parent)!r})")
        book.run("from library.group_0 import part_1")
        book.run(spark.session(master, folder))
        book.run(stopwatch.INSTALL)
        for _ in range(3):
            book.run(JOB)
        for number in range(ROUNDS):
            step = 2 - number % 2
            book.run(stopwatch.READ)  # before the checkout: any cell after it would switch
            git(package.parent, "checkout", "-q", "two" if step == 2 else "one")
            ran = book.run(JOB)
            if ran.answer != [step]:
                raise RuntimeError(f"the job ran step {ran.answer}, not {step}")
            series.setdefault("before the cell runs", []).append(ran.before)
            spent = book.run(stopwatch.READ).answer
            for part in PARTS:
                series.setdefault(f"… {part}", []).append(spent.get(part, 0.0))
            series.setdefault("until its result", []).append(ran.whole)
    for what, values in series.items():
        result.rows.append([f"{master}: {what}", *median_and_least(values)])
        result.series[f"{master}, {what}"] = values


def main() -> None:
    result = Result(
        "branch_checkout",
        f"git checkout of {FOLDERS * MODULES:,} files, then a cell at once: milliseconds",
        ["what", "median", "min"],
    )
    for master in (spark.LOCAL, spark.CLUSTER):
        with scratch() as folder:
            measure(result, master, folder)
    result.save()


if __name__ == "__main__":
    main()
