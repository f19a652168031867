"""The first import of a library in a new kernel: with the extension, and with plain Python's warm .pyc files.

Each import is the first one of a process of its own, in a cell. The extension reads and hashes every source and takes the
compiled code from its cache; plain Python takes its .pyc. The processes take turns. ``PYTHONDONTWRITEBYTECODE`` stands for
a cache that is empty: everything is compiled.
"""

from __future__ import annotations

import os
from pathlib import Path

from support import libraries
from support.figures import median, median_and_least, ms, times
from support.notebook import notebook
from support.places import PEERS, SHIM, scratch
from support.real_edits import import_all
from support.results import Aim, Result

ROUNDS = 9
WARM_AIM, COLD_AIM = 1.5, 3.0

PLAIN = "plain Python, warm .pyc"
WARM = "autoegg, warm cache"
COLD = "autoegg, empty cache"

OTHERS = "import dataclasses, math, decimal, fractions, ctypes, inspect, unittest, doctest, mpmath, pygments.lexers"

LIBRARIES = {
    "200 made modules": lambda root: (libraries.made(root, "library", 200), "import library.chain"),
    "sympy": lambda root: (libraries.installed(root, "sympy"), "import sympy"),
    "all of rich": lambda root: (libraries.installed(root, "rich"), import_all("rich", "rich")),
    "all of sqlglot": lambda root: (libraries.installed(root, "sqlglot"), import_all("sqlglot", "sqlglot")),
}


def first_import(
    folder: Path, package: Path, cell: str, extension: bool, cold: bool
) -> tuple[float, float, float]:
    """Seconds of the import, of what the extension does before the cell's first statement, and CPU of both."""
    environment = {"PYTHONPATH": os.pathsep.join(map(str, (SHIM, PEERS)))}
    if cold:
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    with notebook(folder, environment) as book:
        book.run("%load_ext autoegg" if extension else "pass")
        book.run(f"import sys; sys.path.insert(0, {str(package.parent)!r})")
        # What the library needs of the standard library and of others is not its own import.
        book.run(OTHERS)
        ran = book.run(f"began = perf_counter()\n{cell}\nended = perf_counter()")
        return ran.body, ran.before, ran.cpu


def main() -> None:
    result = Result(
        "first_import",
        "First import of a library in a new kernel: milliseconds",
        ["library", "median", "min", "to plain", "before the cell", "CPU of both", "to plain"],
    )
    with scratch() as folder:
        for name, make in LIBRARIES.items():
            root = folder / name.replace(" ", "-")
            root.mkdir()
            package, cell = make(root)
            ways = {PLAIN: (False, False), WARM: (True, False), COLD: (True, True)}
            before: dict[str, list[float]] = {}
            cpu: dict[str, list[float]] = {}
            for turn in range(-1, ROUNDS):  # the first round fills the caches
                for way, (extension, cold) in ways.items():
                    own = folder / f"{'cold' if cold else 'own'}-{name.replace(' ', '-')}"
                    body, waited, spent = first_import(own, package, cell, extension, cold)
                    if turn >= 0:
                        result.series.setdefault(f"{name}: {way}", []).append(body)
                        before.setdefault(way, []).append(waited)
                        cpu.setdefault(way, []).append(spent)
            plain = result.series[f"{name}: {PLAIN}"]
            for way in ways:
                series = result.series[f"{name}: {way}"]
                ratio = times(median(series), median(plain))
                share = times(median(cpu[way]), median(cpu[PLAIN]))
                waited = [ms(median(before[way])), ms(median(cpu[way])), share]
                result.rows.append([f"{name}: {way}", *median_and_least(series), ratio, *waited])
            for way, aim in ((WARM, WARM_AIM), (COLD, COLD_AIM)):
                found = median(result.series[f"{name}: {way}"]) / median(plain)
                result.aims.append(Aim(f"first import of {name}, {way.split(', ')[1]}", aim, found, "×"))
    result.save()


if __name__ == "__main__":
    main()
