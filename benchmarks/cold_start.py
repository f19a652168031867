"""The first import of a library and its first ship, against what importing it takes by itself.

Each round is a new kernel with an empty store of eggs; Spark is running before the clock starts. Without the extension, the
same cell only imports.
"""

from __future__ import annotations

import os
from pathlib import Path

from support import libraries, spark
from support.figures import median, median_and_least, times
from support.notebook import notebook
from support.places import PEERS, SHIM, scratch
from support.results import Result

ROUNDS = 3
LIBRARIES = {"12 files": 12, "200 files": 200, "sympy": 0}
SHIP = "began = perf_counter()\nanswer = sc.parallelize([0], 1).map(lambda row: library.__name__).collect()\n"


def import_and_ship(package: Path, folder: Path, extension: bool) -> tuple[float, float]:
    """Seconds of the cell that imports, and of the first job that needs the library (0 without the extension)."""
    # sympy needs mpmath, which is installed.
    paths = {"PYTHONPATH": os.pathsep.join(map(str, (SHIM, PEERS)))}
    with notebook(folder, spark.environment(folder) | paths) as book:
        if extension:
            book.run("%load_ext autoegg")
        book.run(f"import sys; sys.path.insert(0, {str(package.parent)!r})")
        book.run(spark.session(spark.LOCAL, folder))
        book.run("sc.parallelize([0], 1).map(lambda row: row).collect()")
        module = package.name if package.name == "sympy" else "library.chain"
        imported = book.run(f"import {module}\nimport {package.name} as library")
        shipped = book.run(SHIP).whole if extension else 0.0
        return imported.whole, shipped


def main() -> None:
    result = Result(
        "cold_start",
        "First import and first ship of a library in a new kernel: milliseconds, and times the import by itself",
        ["what", "median", "min", "ratio"],
    )
    for name, modules in LIBRARIES.items():
        series: dict[str, list[float]] = {}
        with scratch() as folder:
            root = folder / "project"
            package = (
                libraries.made(root, "library", modules) if modules else libraries.installed(root, "sympy")
            )
            for number in range(ROUNDS):
                plain, _ = import_and_ship(package, folder / f"plain{number}", extension=False)
                imported, shipped = import_and_ship(package, folder / f"own{number}", extension=True)
                series.setdefault("import without the extension", []).append(plain)
                series.setdefault("import", []).append(imported)
                series.setdefault("first job, with the ship", []).append(shipped)
                series.setdefault("import + first job", []).append(imported + shipped)
        base = median(series["import without the extension"])
        for what, values in series.items():
            result.rows.append([f"{name}: {what}", *median_and_least(values), times(median(values), base)])
            result.series[f"{name}, {what}"] = values
    result.save()


if __name__ == "__main__":
    main()
