"""After a save of one file: the patch egg against building the whole egg again, as other tools have to.

The daemon's own code builds the first three in one Node process, which has the digests of the library as it was before the
save. setuptools and zipfile run in one Python process that has them imported. What the daemon takes from the save to the
answer of the barrier, its look at the disk and the 10 ms that a file must be old included, stands in the last row.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any

from support import libraries
from support.figures import median, median_and_least, times
from support.notebook import Notebook, notebook
from support.places import PEERS, SHIM, scratch
from support.results import Result

SIZES: dict[str, tuple[Callable[[Path], Path], int]] = {
    "small": (lambda root: libraries.made(root, "small", 12), 20),
    "medium": (lambda root: libraries.made(root, "medium", 200), 10),
    "sympy": (lambda root: libraries.installed(root, "sympy"), 4),
}
IN_NODE = ("patch", "whole", "whole, deflated")
# With sympy a single run takes longer than all others together.
TOO_LONG = {"sympy": "bdist_egg"}

PREPARE = """
import os, shutil, zipfile
from pathlib import Path
import setuptools
from setuptools.command import bdist_egg
"""

ZIPFILE = """
began = perf_counter()
with zipfile.ZipFile({out!r}, "w", zipfile.{method}) as archive:
    for file in sorted(Path({root!r}).glob("{name}/**/*")):
        if file.is_file():
            archive.write(file, file.relative_to({root!r}))
answer = os.path.getsize({out!r})
"""

# What the original did after each change: a whole build, from nothing, into a folder of its own.
BDIST_EGG = """
os.chdir({root!r})
for folder in ("build", "dist", "{name}.egg-info"):
    shutil.rmtree(folder, ignore_errors=True)
began = perf_counter()
setuptools.setup(name="{name}", packages=setuptools.find_packages(include=["{name}*"]), script_args=["-q", "bdist_egg"])
answer = sum(file.stat().st_size for file in Path("dist").iterdir())
"""


class Eggs:
    """The Node process that builds with the daemon's code."""

    def __init__(self) -> None:
        program = Path(__file__).parent / "support" / "eggs.mjs"
        self._process = subprocess.Popen(
            ["node", str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def build(self, package: Path, what: str) -> tuple[float, int]:
        """Seconds and bytes of one egg."""
        assert self._process.stdin is not None and self._process.stdout is not None
        edited = f"{package.name}/{_edited(package)}"
        request = {"root": str(package.parent), "name": package.name, "what": what, "edited": edited}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        reply: dict[str, Any] = json.loads(self._process.stdout.readline())
        return reply["seconds"], reply["bytes"]

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def _edited(package: Path) -> str:
    return "__init__.py" if package.name == "sympy" else "part_5.py"


def save(package: Path, number: int) -> None:
    file = package / _edited(package)
    text = file.read_text().partition("\n# save ")[0]
    fresh = file.with_name(f".{file.name}~")
    fresh.write_text(f"{text}\n# save {number}\n")
    fresh.replace(file)


def measure(
    name: str, package: Path, rounds: int, eggs: Eggs, book: Notebook, folder: Path
) -> dict[str, list[Any]]:
    from autoegg.daemon.link import DaemonLink
    from autoegg.protocol import LibrarySpec

    root, out = str(package.parent), str(folder / "out.zip")
    cells = {
        "zipfile": ZIPFILE.format(out=out, method="ZIP_STORED", root=root, name=name),
        "zipfile, deflated": ZIPFILE.format(out=out, method="ZIP_DEFLATED", root=root, name=name),
        "bdist_egg": BDIST_EGG.format(root=root, name=name),
    }
    cells.pop(TOO_LONG.get(name, ""), None)
    found: dict[str, list[Any]] = {}
    link = DaemonLink("program", store=folder / "store")
    try:
        key = link.open(LibrarySpec(name, "package", str(package)))
        version = link.barrier({key: None})[key].version
        for what in IN_NODE:
            eggs.build(package, what)
        for number in range(rounds):
            save(package, number)
            started = perf_counter()
            answer = link.barrier({key: version})[key]
            seconds = perf_counter() - started
            assert answer.delivery is not None and answer.delivery.patch is not None, answer
            found.setdefault("daemon", []).append((seconds, answer.delivery.patch.bytes))
            version = answer.version
            for what in IN_NODE:
                found.setdefault(what, []).append(eggs.build(package, what))
            for what, cell in cells.items():
                ran = book.run(cell)
                found.setdefault(what, []).append((ran.body, ran.answer))
    finally:
        link.close()
    return found


TITLES = {
    "patch": "patch egg (jszip)",
    "whole": "whole egg, jszip STORE",
    "whole, deflated": "whole egg, jszip DEFLATE",
    "zipfile": "whole zip, Python zipfile STORED",
    "zipfile, deflated": "whole zip, Python zipfile DEFLATED",
    "bdist_egg": "whole egg, setuptools bdist_egg",
    "daemon": "save → daemon's answer with the patch",
}


def main() -> None:
    sys.path.insert(0, str(SHIM))
    result = Result(
        "patch_egg",
        "One file saved: milliseconds until there is something to ship, and its size",
        ["library", "median", "min", "to patch", "kB"],
    )
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        eggs = Eggs()
        stack.callback(eggs.close)
        environment = {"PYTHONPATH": os.pathsep.join([str(SHIM), str(PEERS)])}
        book = stack.enter_context(notebook(folder / "notebook", environment))
        book.run(PREPARE)
        for name, (make, rounds) in SIZES.items():
            package = make(folder / name)
            found = measure(name, package, rounds, eggs, book, folder)
            base = median([seconds for seconds, _ in found["patch"]])
            for what, title in TITLES.items():
                if what in found:
                    series = [seconds for seconds, _ in found[what]]
                    result.series[f"{name}, {what}"] = series
                    size = f"{found[what][-1][1] / 1e3:,.1f}"
                    result.rows.append(
                        [f"{name}: {title}", *median_and_least(series), times(median(series), base), size]
                    )
    result.save()


if __name__ == "__main__":
    main()
