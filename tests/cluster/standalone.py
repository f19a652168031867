"""A standalone Spark of this machine: a master and its workers as processes of their own, which can be killed and added.

Nothing of it outlives the process that made it: each part hangs on a pipe to it, and ends with all its children
(executors) when that pipe closes.
"""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")

# A group of its own with a shell as leader: the shell says the number of the process that it has started, and ends the
# whole group when nobody holds the pipe any more. The number is that of the JVM, since spark-class calls exec.
_LEASH = '"$0" "$@" </dev/null >&2 & echo $!; cat >/dev/null; kill -KILL -$$'

_STARTED = re.compile(r"Starting Spark master at (spark://\S+)")
_REGISTERED = "Successfully registered with master"


def spark_home() -> Path:
    """The installed pyspark package, which is a whole Spark; that of the environment `lab` where it is a client alone."""
    spec = importlib.util.find_spec("pyspark")
    assert spec is not None and spec.origin is not None
    home = Path(spec.origin).parent
    if not is_client_alone():
        return home
    return next(Path(sys.prefix).parent.glob("lab/lib/python*/site-packages/pyspark"))


def is_client_alone() -> bool:
    """Whether the installed pyspark package can only talk to a Spark Connect server (pyspark-client, databricks-connect)."""
    spec = importlib.util.find_spec("pyspark")
    assert spec is not None and spec.origin is not None
    return not (Path(spec.origin).parent / "jars").is_dir()


def eventually(look: Callable[[], Found | None], what: str, seconds: float = 120) -> Found:
    """What ``look`` finds, asked again until it finds something."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.1)


@dataclass(frozen=True)
class Executor:
    """A JVM that runs tasks. ``pid`` is its process, ``id`` what Spark calls it."""

    pid: int
    id: str

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


def executors_below(parent: int) -> list[Executor]:
    """The executors that a process has started: a standalone worker, or the driver's JVM for a local cluster."""
    found = []
    for pid, args in _children(parent):
        told = re.search(r"CoarseGrainedExecutorBackend .*--executor-id (\S+)", args)
        if told:
            found.append(Executor(pid, told[1]))
    return found


def python_below(executor: Executor) -> list[int]:
    """The ``pyspark.daemon`` processes of an executor."""
    return [pid for pid, args in _children(executor.pid) if "pyspark.daemon" in args]


def _children(parent: int) -> list[tuple[int, str]]:
    return [(pid, args) for pid, its_parent, args in processes() if its_parent == parent]


def processes() -> list[tuple[int, int, str]]:
    """All processes that this one can see: number, number of the parent, command line."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return [(int(row[0]), int(row[1]), row[2]) for row in rows if len(row) == 3]


class Leashed:
    """A command of the cluster, in ``folder``, which has its log. It ends with this process, and so does what it starts."""

    def __init__(self, folder: Path, name: str, command: list[str], **environment: str) -> None:
        self.folder = folder
        self.log = folder / f"{name}.log"
        folder.mkdir(parents=True, exist_ok=True)
        env = {
            key: value
            for key, value in os.environ.items()
            # `npm test` keeps options of the JVM in SPARK_CONF_DIR (scripts/testing/spark-conf.mjs).
            if not key.startswith(("SPARK", "PYSPARK")) or key == "SPARK_CONF_DIR"
        }
        env |= {"TMPDIR": str(_made(folder / "tmp")), **environment}
        with self.log.open("wb") as log:
            self._leash = subprocess.Popen(
                ["/bin/sh", "-c", _LEASH, *command],
                cwd=folder,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        assert self._leash.stdout is not None
        self.pid = int(self._leash.stdout.readline())

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def is_alive(self) -> bool:
        return any(pid == self.pid and "<defunct>" not in args for pid, _, args in processes())

    def kill(self) -> None:
        """End it at once, with all that it has started."""
        if self._leash.poll() is None:
            os.killpg(self._leash.pid, signal.SIGKILL)
        self._leash.wait()
        for pipe in (self._leash.stdin, self._leash.stdout):
            if pipe is not None:
                pipe.close()


class Part(Leashed):
    """A master, a worker or a server: a class of Spark. A worker's ``work`` has the executors' folders."""

    def __init__(self, folder: Path, name: str, *arguments: str, **environment: str) -> None:
        settings = {
            "SPARK_HOME": str(spark_home()),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(folder / "local"),
            "SPARK_DAEMON_MEMORY": "256m",
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONPATH": "",
        }
        command = [str(spark_home() / "bin" / "spark-class"), *arguments]
        super().__init__(folder, name, command, **{**settings, **environment})


class Worker(Part):
    """A worker of a :class:`Standalone`: stands for a node."""

    @property
    def executors(self) -> list[Executor]:
        return executors_below(self.pid)


class Standalone:
    """A master with ``workers`` workers, on 127.0.0.1; ``url`` is what ``SparkSession.builder.master`` takes.

    ``close`` ends it, as does leaving its ``with`` block. A driver must end its session before.
    """

    def __init__(self, folder: Path, workers: int = 2, cores: int = 1, memory: str = "1g") -> None:
        self._folder = folder
        self._cores = cores
        self._memory = memory
        self._numbers = 0
        self.workers: list[Worker] = []
        name = "org.apache.spark.deploy.master.Master"
        self._master = Part(
            folder / "master", "master", name, "--host", "127.0.0.1", "--port", "0", "--webui-port", "0"
        )
        try:
            self.url = eventually(lambda: _STARTED.search(self._master.said()), "the master's address")[1]
            for _ in range(workers):
                self._start_worker()
            for worker in self.workers:
                _registered(worker)
        except BaseException:
            self.close()
            raise

    def add_worker(self) -> Worker:
        """One more node; it is registered when this returns."""
        worker = self._start_worker()
        _registered(worker)
        return worker

    def kill_worker(self, worker: Worker) -> None:
        """A node is lost, with its executors."""
        self.workers.remove(worker)
        worker.kill()

    @property
    def executors(self) -> list[Executor]:
        """All live executors of all workers."""
        return [executor for worker in self.workers for executor in worker.executors]

    def __enter__(self) -> Standalone:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for part in [*self.workers, self._master]:
            part.kill()
        self.workers.clear()

    def _start_worker(self) -> Worker:
        self._numbers += 1
        folder = self._folder / f"worker{self._numbers}"
        worker = Worker(
            folder,
            "worker",
            "org.apache.spark.deploy.worker.Worker",
            *("--host", "127.0.0.1", "--port", "0", "--webui-port", "0"),
            *("--cores", str(self._cores), "--memory", self._memory, "--work-dir", str(folder / "work")),
            self.url,
        )
        self.workers.append(worker)
        return worker


def _registered(worker: Worker) -> None:
    eventually(lambda: _REGISTERED in worker.said(), "a worker's registration")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
