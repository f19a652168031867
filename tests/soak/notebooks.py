"""Living notebooks, which run one cell after the other: as processes of their own, or as kernels of a Jupyter server."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Protocol

import psutil
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_process import JupyterProcess
from library import NAME

import autoegg.errors

GIVE_UP = 180.0
"""Seconds after which nobody waits for a cell any more."""

Answer = dict[str, Any]


class Place(Protocol):
    """What the notebooks of one run share."""

    home: Path
    project: Path

    @property
    def environment(self) -> dict[str, str]: ...


class Notebook(ABC):
    """What each kind has; ``start`` begins a new one in the place of one that has ended."""

    name: str

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def ask(self, code: str) -> Answer:
        """Run a cell. ``value`` is what it gives the name X, ``error`` why it has not, ``ran`` whether the cell began."""

    def begin(self, code: str) -> None:
        """Run a cell without which no other makes sense."""
        error = self.ask(code)["error"]
        assert error is None, f"{self.name} cannot begin: {error}"

    @abstractmethod
    def close(self) -> None: ...

    @property
    @abstractmethod
    def kernel(self) -> psutil.Process: ...

    @property
    def root(self) -> psutil.Process:
        """The process that began everything that belongs to the notebook."""
        return self.kernel

    def values(self) -> Answer:
        """What the library gives in each of the places where it runs."""
        return self.ask(f"X = [{NAME}.values()]")

    def below(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            return self.root.children(recursive=True)
        return []

    def daemons(self) -> list[psutil.Process]:
        return [process for process in self.below() if "daemon.cjs" in line_of(process)]

    def size(self) -> dict[str, int]:
        """Memory (MB) and descriptors of the kernel and of its daemon."""
        sizes = {}
        for name, processes in {"kernel": [self.kernel], "daemon": self.daemons()}.items():
            with contextlib.suppress(psutil.Error):
                sizes[f"{name} MB"] = sum(process.memory_info().rss for process in processes) >> 20
                sizes[f"{name} fds"] = sum(process.num_fds() for process in processes)
        return sizes


def line_of(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def no_answer(error: str, seconds: float) -> Answer:
    return {"value": None, "error": error, "ran": False, "seconds": seconds}


class OwnProcess(Notebook):
    """A process of ``notebook.py``, with Spark if there is a ``master``."""

    def __init__(self, place: Place, master: str | None) -> None:
        self.place, self.master = place, master
        self.name = master or "no Spark"
        self.number = 0
        self.start()

    def start(self) -> None:
        with (self.place.home / "notebooks.log").open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("notebook.py"))],
                cwd=self.place.project, env=self.place.environment,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
            )  # fmt: skip
        self.buffer = b""
        if self.master:
            # A task that a killed worker or executor had is tried again.
            master = self.master.replace("local[2]", "local[2,8]")
            self.begin(
                "from pyspark.sql import SparkSession\n"
                f"spark = SparkSession.builder.master({master!r}).config('spark.ui.enabled', 'false')"
                ".config('spark.task.maxFailures', '8').config('spark.driver.bindAddress', '127.0.0.1')"
                ".config('spark.driver.host', '127.0.0.1').getOrCreate()\n"
                "spark.sparkContext.setLogLevel('OFF')"
            )
        self.begin(f"import {NAME}")

    def values(self) -> Answer:
        if self.master is None:
            return super().values()
        workers = f"spark.sparkContext.parallelize(range(4), 2).map({NAME}.values).collect()"
        return self.ask(f"X = [{NAME}.values()] + {workers}")

    def ask(self, code: str) -> Answer:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.number += 1
        try:
            self.process.stdin.write(json.dumps([self.number, code]).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return no_answer("the notebook ended", 0.0)
        begin = time.monotonic()
        while b"\n" not in self.buffer:
            rest = max(0.0, begin + GIVE_UP - time.monotonic())
            if not select.select([self.process.stdout], [], [], rest)[0]:
                return no_answer("no answer", GIVE_UP)
            part = os.read(self.process.stdout.fileno(), 1 << 16)
            if not part:
                return no_answer("the notebook ended", 0.0)
            self.buffer += part
        line, _, self.buffer = self.buffer.partition(b"\n")
        answer: Answer = json.loads(line)
        answer["seconds"] = time.monotonic() - begin
        # An interrupt can leave the answer to an older cell behind.
        return answer if answer["number"] == self.number else self.ask(code)

    @property
    def kernel(self) -> psutil.Process:
        return psutil.Process(self.process.pid)

    def close(self) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class ServersKernel(Notebook):
    """A kernel that a Jupyter server started, with that server's daemon."""

    name = "Jupyter server"

    def __init__(self, place: Place) -> None:
        self.place = place
        self.start()

    def start(self) -> None:
        self.server = JupyterProcess(self.place.home, self.place.environment, [])
        self.start_kernel()

    def start_kernel(self) -> None:
        folder = str(self.place.project.relative_to(self.place.home))
        status, kernel = self.server.request("POST", "api/kernels", {"name": "python3", "path": folder})
        assert status == 201, kernel
        self.identity = kernel["id"]
        self.client = BlockingKernelClient(
            connection_file=str(self.server.runtime / f"kernel-{self.identity}.json")
        )
        self.client.load_connection_file()
        self.client.start_channels()
        self.client.kernel_info(reply=True, timeout=GIVE_UP)
        self._pid = int(self._value("__import__('os').getpid()"))
        self.begin(f"import {NAME}")

    def ask(self, code: str) -> Answer:
        begin = time.monotonic()
        try:
            reply = self.client.execute(code, reply=True, timeout=GIVE_UP)["content"]
            seconds = time.monotonic() - begin
            if reply["status"] == "ok":
                return {"value": json.loads(self._value("X")), "error": None, "ran": True, "seconds": seconds}
        except TimeoutError:
            return no_answer("no answer", GIVE_UP)
        error = reply.get("ename", reply["status"])
        return {
            "value": None,
            "error": f"{error}: {reply.get('evalue', '')}",
            "ran": not hasattr(autoegg.errors, error),
            "seconds": seconds,
        }

    def _value(self, expression: str) -> str:
        """What an expression of the kernel is worth, as JSON; null where it is worth nothing."""
        told = {"it": expression}
        reply = self.client.execute("", silent=True, user_expressions=told, reply=True, timeout=GIVE_UP)
        found = reply["content"]["user_expressions"].get("it", {})
        return str(found["data"]["text/plain"]) if found.get("status") == "ok" else "null"

    @property
    def kernel(self) -> psutil.Process:
        return psutil.Process(self._pid)

    @property
    def root(self) -> psutil.Process:
        return psutil.Process(self.server.process.pid)

    def start_another_kernel(self) -> None:
        self._end_kernel()
        self.start_kernel()

    def close(self) -> None:
        self._end_kernel()
        self.server.stop()

    def _end_kernel(self) -> None:
        self.client.stop_channels()
        self.server.request("DELETE", f"api/kernels/{self.identity}")
