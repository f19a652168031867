"""What goes wrong around a notebook: each fault is something that has happened to somebody."""

from __future__ import annotations

import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import psutil
from notebooks import Notebook, OwnProcess, ServersKernel, line_of
from place import Clock, Disk, Inotify

STOPPED_SECONDS = 2.0
END_SECONDS = 20.0
"""How long processes whose kernel or server was killed may take to end by themselves."""


class Surroundings(Protocol):
    """What a fault can break."""

    home: Path
    disk: Disk
    inotify: Inotify
    clock: Clock

    def left_behind(self, what: str) -> None:
        """Says that something is there which should have ended."""


Undo = Callable[[], None]
Fault = Callable[[Notebook, Surroundings, random.Random], Undo | None]
"""Returns how it ends, if it lasts for a step."""


def _kill(processes: list[psutil.Process], number: int = signal.SIGKILL) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def daemon_killed(notebook: Notebook, around: Surroundings, chance: random.Random) -> None:
    _kill(notebook.daemons())


def daemon_stopped(notebook: Notebook, around: Surroundings, chance: random.Random) -> None:
    daemons = notebook.daemons()
    _kill(daemons, signal.SIGSTOP)
    threading.Timer(STOPPED_SECONDS, _kill, [daemons, signal.SIGCONT]).start()


def folders_removed(notebook: Notebook, around: Surroundings, chance: random.Random) -> None:
    for place in (around.disk.folder / "tmp", around.home / "runtime"):
        for folder in place.glob("autoegg-*"):
            shutil.rmtree(folder, ignore_errors=True)


def store_damaged(notebook: Notebook, around: Surroundings, chance: random.Random) -> None:
    cache = around.disk.folder / "cache"
    files = sorted(path for path in cache.rglob("*") if path.is_file() and not path.is_symlink())
    for path in chance.sample(files, min(5, len(files))):
        with path.open("r+b") as file:
            file.truncate(chance.choice([0, 1, path.stat().st_size // 2]))


def store_removed(notebook: Notebook, around: Surroundings, chance: random.Random) -> None:
    shutil.rmtree(around.disk.folder / "cache", ignore_errors=True)


def disk_full(notebook: Notebook, around: Surroundings, chance: random.Random) -> Undo:
    around.disk.fill()
    return around.disk.empty


def inotify_exhausted(notebook: Notebook, around: Surroundings, chance: random.Random) -> Undo:
    around.inotify.exhaust()
    # What is watched already stays watched: a new daemon can watch nothing.
    _kill(notebook.daemons())
    return around.inotify.restore


def clock_set_back(notebook: Notebook, around: Surroundings, chance: random.Random) -> None:
    around.clock.set_back(chance.choice([2, 60, 3600, 86_400]))


def workers_killed(notebook: Notebook, around: Surroundings, chance: random.Random) -> None:
    _kill([process for process in notebook.below() if "pyspark.daemon" in line_of(process)])


def executors_killed(notebook: Notebook, around: Surroundings, chance: random.Random) -> None:
    _kill([process for process in notebook.below() if "CoarseGrainedExecutorBackend" in line_of(process)])


def interrupted(notebook: Notebook, around: Surroundings, chance: random.Random) -> None:
    pid = notebook.kernel.pid
    threading.Timer(chance.random() / 5, os.kill, [pid, signal.SIGINT]).start()


def kernel_killed(notebook: Notebook, around: Surroundings, chance: random.Random) -> None:
    """With nothing else: what it has started must notice."""
    kernel = notebook.kernel
    below = kernel.children(recursive=True)
    kernel.kill()
    if isinstance(notebook, OwnProcess):
        notebook.process.wait()
    _expect_end(below, notebook, around)
    if isinstance(notebook, ServersKernel):
        notebook.start_another_kernel()
    else:
        notebook.start()


def server_killed(notebook: Notebook, around: Surroundings, chance: random.Random) -> None:
    assert isinstance(notebook, ServersKernel)
    below = notebook.below()
    notebook.server.kill()
    _expect_end(below, notebook, around)
    notebook.start()


def all_killed(notebook: Notebook, around: Surroundings, chance: random.Random) -> None:
    """At once, as when memory runs out or a container is removed."""
    below = notebook.below()
    _kill([notebook.root, *below])
    psutil.wait_procs(below, END_SECONDS)
    if isinstance(notebook, OwnProcess):
        notebook.process.wait()
    time.sleep(0.1)
    notebook.start()


def _expect_end(processes: list[psutil.Process], notebook: Notebook, around: Surroundings) -> None:
    for process in psutil.wait_procs(processes, END_SECONDS)[1]:
        around.left_behind(f"{line_of(process)[:200]} of {notebook.name}")


FAULTS: tuple[Fault, ...] = (
    daemon_killed,
    daemon_stopped,
    folders_removed,
    store_damaged,
    store_removed,
    disk_full,
    inotify_exhausted,
    clock_set_back,
    interrupted,
    kernel_killed,
    all_killed,
)
"""What can happen to any notebook."""
SPARK_FAULTS = (workers_killed, executors_killed)
SERVER_FAULTS = (server_killed,)


def faults_of(notebook: Notebook) -> tuple[Fault, ...]:
    if isinstance(notebook, ServersKernel):
        return FAULTS + SERVER_FAULTS
    return FAULTS + SPARK_FAULTS if isinstance(notebook, OwnProcess) and notebook.master else FAULTS
