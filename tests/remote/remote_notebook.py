"""Two machines on one: a Jupyter server that has the libraries, and a gateway whose kernels cannot see them."""

from __future__ import annotations

import ast
import json
import os
import re
import socket
import sys
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import websocket
from jupyter_process import SHIM, JupyterProcess, make_environment, wait_for
from namespaces import elsewhere
from standalone import Leashed

TOKEN = "gateway-secret"
CELL_SECONDS = 180


def gateway_packages() -> Path:
    """Where the gateway is installed (``scripts/setup/packages.mjs``)."""
    named = os.environ.get("GATEWAY_PACKAGES")
    return Path(named) if named else Path(__file__).parents[2] / ".cache/packages/gateway/site-packages"


class Gateway:
    """A kernel gateway, and kernels that have autoegg as ``autoegg enable`` gives it. They see the folders ``hidden`` empty."""

    def __init__(self, home: Path, *hidden: Path, load: bool = True, first: Path | None = None) -> None:
        home.mkdir()
        profile = home / "ipython" / "profile_default"
        profile.mkdir(parents=True)
        if load:
            (profile / "ipython_config.py").write_text("c.InteractiveShellApp.extensions = ['autoegg']\n")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        environment = make_environment(home)
        environment.pop("JUPYTER_NO_CONFIG")
        # A gateway gives its kernels nothing of its own environment but the PATH.
        path = os.pathsep.join(str(folder) for folder in (first, SHIM) if folder)
        kernels = {**environment, "PYTHONPATH": path, "PYSPARK_PYTHON": sys.executable}
        spec = {
            "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": "far",
            "language": "python",
            "env": kernels,
        }
        folder = home / "data" / "kernels" / "far"
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(json.dumps(spec))
        environment["PYTHONPATH"] = os.pathsep.join((str(SHIM), str(gateway_packages())))
        command = [sys.executable, "-m", "kernel_gateway", f"--KernelGatewayApp.port={port}"]
        command += ["--KernelGatewayApp.ip=127.0.0.1", f"--KernelGatewayApp.auth_token={TOKEN}"]
        command += ["--JupyterWebsocketPersonality.list_kernels=True"]  # a Jupyter server asks for the list
        self._process = Leashed(home, "gateway", [*elsewhere(*hidden), *command], **environment)
        try:
            wait_for("the gateway", self._answers, 120)
        except BaseException:
            self.close()
            print(self.said())
            raise

    def _answers(self) -> bool:
        assert self._process.is_alive(), "the gateway has ended"
        request = urllib.request.Request(
            f"{self.url}/api/kernelspecs", headers={"Authorization": f"token {TOKEN}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def restart(self, kernel: str) -> None:
        """As somebody does who is connected to the gateway alone."""
        self._ask("POST", f"api/kernels/{kernel}/restart", {})

    def interrupt(self, kernel: str) -> None:
        self._ask("POST", f"api/kernels/{kernel}/interrupt", {})

    def connections(self, kernel: str) -> int:
        """How many WebSockets to a kernel are open."""
        return int(self._ask("GET", f"api/kernels/{kernel}")["connections"])

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {TOKEN}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def said(self) -> str:
        return self._process.said()

    def close(self) -> None:
        self._process.kill()


@dataclass
class Outcome:
    """What one cell gave."""

    ok: bool = False
    printed: str = ""
    errors: str = ""
    value: str | None = None
    ename: str = ""
    evalue: str = ""
    traceback: str = ""
    value_of_expression: str = ""


_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class RemoteNotebook:
    """A notebook of ``server``, as the browser has it, whose kernel runs behind the server's gateway.

    Args: offered: whether the server gives libraries to all kernels, which is waited for.
    """

    def __init__(self, server: JupyterProcess, offered: bool = True) -> None:
        self.server = server
        status, kernel = server.request("POST", "api/kernels", {"name": "far"})
        assert status == 201, (kernel, server.log())
        self.kernel_id = str(kernel["id"])
        self._connect(server.url, "secret")
        if offered:
            self.wait_until_taken()

    def _connect(self, url: str, token: str, session: str | None = None) -> None:
        self._session = session or uuid.uuid4().hex
        address = url.rstrip("/").replace("http", "ws", 1) + f"/api/kernels/{self.kernel_id}/channels"
        self._socket = websocket.create_connection(
            f"{address}?session_id={self._session}",
            header=[f"Authorization: token {token}"],
            timeout=CELL_SECONDS,
        )

    def connect_again(self) -> None:
        """As JupyterLab does: in the same session, without a word on the connection before."""
        self._socket.shutdown()
        self._connect(self.server.url, "secret", self._session)

    def directly(self, gateway: Gateway) -> RemoteNotebook:
        """The same kernel over the gateway alone, for what happens while the server says nothing."""
        other = RemoteNotebook.__new__(RemoteNotebook)
        other.server, other.kernel_id = self.server, self.kernel_id
        other._connect(gateway.url, TOKEN)
        return other

    def wait_until_taken(self) -> None:
        """Until the kernel has heard of the server; a silent request, as it must not be a cell."""

        def taken() -> bool:
            content = {
                "code": "",
                "silent": True,
                "store_history": False,
                "user_expressions": {
                    "it": "__import__('autoegg').kernel.loaded.current().sync.received.server"
                },
                "allow_stdin": False,
                "stop_on_error": False,
            }
            outcome = self.finish(self.send("shell", "execute_request", content))
            return outcome.value_of_expression not in ("", "None")

        wait_for("the offer of the server", taken)

    def give(self, path: str) -> tuple[int, Any]:
        """As the file browser's context menu adds a folder; the server's status and answer."""
        return self.server.request("POST", "autoegg/give", {"kernel": self.kernel_id, "path": path})

    def send(self, channel: str, kind: str, content: dict[str, Any]) -> str:
        message_id = uuid.uuid4().hex
        header = {
            "msg_id": message_id,
            "msg_type": kind,
            "session": self._session,
            "username": "",
            "version": "5.3",
            "date": "",
        }
        message = {
            "channel": channel,
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "buffers": [],
        }
        self._socket.send(json.dumps(message))
        return message_id

    def run(self, code: str) -> Outcome:
        return self.finish(self.begin(code))

    def begin(self, code: str) -> str:
        """Sends a cell; ``finish`` waits for its end."""
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        return self.send("shell", "execute_request", content)

    def finish(self, message_id: str) -> Outcome:
        outcome = Outcome()
        waiting = {"idle", "reply"}
        while waiting:
            message = json.loads(self._socket.recv())
            if message["parent_header"].get("msg_id") != message_id:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream" and content["name"] == "stdout":
                outcome.printed += content["text"]
            elif kind == "stream":
                outcome.errors += content["text"]
            elif kind == "execute_result":
                outcome.value = content["data"]["text/plain"]
            elif kind == "status" and content["execution_state"] == "idle":
                waiting.discard("idle")
            elif kind == "execute_reply":
                waiting.discard("reply")
                outcome.ok = content["status"] == "ok"
                outcome.ename, outcome.evalue = content.get("ename", ""), content.get("evalue", "")
                expression = content.get("user_expressions", {}).get("it", {})
                outcome.value_of_expression = expression.get("data", {}).get("text/plain", "")
                outcome.traceback = _COLOURS.sub("", "\n".join(content.get("traceback", [])))
        return outcome

    def said_to_servers(self, kind: str) -> dict[str, Any]:
        """The next message of this kind from the kernel to servers."""
        while True:
            message = json.loads(self._socket.recv())
            if message["msg_type"] == "autoegg_kernel" and message["content"]["kind"] == kind:
                content: dict[str, Any] = message["content"]
                return content

    def wait_until_restarting(self) -> None:
        """Until the gateway says that the kernel has died, and is started again."""
        while True:
            message = json.loads(self._socket.recv())
            if message["content"].get("execution_state") == "restarting":
                return

    def value(self, code: str) -> str:
        outcome = self.run(code)
        assert outcome.ok and outcome.value is not None, outcome
        return outcome.value.strip("'\"")

    def state(self) -> dict[str, Any]:
        """The ``KernelState`` that the page is sent; asked beside the cells, so that none begins."""
        content = {
            "code": "",
            "silent": True,
            "store_history": False,
            "user_expressions": {
                "it": "__import__('json').dumps(__import__('autoegg').kernel.loaded.current().comm._state())"
            },
            "allow_stdin": False,
            "stop_on_error": False,
        }
        text = self.finish(self.send("shell", "execute_request", content)).value_of_expression
        state: dict[str, Any] = json.loads(ast.literal_eval(text))
        return state

    def done(self, code: str) -> Outcome:
        outcome = self.run(code)
        assert outcome.ok, outcome
        return outcome

    def leave(self) -> None:
        self._socket.close()

    def close(self) -> None:
        self.leave()
        self.server.request("DELETE", f"api/kernels/{self.kernel_id}")


StartServer = Callable[..., JupyterProcess]


def arguments(gateway: Gateway, *libraries: Path, url: str | None = None) -> list[str]:
    """How a server is started that gives these libraries to the kernels of the gateway, which it reaches at ``url``."""
    given = [f"--AutoeggExtension.gateway_libraries={library}" for library in libraries]
    return [f"--gateway-url={url or gateway.url}", f"--GatewayClient.auth_token={TOKEN}", *given]
