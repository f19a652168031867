"""The processes of one notebook's Spark, found by the operating system, so that they can be killed."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
from collections.abc import Iterator


class Processes:
    """Everything below one kernel.

    Args:
        kernel: its pid.
    """

    def __init__(self, kernel: int, rng: random.Random) -> None:
        self._kernel = kernel
        self._rng = rng

    def workers(self) -> list[int]:
        """Python worker processes: the children of pyspark's daemons."""
        table = self._table()
        return [pid for pid, (parent, args) in table.items() if _daemon(args) and _daemon(table[parent][1])]

    def daemons(self) -> list[int]:
        table = self._table()
        return [
            pid for pid, (parent, args) in table.items() if _daemon(args) and not _daemon(table[parent][1])
        ]

    def executors(self) -> list[int]:
        """The JVMs of executors of a local cluster."""
        return [
            pid
            for pid, (_, args) in self._table().items()
            if "CoarseGrainedExecutorBackend" in args and "java" in args.split()[0]
        ]

    def kill_one(self, pids: list[int]) -> int | None:
        if not pids:
            return None
        pid = self._rng.choice(sorted(pids))
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return pid

    def _table(self) -> dict[int, tuple[int, str]]:
        """Of the kernel's descendants: pid to parent and command."""
        listed = subprocess.run(
            ["ps", "-e", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        )
        every = {}
        for line in listed.stdout.splitlines():
            pid, parent, *args = line.split(None, 2)
            every[int(pid)] = (int(parent), args[0] if args else "")

        def ancestors(pid: int) -> Iterator[int]:
            while pid in every:
                pid = every[pid][0]
                yield pid

        return {pid: entry for pid, entry in every.items() if self._kernel in ancestors(pid)} | {
            self._kernel: (0, "")
        }


def _daemon(args: str) -> bool:
    return "pyspark.daemon" in args
