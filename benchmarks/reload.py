"""What a cell waits for after a save: the reload of the driver, by kind of edit, and what other reloaders take for it.

The libraries are made ones, and real ones of the package index with all their modules imported. Each way has a notebook of
its own with the same library and the same objects, and a copy of the library to itself; the ways take turns at the same save. What is timed is a cell's start until its first statement. jurigged, which reloads on a thread of its own,
is told of the changed file at that point. Counted as right: the cell sees the number that was saved. CPU time begins
with the save: what is done before the cell is in it too.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from support import real_edits
from support.figures import median, median_and_least, ms, times
from support.notebook import Notebook, notebook
from support.places import PEERS, SHIM, scratch
from support.reload_cases import CASES, OBJECTS, Case
from support.reloaders import WAYS, loading
from support.results import Aim, Result

HAND = 0.3

AIMS = {
    "a leaf of 200 modules": 8.0,
    "a method, 100,000 instances": 300.0,
    "a method, 2,000,000 objects": 300.0,
    "a class's layout, 2,000,000 objects": 500.0 * OBJECTS / 1e6,
}


def start(book: Notebook, way: str, case: Case, root: Path) -> None:
    book.run(f"import sys; sys.path.insert(0, {str(root)!r})")
    for cell in loading(way, str(root), case.cell, case.ask):
        book.run(cell)
    book.run(case.cell)
    if way == "autoegg":
        book.run(INSTALL)


INSTALL = """
from autoegg.kernel.loaded import current
_reload, spent = current().sync.reloader.reload, []
def timed(*arguments):
    started = perf_counter()
    try:
        return _reload(*arguments)
    finally:
        spent.append(perf_counter() - started)
current().sync.reloader.reload = timed
"""


def measure(case: Case, folder: Path, result: Result) -> None:
    with ExitStack() as stack:
        books: dict[str, tuple[Notebook, Path]] = {}
        for index, way in enumerate(WAYS):
            root = folder / f"library-{index}"
            case.make(root)
            # What a real library needs of other packages is with the peers, and so are the originals.
            path = os.pathsep.join(map(str, (SHIM, PEERS)))
            book = stack.enter_context(notebook(folder / f"notebook-{index}", {"PYTHONPATH": path}))
            start(book, way, case, root)
            books[way] = (book, root)
        series: dict[str, list[float]] = {way: [] for way in WAYS}
        cpu: dict[str, list[float]] = {way: [] for way in WAYS}
        own: list[float] = []
        right = dict.fromkeys(WAYS, 0)
        for number in range(1, case.rounds + 2):
            for way, (book, root) in books.items():
                before = {file: file.stat().st_mtime_ns for file in root.rglob("*.py")}
                case.edit(root, number)
                if way == "jurigged":
                    changed = [str(file) for file, then in before.items() if file.stat().st_mtime_ns != then]
                    book.run(f"pending += {changed!r}")
                else:
                    time.sleep(HAND)
                ask = "fresh_answer" if way == "a fresh process" else case.ask
                ran = book.run(f"began = perf_counter(); answer = {ask}")
                if number > 1:  # the first time, much is parsed and imported that will be there
                    series[way].append(ran.before)
                    cpu[way].append(ran.cpu)
                    right[way] += ran.answer == number
            inside = books["autoegg"][0].run("answer = sum(spent); spent.clear()").answer
            if number > 1:
                own.append(inside)
    for way, values in series.items():
        ratio = times(median(cpu[way]), median(cpu["a fresh process"]))
        shares = f"{right[way]} of {case.rounds}"
        spent = [ms(median(cpu[way])), ratio]
        result.rows.append([f"{case.name}: {way}", *median_and_least(values), *spent, shares])
        result.series[f"{case.name}: {way}"] = values
        result.series[f"{case.name}: {way}, CPU"] = cpu[way]
        if way == "autoegg":
            result.rows.append([f"{case.name}: … the reload itself", *median_and_least(own), "", "", ""])
            result.series[f"{case.name}: reload"] = own
    if case.name in AIMS:
        result.aims.append(Aim(f"reload, {case.name}", AIMS[case.name], median(own) * 1e3, "ms"))


def main() -> None:
    result = Result(
        "reload",
        "A file saved: milliseconds until the next cell's first statement, without Spark",
        ["edit", "median", "min", "CPU", "to a fresh process", "right"],
    )
    wanted = sys.argv[1:]
    for case in [*CASES, *real_edits.cases()]:
        if not wanted or any(word in case.name for word in wanted):
            with scratch() as folder:
                measure(case, folder, result)
    result.save()


if __name__ == "__main__":
    main()
