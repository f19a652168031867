"""Real Jupyter servers, each a process of its own with its own home, and what the tests ask of them."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any, TypeVar

import websocket
from jupyter_client.blocking.client import BlockingKernelClient

import jupyterlab_autoegg

SHIM = Path(jupyterlab_autoegg.__file__).parents[1]
SCHEMA = "https://schema.jupyter.org/jupyterlab_autoegg/state/v1"
PATIENCE = 180.0

T = TypeVar("T")


def wait_for(what: str, ask: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """The first true answer of ``ask``; fails, naming ``what``, when none comes."""
    deadline = time.monotonic() + patience
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)
    return answer


def is_alive(pid: int) -> bool:
    """Whether the process still runs; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return bool(state.strip()) and not state.startswith("Z")


class JupyterProcess:
    """A running Jupyter server. ``home`` is the user's; servers with one home are servers of one user."""

    def __init__(self, home: Path, environment: dict[str, str], arguments: list[str]) -> None:
        self.home = home
        self.runtime = home / "runtime"
        self._log_file = home / f"server-{time.monotonic_ns()}.log"
        with self._log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root",
                    "--ServerApp.port=0", "--IdentityProvider.token=secret", f"--ServerApp.root_dir={home}",
                    "--ServerApp.jpserver_extensions={'jupyterlab_autoegg': True}", *arguments,
                ],
                env=environment, cwd=home, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        info = self.runtime / f"jpserver-{self.process.pid}.json"
        try:
            self.url = wait_for("the server's address", lambda: self._read_address(info))
            wait_for("the server", lambda: self.request("GET", "api/status")[0] == 200)
        except BaseException:
            self.kill()
            print(self.log())
            raise

    def _read_address(self, info: Path) -> str | None:
        assert self.process.poll() is None, self.log()
        try:
            return str(json.loads(info.read_text())["url"])
        except (OSError, ValueError):
            return None

    def log(self) -> str:
        return self._log_file.read_text(errors="replace")

    def request(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and decoded JSON; with the token unless ``headers`` are given."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "token secret"} if headers is None else headers,
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                text = response.read()
                return response.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            text = error.read()
            try:
                return error.code, json.loads(text)
            except ValueError:
                return error.code, text.decode()
        except OSError:
            return 0, None

    def state(self) -> dict[str, Any]:
        status, state = self.request("GET", "autoegg/state")
        assert status == 200, state
        return dict(state)

    def running_daemon(self, not_pid: int | None = None) -> int:
        """Process id of the running daemon, another one than ``not_pid``; asking starts it."""

        def pid() -> int | None:
            daemon = self.state()["daemon"]
            return daemon["pid"] if daemon["condition"] == "running" and daemon["pid"] != not_pid else None

        return wait_for("a running daemon", pid)

    def private_directories(self) -> list[Path]:
        """Of all servers of this user, the killed ones too."""
        return sorted(self.runtime.glob("autoegg-*"))

    def private_directory(self) -> Path:
        (mine,) = [path for path in self.private_directories() if f"-{self.process.pid}-" in path.name]
        return mine

    def subscribe(self) -> websocket.WebSocket:
        """A connection that receives the server's events from now on."""
        address = self.url.replace("http", "ws", 1) + "api/events/subscribe"
        socket = websocket.create_connection(
            address, header=["Authorization: token secret"], timeout=PATIENCE
        )
        return socket

    @contextmanager
    def kernel(self, name: str = "python3") -> Iterator[BlockingKernelClient]:
        """A kernel that the server starts and ends."""
        status, kernel = self.request("POST", "api/kernels", {"name": name})
        assert status == 201, kernel
        client = BlockingKernelClient(connection_file=str(self.runtime / f"kernel-{kernel['id']}.json"))
        try:
            client.load_connection_file()
            client.start_channels()
            # Not wait_for_ready, which takes a kernel for dead that misses one heartbeat while it loads.
            client.kernel_info(reply=True, timeout=PATIENCE)
            wait_for("the kernel's output channel", lambda: _is_heard(client))
            yield client
        finally:
            client.stop_channels()
            self.request("DELETE", f"api/kernels/{kernel['id']}")

    def stop(self) -> None:
        """The orderly way: kernels and extensions are told."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(PATIENCE)


def _is_heard(client: BlockingKernelClient) -> bool:
    client.kernel_info(reply=True, timeout=PATIENCE)
    try:
        client.get_iopub_msg(timeout=0.2)
    except Empty:
        return False
    return True


def evaluate(client: BlockingKernelClient, expression: str) -> Any:
    """What a Python expression is worth in the kernel, brought over as JSON."""
    code = {"it": f"__import__('json').dumps({expression})"}
    reply = client.execute("", silent=True, user_expressions=code, reply=True, timeout=PATIENCE)
    answer = reply["content"]["user_expressions"]["it"]
    assert answer["status"] == "ok", answer
    # The repr of a str that holds JSON.
    return json.loads(ast.literal_eval(answer["data"]["text/plain"]))


StartServer = Callable[..., JupyterProcess]


def make_environment(home: Path, python_path: Path | None = None) -> dict[str, str]:
    """The environment of a user whose home is ``home``: nothing of this machine's Jupyter configuration.

    ``python_path`` comes before the package under test.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "AUTOEGG", "PYTHON", "XDG", "IPYTHON"))
    }
    return {
        **inherited,
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join(str(path) for path in (python_path, SHIM) if path),
        "PYTHONUNBUFFERED": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
    }
