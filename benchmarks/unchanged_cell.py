"""What a cell costs when no file has changed: the hook and the barrier, for libraries of three sizes.

Two notebooks import the same library, one with the extension and one without, and take turns at running a cell that does
nothing. A library with a link in it is looked at file by file at each cell (the full check), because no watcher can be
trusted to tell of what lies behind the link.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from support import libraries
from support.figures import median, ms, quantile
from support.notebook import Notebook, notebook
from support.places import PEERS, SHIM, scratch
from support.results import Aim, Result

CELLS = 300
WARM_UP = 30
# The daemon goes to sleep between a person's cells; back to back it would answer from its spin.
PAUSE = 0.002

FILES = (
    "from autoegg.kernel.loaded import current\n"
    "answer = {library.name: library.version.size[0] for library in current().sync.libraries}"
)

Make = Callable[[Path], Path]

LIBRARIES: dict[str, Make] = {
    "small": lambda root: libraries.made(root, "small", 12),
    "sympy": lambda root: libraries.installed(root, "sympy"),
    "large": lambda root: libraries.made_deep(root, "large", 100, 100),
}


def start(book: Notebook, package: Path) -> None:
    book.run(f"import sys; sys.path.insert(0, {str(package.parent)!r})")
    book.run(f"import {package.name}")
    book.run("pass")


def take_turns(one: Notebook, other: Notebook) -> tuple[list[float], list[float]]:
    first: list[float] = []
    second: list[float] = []
    for turn in range(WARM_UP + CELLS):
        for book, series in ((one, first), (other, second)):
            time.sleep(PAUSE)
            series.append(book.run("pass").whole)
        if turn + 1 == WARM_UP:
            first.clear()
            second.clear()
    return first, second


def measure(result: Result, name: str, make: Make, folder: Path) -> None:
    package = make(folder / "project")
    environment = {"PYTHONPATH": os.pathsep.join([str(SHIM), str(PEERS)])}
    with (
        notebook(folder / "without", environment) as without,
        notebook(folder / "with", environment) as loaded,
    ):
        loaded.run("%load_ext autoegg")
        start(without, package)
        start(loaded, package)
        files = loaded.run(FILES).answer[name]
        for check in ("events", "full check"):
            if check == "full check":
                (folder / "outside.txt").write_text("data\n")
                (package / "linked.txt").symlink_to(folder / "outside.txt")
                loaded.run("pass")
            plain, with_it = take_turns(without, loaded)
            extra = [one - other for one, other in zip(with_it, plain, strict=True)]
            key = f"{name}, {check}"
            result.series |= {f"{key}, without": plain, f"{key}, with": with_it}
            figures = [median(plain), median(with_it), median(extra), quantile(extra, 0.95)]
            result.rows.append(
                [f"{name} ({files:,} files), {check}", *map(ms, [*figures, min(with_it) - min(plain)])]
            )
            if check == "events":
                result.aims.append(
                    Aim(f"unchanged cell at {files:,} files, p50", 1, median(extra) * 1e3, "ms")
                )
            elif name == "sympy":
                result.aims.append(Aim(f"full check at {files:,} files, p50", 6, median(extra) * 1e3, "ms"))


def main() -> None:
    result = Result(
        "unchanged_cell",
        "An unchanged cell: milliseconds of a cell that does nothing, with the extension and without",
        ["library", "without p50", "with p50", "extra p50", "extra p95", "extra min"],
    )
    for name, make in LIBRARIES.items():
        with scratch() as folder:
            measure(result, name, make, folder)
    result.save()


if __name__ == "__main__":
    main()
