"""More of a kernel's protocol than a notebook's cells need: subshells, the debug adapter, and replies in any order."""

from __future__ import annotations

import queue
import time
from typing import Any

from kernel_notebook import CELL_SECONDS, Notebook, Outcome


def subshell(notebook: Notebook) -> str:
    """Opens a subshell; returns its id."""
    return str(control(notebook, "create_subshell_request", {})["subshell_id"])


def control(notebook: Notebook, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """A request on the control channel and its answer."""
    client = notebook._client
    message = client.session.msg(kind, content)
    client.control_channel.send(message)
    deadline = time.monotonic() + CELL_SECONDS
    while True:
        reply = client.control_channel.get_msg(timeout=max(0.1, deadline - time.monotonic()))
        if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
            answer: dict[str, Any] = reply["content"]
            return answer


def start_in(notebook: Notebook, shell: str, code: str) -> str:
    """Sends a cell to a subshell and does not wait for it."""
    client = notebook._client
    content = {
        "code": code,
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": False,
    }
    message = client.session.msg("execute_request", content)
    message["header"]["subshell_id"] = shell
    client.shell_channel.send(message)
    return str(message["header"]["msg_id"])


def finish_all(notebook: Notebook, messages: list[str]) -> list[Outcome]:
    """Waits for cells that run side by side, whichever ends first."""
    outcomes = {message: Outcome() for message in messages}
    idle: set[str] = set()
    replied: set[str] = set()
    deadline = time.monotonic() + CELL_SECONDS
    while not (idle >= outcomes.keys() and replied >= outcomes.keys()):
        assert time.monotonic() < deadline, outcomes
        for channel in (notebook._client.iopub_channel, notebook._client.shell_channel):
            try:
                event = channel.get_msg(timeout=0.05)
            except queue.Empty:
                continue
            message = event["parent_header"].get("msg_id")
            if message in outcomes:
                _take(outcomes[message], event)
                if event["content"].get("execution_state") == "idle":
                    idle.add(message)
                if event["msg_type"] == "execute_reply":
                    replied.add(message)
    return [outcomes[message] for message in messages]


def _take(outcome: Outcome, event: dict[str, Any]) -> None:
    kind, content = event["msg_type"], event["content"]
    if kind == "stream":
        setattr(outcome, content["name"], getattr(outcome, content["name"]) + content["text"])
    elif kind == "execute_result":
        outcome.value = content["data"]["text/plain"]
    elif kind == "execute_reply":
        outcome.ok = content["status"] == "ok"
        outcome.ename, outcome.evalue = content.get("ename", ""), content.get("evalue", "")
        outcome.traceback = content.get("traceback", [])


class Debugger:
    """JupyterLab's debugger: the debug adapter protocol over the kernel's control channel (``debug_request``)."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._sequence = 0
        self.ask(
            "initialize", {"clientID": "test", "adapterID": "", "pathFormat": "path", "linesStartAt1": True}
        )
        self.ask("attach", {})

    def ask(self, command: str, arguments: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request; its body."""
        self._sequence += 1
        request = {"type": "request", "seq": self._sequence, "command": command, "arguments": arguments or {}}
        answer = control(self._notebook, "debug_request", request)
        assert answer.get("success"), answer
        body: dict[str, Any] = answer.get("body") or {}
        return body

    def break_at(self, file: str, *lines: int) -> list[dict[str, Any]]:
        """Replaces the breakpoints of a file."""
        arguments = {"source": {"path": file}, "breakpoints": [{"line": line} for line in lines]}
        found: list[dict[str, Any]] = self.ask("setBreakpoints", arguments)["breakpoints"]
        return found

    def ready(self) -> None:
        self.ask("configurationDone")

    def stopped(self) -> tuple[str, int, dict[str, str]]:
        """Waits until a thread stands at a breakpoint: file, line and local variables there; then lets it run on."""
        deadline = time.monotonic() + CELL_SECONDS
        while True:
            event = self._notebook._client.get_iopub_msg(timeout=max(0.1, deadline - time.monotonic()))
            if event["msg_type"] == "debug_event" and event["content"]["event"] == "stopped":
                break
        thread = event["content"]["body"]["threadId"]
        frame = self.ask("stackTrace", {"threadId": thread})["stackFrames"][0]
        scope = self.ask("scopes", {"frameId": frame["id"]})["scopes"][0]
        variables = self.ask("variables", {"variablesReference": scope["variablesReference"]})["variables"]
        self.ask("continue", {"threadId": thread})
        return frame["source"]["path"], frame["line"], {item["name"]: item["value"] for item in variables}
