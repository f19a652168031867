"""What stands in front of a pickled function costs: bytes in each command, time in each task, and the switch itself.

A process that has what a Spark worker has unpickles commands. Nothing changed: guarded and plain take turns. A switch: one
file of the library was saved, its modules are loaded; the first process of a node unpacks the eggs, the second finds the
directory. Importing the library anew is not in it, that is the job's own (see first_job.py).
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from support import libraries
from support.figures import median, ms
from support.places import SHIM, scratch
from support.results import Aim, Result

SIZES = {12: 15, 200: 15, 1561: 8}
MOST_BYTES = 4096
MOST_MICROSECONDS = 10
PAIRS = 2000


class Worker:
    def __init__(self, root: Path) -> None:
        program = Path(__file__).parent / "support" / "worker_process.py"
        self._process = subprocess.Popen(
            [sys.executable, str(program), str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": ""},
            text=True,
        )

    def ask(self, guarded: bytes, carried: str | None, **more: Any) -> list[float]:
        assert self._process.stdin is not None and self._process.stdout is not None
        request = {"pickle": base64.b64encode(guarded).decode(), "carried": carried, **more}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the measured worker has ended")
        answer: list[float] = json.loads(line)
        return answer

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def states(package: Path, root: Path, store: Path, count: int) -> list[Any]:
    """``count`` states of one library, each a saved file further; their eggs lie in ``root`` then."""
    from autoegg.daemon.link import DaemonLink
    from autoegg.protocol import LibrarySpec, LibraryState, State

    link = DaemonLink("program", store=store)
    found = []
    try:
        key = link.open(LibrarySpec(package.name, "package", str(package)))
        version = None
        for number in range(1, count + 1):
            libraries.edit(package, number)
            answer = link.barrier({key: version})[key]
            assert answer.delivery is not None, answer
            version = answer.version
            eggs = answer.delivery.eggs
            for egg in eggs:
                shutil.copyfile(egg.path, root / egg.name)
            names = tuple(egg.name for egg in eggs)
            library = LibraryState(package.name, "package", answer.version, names)
            found.append(State("benchmark", number, (library,)))
    finally:
        link.close()
    return found


def main() -> None:
    sys.path.insert(0, str(SHIM))
    from pyspark.cloudpickle import dumps

    from autoegg.protocol import LibraryState, State
    from autoegg.spark.guard import lies_in, program_file, prologue, wire

    result = Result(
        "worker_switch",
        "A guarded command in a worker: milliseconds of a switch, by modules of the library",
        ["library", "first process, median", "min", "second process, median", "min"],
    )
    plain = dumps((lambda row: row, None))
    others = tuple(
        LibraryState(
            name, "package", "0" * 64, (f"{name}-{'0' * 16}-1.egg", f"{name}-{'1' * 16}-1.patch.egg")
        )
        for name in ("first_other", "second_other")
    )
    with scratch() as folder, ExitStack() as stack:
        for modules, count in SIZES.items():
            root = folder / f"files-{modules}"
            root.mkdir()
            program_file(root)  # as Spark brings it, beside the eggs
            lies_in(root)  # the driver's folder is named in each command
            package = libraries.made(folder / f"project-{modules}", "library", modules)
            series: dict[str, list[float]] = {"first": [], "second": []}
            named = states(package, root, folder / "store", count)
            workers = {name: Worker(root) for name in series}
            for worker in workers.values():
                stack.callback(worker.close)
            for state in named:
                for name, worker in workers.items():
                    seconds = worker.ask(prologue(state) + plain, wire(state), then="library.chain")
                    series[name].append(seconds[0])
            if modules == min(SIZES):
                overhead(result, workers["second"], named[-1], prologue, wire, plain)
            first, second = series["first"][1:], series["second"][1:]
            result.series |= {f"{modules}, {name}": values for name, values in series.items()}
            result.rows.append(
                [
                    f"{modules:,} modules",
                    ms(median(first)),
                    ms(min(first)),
                    ms(median(second)),
                    ms(min(second)),
                ]
            )
        for libs in (1, 3):
            state = State("0" * 32, 1000, (*named[-1].libraries, *others)[:libs])
            size = len(prologue(state))
            result.aims.append(Aim(f"bytes per command, libraries: {libs}", MOST_BYTES, size, "bytes"))
    result.save()


def overhead(result: Result, worker: Worker, state: Any, prologue: Any, wire: Any, plain: bytes) -> None:
    """Nothing has changed: what the guard adds to a command that does next to nothing."""
    text = base64.b64encode(plain).decode()
    guarded, bare = worker.ask(prologue(state) + plain, wire(state), pairs=PAIRS, plain=text)
    result.series["unchanged"] = [guarded, bare]
    result.aims.append(
        Aim("nothing changed, extra time per command", MOST_MICROSECONDS, (guarded - bare) * 1e6, "µs")
    )


if __name__ == "__main__":
    main()
