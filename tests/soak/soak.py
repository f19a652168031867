"""Random edits and faults under living notebooks, each cell held against a fresh process.

    python tests/soak/soak.py [--steps N] [--minutes M] [--seed S] [--master local[2]]

Two notebooks, one with Spark, use one library. Prints the seed first, a line for each thing that is wrong, and the sum last; the exit
code says whether something was.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parent))

from faults import FAULTS, interrupted
from library import NAME, Library

HANG = 30.0
"""Seconds of a cell from which on it hangs."""
GIVE_UP = 180.0
"""Seconds after which nobody waits for a cell any more."""
FAULT_SHARE = 0.3
SHIM = Path(__file__).resolve().parents[2] / "python-shim"


class Notebook:
    """A process of ``notebook.py``; ``start`` begins a new one in its place."""

    def __init__(self, project: Path, home: Path, master: str | None) -> None:
        self.project, self.home, self.master = project, home, master
        self.number = 0
        self.start()

    def start(self) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": str(SHIM),
            "HOME": str(self.home),
            "TMPDIR": str(self.home / "tmp"),
        }
        environment |= {"XDG_CACHE_HOME": str(self.home / "cache"), "PYSPARK_PYTHON": sys.executable}
        environment["SPARK_LOCAL_DIRS"] = str(self.home / "spark")
        self._said = (self.home / "notebooks.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("notebook.py"))],
            cwd=self.project, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said,
        )  # fmt: skip
        self.buffer = b""
        if self.master:
            # A task that a killed worker or executor had is tried again.
            master = self.master.replace("local[2]", "local[2,8]")
            self.ask(
                "from pyspark.sql import SparkSession\n"
                f"spark = SparkSession.builder.master({master!r}).config('spark.ui.enabled', 'false')"
                ".config('spark.task.maxFailures', '8').config('spark.driver.bindAddress', '127.0.0.1')"
                ".config('spark.driver.host', '127.0.0.1').getOrCreate()\n"
                "spark.sparkContext.setLogLevel('OFF')"
            )
        self.ask(f"import {NAME}")

    def values(self) -> dict[str, Any]:
        cell = f"X = [{NAME}.values()]"
        if self.master:
            cell += f" + spark.sparkContext.parallelize(range(4), 2).map({NAME}.values).collect()"
        return self.ask(cell)

    def ask(self, code: str) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.number += 1
        self.process.stdin.write(json.dumps([self.number, code]).encode() + b"\n")
        self.process.stdin.flush()
        begin = time.monotonic()
        while b"\n" not in self.buffer:
            if not select.select([self.process.stdout], [], [], max(0.0, begin + GIVE_UP - time.monotonic()))[
                0
            ]:
                return {"value": None, "error": "no answer", "ran": False, "seconds": GIVE_UP}
            part = os.read(self.process.stdout.fileno(), 1 << 16)
            if not part:
                return {"value": None, "error": "the notebook ended", "ran": False, "seconds": 0.0}
            self.buffer += part
        line, _, self.buffer = self.buffer.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        answer["seconds"] = time.monotonic() - begin
        # An interrupt can leave the answer to an older cell behind.
        return answer if answer["number"] == self.number else self.ask(code)

    def below(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self.process.pid).children(recursive=True)
        return []

    def daemons(self) -> list[psutil.Process]:
        return [process for process in self.below() if "daemon.cjs" in self.line(process)]

    @staticmethod
    def line(process: psutil.Process) -> str:
        with contextlib.suppress(psutil.Error):
            return " ".join(process.cmdline())
        return ""

    def size(self) -> dict[str, int]:
        """Memory (MB) and descriptors of the notebook and of its daemon, and files in the folders that it uses."""
        sizes = {"files": sum(len(names) for _, _, names in os.walk(self.home))}
        for name, processes in {
            "notebook": [psutil.Process(self.process.pid)],
            "daemon": self.daemons(),
        }.items():
            with contextlib.suppress(psutil.Error):
                sizes[f"{name} MB"] = sum(process.memory_info().rss for process in processes) >> 20
                sizes[f"{name} fds"] = sum(process.num_fds() for process in processes)
        return sizes

    def close(self) -> None:
        below = self.below()
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for process in below:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._said.close()


class Soak:
    """One run: its notebooks, its library, and what it has counted."""

    def __init__(self, seed: int, master: str, folder: Path) -> None:
        self.chance = random.Random(seed)
        for name in ("project", "home/tmp", "home/spark"):
            (folder / name).mkdir(parents=True)
        self.home = folder / "home"
        self.library = Library(folder / "project" / "src", self.chance)
        project = folder / "project" / "src"
        self.notebooks = [Notebook(project, self.home, kind) for kind in (master, None)]
        self.sums: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    def step(self, number: int) -> None:
        self.sums["steps"] += 1
        edits = [self.library.edit() for _ in range(self.chance.choice([1, 1, 1, 2, 3]))]
        notebook = self.chance.choice(self.notebooks)
        fault = self.chance.choice(FAULTS) if self.chance.random() < FAULT_SHARE else None
        if fault:
            self.faults[fault.__name__] += 1
            fault(notebook, self.home, self.chance)
        wanted = self.library.fresh()
        told = f"step {number}, {'+'.join(edits)}, {fault.__name__ if fault else 'no fault'}"
        for each in self.notebooks:
            disturbed = fault is interrupted and each is notebook
            answer = each.values()
            self._judge(answer, wanted, f"{told}, {each.master or 'no Spark'}", disturbed)
            if answer["error"] is not None:
                # Whatever it was, it must be over, or cure itself, with the next cell.
                self._judge(each.values(), wanted, f"{told}, {each.master or 'no Spark'}, again", False)

    def _judge(self, answer: dict[str, Any], wanted: list[int], told: str, disturbed: bool) -> None:
        self.sums["cells"] += 1
        if answer["seconds"] > HANG:
            self._count("hangs", f"{told}: {answer['seconds']:.0f} s")
        if answer["error"] is not None:
            if disturbed and "nterrupt" in answer["error"]:
                return
            kind = "failures" if answer["ran"] else "needless refusals"
            self._count(kind, f"{told}: {answer['error'][:300]}")
        elif answer["value"] is None:
            if not disturbed:
                self._count("failures", f"{told}: the cell ended without a word")
        elif any(value != wanted for value in answer["value"]):
            self._count("wrong versions", f"{told}: {answer['value']} instead of {wanted}")

    def _count(self, kind: str, what: str) -> None:
        self.sums[kind] += 1
        print(f"{kind}: {what}", flush=True)

    def close(self) -> None:
        for notebook in self.notebooks:
            notebook.close()


KINDS = ("wrong versions", "needless refusals", "failures", "hangs")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=10**9)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--master", default="local[2]")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print(f"seed {asked.seed}, master {asked.master}", flush=True)
    end = time.monotonic() + 60 * asked.minutes
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    soak = Soak(asked.seed, asked.master, folder)
    try:
        sizes = []
        for number in range(asked.steps):
            if time.monotonic() > end:
                break
            soak.step(number)
            if number % 50 == 9:
                sizes.append([notebook.size() for notebook in soak.notebooks])
                print(f"after {number + 1} steps: {sizes[-1]}", flush=True)
    finally:
        soak.close()
        shutil.rmtree(folder, ignore_errors=True)
    counted = ", ".join(f"{soak.sums[kind]} {kind}" for kind in ("steps", "cells", *KINDS))
    print(f"seed {asked.seed}: {counted}; faults: {dict(soak.faults)}")
    return 1 if any(soak.sums[kind] for kind in KINDS) else 0


if __name__ == "__main__":
    sys.exit(main())
