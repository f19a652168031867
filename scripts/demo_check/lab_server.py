"""A real Jupyter server of its own, for the length of a ``with`` block; nothing that it started outlives the block."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

START = 120.0  # seconds; a cold start on a busy machine takes 20
STOP = 60.0


class JupyterServer:
    """``jupyter lab`` in a folder. ``left_behind`` names, after the block, what had to be killed."""

    def __init__(self, folder: Path, environment: dict[str, str], log: Path) -> None:
        self._folder = folder
        self._environment = environment
        self._log = log
        self._token = secrets.token_hex(16)
        self._port = 0
        self._family: list[psutil.Process] = []
        self.left_behind: list[str] = []

    def __enter__(self) -> JupyterServer:
        self._port = _free_port()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
                    *(f"--port={self._port}", "--ServerApp.port_retries=0"),
                ],
                cwd=self._folder,
                env={**self._environment, "JUPYTER_TOKEN": self._token},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait_until_up()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + START
        while True:
            try:
                self.request("GET", "api/status")
                return
            except OSError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"The Jupyter server did not start, see {self._log}") from error
                time.sleep(0.2)

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """One REST call; the JSON of its answer, None if it has no body."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self._token}", "Content-Type": "application/json"},
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def start_kernel(self, notebook: str) -> tuple[str, str]:
        """Opens a session on a notebook of the folder, as the browser does. Returns its id and its kernel's."""
        body = {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"}}
        session = self.request("POST", "api/sessions", body)
        return session["id"], session["kernel"]["id"]

    def end_session(self, session: str) -> None:
        """Closes a notebook: its kernel ends."""
        self._meet_family()
        self.request("DELETE", f"api/sessions/{session}")

    def _meet_family(self) -> None:
        # Before anything ends: a child whose parent is gone could not be found any more.
        with contextlib.suppress(psutil.NoSuchProcess):
            self._family.append(process := psutil.Process(self._process.pid))
            self._family += process.children(recursive=True)

    def websocket(self, kernel: str) -> str:
        """The address of a kernel's channels, token included."""
        return f"ws://127.0.0.1:{self._port}/api/kernels/{kernel}/channels?token={self._token}"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._meet_family()
        try:
            self.request("POST", "api/shutdown")
        except OSError:
            self._process.terminate()
        _, alive = psutil.wait_procs(self._family, timeout=STOP)
        for process in alive:
            self.left_behind.append(_describe(process))
            process.kill()


def _describe(process: psutil.Process) -> str:
    try:
        return f"{process.name()} ({process.pid})"
    except psutil.NoSuchProcess:
        return f"process {process.pid}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(spark_home: Path, master: str) -> dict[str, str]:
    """The environment in which a plain ``SparkSession.builder.getOrCreate()`` starts Spark on ``master``."""
    return {
        **os.environ,
        "SPARK_HOME": str(spark_home),
        "PYSPARK_SUBMIT_ARGS": f"--master {master} --conf spark.ui.enabled=false "
        "--conf spark.ui.showConsoleProgress=false pyspark-shell",
    }
