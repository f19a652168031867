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
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from soak import Notebook

STOPPED_SECONDS = 2.0

Fault = Callable[["Notebook", Path, random.Random], None]


def _kill(processes: list[psutil.Process], number: int = signal.SIGKILL) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def daemon_killed(notebook: Notebook, home: Path, chance: random.Random) -> None:
    _kill(notebook.daemons())


def daemon_stopped(notebook: Notebook, home: Path, chance: random.Random) -> None:
    daemons = notebook.daemons()
    _kill(daemons, signal.SIGSTOP)
    threading.Timer(STOPPED_SECONDS, _kill, [daemons, signal.SIGCONT]).start()


def folders_removed(notebook: Notebook, home: Path, chance: random.Random) -> None:
    for folder in (home / "tmp").glob("autoegg-*"):
        shutil.rmtree(folder, ignore_errors=True)


def store_damaged(notebook: Notebook, home: Path, chance: random.Random) -> None:
    files = sorted(path for path in (home / "cache").rglob("*") if path.is_file() and not path.is_symlink())
    for path in chance.sample(files, min(5, len(files))):
        with path.open("r+b") as file:
            file.truncate(chance.choice([0, 1, path.stat().st_size // 2]))


def store_removed(notebook: Notebook, home: Path, chance: random.Random) -> None:
    shutil.rmtree(home / "cache", ignore_errors=True)


def workers_killed(notebook: Notebook, home: Path, chance: random.Random) -> None:
    _kill([process for process in notebook.below() if "pyspark.daemon" in notebook.line(process)])


def executors_killed(notebook: Notebook, home: Path, chance: random.Random) -> None:
    _kill(
        [process for process in notebook.below() if "CoarseGrainedExecutorBackend" in notebook.line(process)]
    )


def interrupted(notebook: Notebook, home: Path, chance: random.Random) -> None:
    pid = notebook.process.pid
    threading.Timer(chance.random() / 5, lambda: os.kill(pid, signal.SIGINT)).start()


def notebook_killed(notebook: Notebook, home: Path, chance: random.Random) -> None:
    _kill([*notebook.below(), psutil.Process(notebook.process.pid)])
    notebook.process.wait()
    time.sleep(0.1)
    notebook.start()


FAULTS: tuple[Fault, ...] = (
    daemon_killed,
    daemon_stopped,
    folders_removed,
    store_damaged,
    store_removed,
    workers_killed,
    executors_killed,
    interrupted,
    notebook_killed,
)
