"""Random edits and faults under living notebooks, each cell held against a fresh process.

    python tests/soak/soak.py [--steps N] [--minutes M] [--seed S] [--master local[2]]

Three notebooks use one library: one with Spark, one without, and one of a Jupyter server. Prints the seed first, a line for each
thing that is wrong, and the sums last; the exit code says whether something was.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "server"))
sys.path.insert(0, str(Path(__file__).parent))

from faults import clock_set_back, disk_full, faults_of, interrupted
from jupyter_process import make_environment
from library import Library
from notebooks import Answer, Notebook, OwnProcess, ServersKernel
from place import Clock, Disk, Inotify, move_in

MASTERS = ["local[2]", "local-cluster[2,1,1024]"]
HANG = 30.0
"""Seconds of a cell from which on it hangs."""
FAULT_SHARE = 0.3
FULL = ("ENOSPC", "No space left")
"""What a refusal says while the disk is full."""
LONGEST = {"processes": 60, "temporary folders": 24, "kernel fds": 250, "daemon fds": 150, "daemon MB": 400}
"""What a run may grow to: several times what it has at its beginning, far less than a leak in every tenth step amounts to."""
SHIM = Path(__file__).resolve().parents[2] / "python-shim"


class Soak:
    """One run: its place, its notebooks, its library, and what it has counted."""

    def __init__(self, seed: int, master: str, folder: Path) -> None:
        self.chance = random.Random(seed)
        self.sums: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.home = folder / "home"
        self.project = self.home / "project"
        (self.home / "spark").mkdir(parents=True)
        self.disk = Disk(self.home / "small")
        for name in ("tmp", "cache"):
            (self.disk.folder / name).mkdir()
        self.inotify = Inotify()
        self.clock = Clock(self.home / "clock")
        self.library = Library(self.project, self.chance, self.clock)
        self.notebooks: list[Notebook] = []
        self.notebooks += [OwnProcess(self, master), OwnProcess(self, None), ServersKernel(self)]

    @property
    def environment(self) -> dict[str, str]:
        return {
            **make_environment(self.home),
            **self.clock.environment,
            "PYTHONPATH": str(SHIM),
            "TMPDIR": str(self.disk.folder / "tmp"),
            "XDG_CACHE_HOME": str(self.disk.folder / "cache"),
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_LOCAL_DIRS": str(self.home / "spark"),
            "SPARK_WORKER_DIR": str(self.home / "work"),
        }

    def step(self, number: int) -> None:
        self.sums["steps"] += 1
        notebook = self.chance.choice(self.notebooks)
        fault = self.chance.choice(faults_of(notebook)) if self.chance.random() < FAULT_SHARE else None
        # A clock gives times to what is saved later, and an interrupt needs a cell; everything else is as likely before a save.
        before = fault is clock_set_back or (fault is not interrupted and self.chance.random() < 0.5)
        undo = fault(notebook, self, self.chance) if fault and before else None
        edits = [self.library.edit() for _ in range(self.chance.choice([1, 1, 1, 2, 3]))]
        if fault and not before:
            undo = fault(notebook, self, self.chance)
        what = fault.__name__ if fault else "no fault"
        if fault:
            self.faults[what] += 1
        wanted = self.library.fresh()
        # The others only sometimes: they then meet several saves at once.
        asked = [each for each in self.notebooks if each is notebook or self.chance.random() < 0.5]
        for each in asked:
            told = f"step {number}, {'+'.join(edits)}, {what} of {notebook.name}, {each.name}"
            excused = ("nterrupt",) if fault is interrupted and each is notebook else ()
            answer = each.values()
            self._judge(answer, wanted, told, FULL if fault is disk_full else excused)
            if undo is None and answer["error"] is not None:
                # Whatever it was, it must be over, or cure itself, with the next cell.
                self._judge(each.values(), wanted, f"{told}, again")
        if undo is not None:
            undo()
            for each in asked:
                self._judge(each.values(), wanted, f"step {number}, after {what}, {each.name}")

    def _judge(self, answer: Answer, wanted: list[int], told: str, excused: tuple[str, ...] = ()) -> None:
        """``excused``: what an error may contain, because of the fault."""
        self.sums["cells"] += 1
        error = answer["error"]
        if answer["seconds"] > HANG:
            self._count("hangs", f"{told}: {answer['seconds']:.0f} s")
        if error is not None:
            if any(word in error for word in excused):
                self.sums["rightful refusals"] += 1
                return
            self._count("failures" if answer["ran"] else "needless refusals", f"{told}: {error[:500]}")
        elif answer["value"] is None:
            if not excused:
                self._count("failures", f"{told}: the cell ended without a word")
        elif any(value != wanted for value in answer["value"]):
            self._count("wrong versions", f"{told}: {answer['value']} instead of {wanted}")

    def left_behind(self, what: str) -> None:
        self._count("left behind", what)

    def measure(self, number: int) -> None:
        """Prints what there is, and counts what is more than there should be."""
        folders = [*(self.disk.folder / "tmp").glob("autoegg-*"), *(self.home / "runtime").glob("autoegg-*")]
        whole = {
            "processes": len(psutil.pids()),
            "temporary folders": len(folders),
            "files": sum(len(names) for _, _, names in os.walk(self.home)),
            "small disk kB": sum(
                (Path(at) / name).lstat().st_size
                for at, _, names in os.walk(self.disk.folder)
                for name in names
            )
            >> 10,
        }
        sizes = {"all": whole, **{each.name: each.size() for each in self.notebooks}}
        print(f"after {number} steps: {sizes}", flush=True)
        for name, size in sizes.items():
            for what, most in LONGEST.items():
                if size.get(what, 0) > most:
                    self._count("growth", f"after {number} steps, {name}: {size[what]} {what}")

    def _count(self, kind: str, what: str) -> None:
        self.sums[kind] += 1
        print(f"{kind}: {what}", flush=True)

    def close(self) -> None:
        for notebook in self.notebooks:
            notebook.close()
        self.disk.remove()


KINDS = ("wrong versions", "needless refusals", "failures", "hangs", "left behind", "growth")


def soak(seed: int, master: str, steps: int, minutes: float) -> Counter[str]:
    """A run of as many steps as there is time for. Returns what it has counted."""
    print(f"seed {seed}, master {master}", flush=True)
    end = time.monotonic() + 60 * minutes
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    run = None
    try:
        run = Soak(seed, master, folder)
        for number in range(steps):
            if time.monotonic() > end:
                break
            run.step(number)
            if number % 50 == 9 or number == steps - 1:
                run.measure(number + 1)
    finally:
        if run:
            run.close()
        shutil.rmtree(folder, ignore_errors=True)
    counted = ", ".join(
        f"{run.sums[kind]} {kind}" for kind in ("steps", "cells", *KINDS, "rightful refusals")
    )
    print(f"seed {seed}: {counted}; faults: {dict(run.faults)}", flush=True)
    return run.sums


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=10**9)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--master", action="append", help="may be given more than once; the time is shared")
    asked = parser.parse_args()
    move_in()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    masters = asked.master or MASTERS
    sums: Counter[str] = Counter()
    for master in masters:
        sums += soak(asked.seed, master, asked.steps, asked.minutes / len(masters))
    return 1 if any(sums[kind] for kind in KINDS) else 0


if __name__ == "__main__":
    sys.exit(main())
