"""A kernel at the other end of the server's websocket, as the browser talks to it."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import websocket

CELL = 300.0  # seconds that one cell may take


@dataclass
class Reply:
    """What became of one execute request. ``error`` is the name and the message of what it raised."""

    text: str = ""
    error: tuple[str, str] | None = None
    expressions: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


class Kernel:
    """Executes one request at a time. TimeoutError when a cell takes longer than ``CELL`` seconds."""

    def __init__(self, address: str) -> None:
        self._session = uuid.uuid4().hex
        self._socket = websocket.create_connection(
            f"{address}&session_id={self._session}", timeout=CELL, http_no_proxy=["127.0.0.1"]
        )

    def close(self) -> None:
        self._socket.close()

    def execute(self, code: str, silent: bool = False, expressions: dict[str, str] | None = None) -> Reply:
        """Runs ``code`` as a cell; silent means: not a cell, neither counted nor guarded."""
        started = time.monotonic()
        request = uuid.uuid4().hex
        self._socket.send(json.dumps(self._message(request, code, silent, expressions or {})))
        reply = Reply()
        waiting = {"reply", "idle"}
        while waiting:
            if time.monotonic() - started > CELL:
                raise TimeoutError(f"no answer within {CELL:.0f} s to: {code[:80]}")
            message = json.loads(self._socket.recv())
            if message["parent_header"].get("msg_id") == request:
                waiting.discard(_take(reply, message["msg_type"], message["content"]))
        reply.seconds = time.monotonic() - started
        return reply

    def _message(self, request: str, code: str, silent: bool, expressions: dict[str, str]) -> dict[str, Any]:
        return {
            "channel": "shell",
            "header": {
                "msg_id": request,
                "msg_type": "execute_request",
                "session": self._session,
                "username": "",
                "version": "5.4",
            },
            "parent_header": {},
            "metadata": {},
            "buffers": [],
            "content": {
                "code": code,
                "silent": silent,
                "store_history": not silent,
                "user_expressions": expressions,
                "allow_stdin": False,
                "stop_on_error": False,
            },
        }


def _take(reply: Reply, kind: str, content: dict[str, Any]) -> str:
    """Adds one message to the reply; returns which of the two awaited ends it is, if any."""
    if kind == "stream":
        reply.text += content["text"]
    elif kind in ("execute_result", "display_data"):
        reply.text += content["data"].get("text/plain", "") + "\n"
    elif kind == "error":
        reply.error = content["ename"], content["evalue"]
    elif kind == "execute_reply":
        if content["status"] == "error":
            reply.error = content["ename"], content["evalue"]
        reply.expressions = content.get("user_expressions", {})
        return "reply"
    elif kind == "status" and content["execution_state"] == "idle":
        return "idle"
    return ""
