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
from support.results import Aim, Result

ROUNDS = 15
AIM = 1.2

PLAIN = "plain Python, warm .pyc"
WARM = "autoegg, warm cache"
COLD = "autoegg, empty cache"

LIBRARIES = {
    "200 made modules": lambda root: (libraries.made(root, "library", 200), "library.chain"),
    "sympy": lambda root: (libraries.installed(root, "sympy"), "sympy"),
}


def first_import(
    folder: Path, package: Path, module: str, extension: bool, cold: bool
) -> tuple[float, float]:
    """Seconds of the import statement, and of what the extension does before the cell's first statement."""
    environment = {"PYTHONPATH": os.pathsep.join(map(str, (SHIM, PEERS)))}
    if cold:
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    with notebook(folder, environment) as book:
        book.run("%load_ext autoegg" if extension else "pass")
        book.run(f"import sys; sys.path.insert(0, {str(package.parent)!r})")
        # What the library needs of the standard library and of others is not its own import.
        book.run("import dataclasses, math, decimal, fractions, ctypes, inspect, unittest, doctest, mpmath")
        ran = book.run(f"began = perf_counter(); import {module}")
        return ran.body, ran.before


def main() -> None:
    result = Result(
        "first_import",
        "First import of a library in a new kernel: milliseconds",
        ["library", "median", "min", "to plain", "before the cell"],
    )
    with scratch() as folder:
        for name, make in LIBRARIES.items():
            package, module = make(folder / name.replace(" ", "-"))
            ways = {PLAIN: (False, False), WARM: (True, False), COLD: (True, True)}
            before: dict[str, list[float]] = {}
            for turn in range(-1, ROUNDS):  # the first round fills the caches
                for way, (extension, cold) in ways.items():
                    own = folder / f"{'cold' if cold else 'own'}-{name.replace(' ', '-')}"
                    body, waited = first_import(own, package, module, extension, cold)
                    if turn >= 0:
                        result.series.setdefault(f"{name}: {way}", []).append(body)
                        before.setdefault(way, []).append(waited)
            plain = result.series[f"{name}: {PLAIN}"]
            for way in ways:
                series = result.series[f"{name}: {way}"]
                ratio = times(median(series), median(plain))
                result.rows.append(
                    [f"{name}: {way}", *median_and_least(series), ratio, ms(median(before[way]))]
                )
            warm = result.series[f"{name}: {WARM}"]
            result.aims.append(Aim(f"first import of {name}", AIM, median(warm) / median(plain), "×"))
            result.aims.append(Aim(f"first import of {name}, minimum", AIM, min(warm) / min(plain), "×"))
    result.save()


if __name__ == "__main__":
    main()
