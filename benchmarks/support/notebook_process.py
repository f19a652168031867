"""The program of a measured process: a plain IPython shell that runs the cells it reads and tells how long each took.

Requests and replies are JSON lines. Nothing but IPython and the standard library is imported, so that the only code under
measurement is the notebook's. A cell that says ``began = perf_counter()`` first is told apart into before and body.
CPU time is that of this process, of children that have ended, and of children that live (the daemon), from the end of the
cell before until that point: what was done between a save and the cell is in it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

_TICK = os.sysconf("SC_CLK_TCK")


def cpu() -> float:
    """Seconds of CPU so far. Of a child that lives, Linux tells whole ticks of 10 ms (proc(5), utime and stime)."""
    ended = os.times()
    seconds = process_time() + ended.children_user + ended.children_system
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            try:
                fields = Path("/proc", child, "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            seconds += (int(fields[11]) + int(fields[12])) / _TICK
    return seconds


class Clock:
    """What cells know as ``perf_counter``: it also notes the CPU time of its last reading."""

    def __init__(self) -> None:
        self.cpu = 0.0

    def __call__(self) -> float:
        self.cpu = cpu()
        return perf_counter()


def main() -> None:
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever cells, Spark and its workers print goes to the log
    shell: Any = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    names = shell.user_ns
    names["perf_counter"] = clock = Clock()
    spent = cpu()
    for line in sys.stdin:
        source = json.loads(line)["cell"]
        names["answer"] = names["began"] = None
        started = perf_counter()
        result = shell.run_cell(source)
        ended = perf_counter()
        error = result.error_before_exec or result.error_in_exec
        reply = {
            "before": (names["began"] or ended) - started,
            "whole": ended - started,
            "cpu": max(0.0, clock.cpu - spent),
            "answer": names["answer"],
            "error": None if error is None else f"{type(error).__name__}: {error}",
        }
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
        spent = cpu()
    shell.run_cell("spark.stop() if 'spark' in globals() else None")
    shell.run_cell("%unload_ext autoegg" if "autoegg.kernel.session" in sys.modules else "pass")
    shell.atexit_operations()


if __name__ == "__main__":
    main()
