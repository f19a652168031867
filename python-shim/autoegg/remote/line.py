"""The kernel's end of the line to a Jupyter server: questions by IOPub, answers by the control channel while a cell waits."""

from __future__ import annotations

import base64
import queue
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..errors import DaemonUnavailable, LibraryMissing
from .messages import REMOTE_PROTOCOL, TO_KERNEL, TO_SERVER

SILENCE_SECONDS = 5.0
"""How long a server may say nothing before it counts as gone."""


class ServerSilent(DaemonUnavailable):
    """The Jupyter server whose libraries this kernel runs has not said what is on its disk."""


class OfferRefused(Exception):
    """Nothing of an offer is taken. ``str()`` is one sentence."""


class Line:
    """Args:
    kernel: the running ipykernel.
    offered: called on the control thread with what a server offers; returns the reasons, by key, for what is not taken. Raises OfferRefused.
    """

    def __init__(
        self, kernel: Any, offered: Callable[[str, list[dict[str, Any]]], Mapping[str, str]]
    ) -> None:
        self._kernel = kernel
        self._offered = offered
        self._number = time.time_ns() // 1000
        """Of the last question. Above those of an earlier life of the kernel, whose answers may still be on their way."""
        self._heard: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.problem: str | None = None
        """Why the server and this kernel cannot talk, in one sentence."""

    def install(self) -> None:
        self._kernel.control_handlers[TO_KERNEL] = self._receive
        self.greet()

    def uninstall(self) -> None:
        self._kernel.control_handlers.pop(TO_KERNEL, None)

    def greet(self) -> None:
        """Has every server that listens say what it offers. It may be lost while the connections to a kernel that has just started are made."""
        self._say("here")

    def ask(self, server: str, known: Mapping[str, str | None]) -> dict[str, dict[str, Any]]:
        """What is on the server's disk: an answer for each key. Raises ServerSilent."""
        number = self._send("ask", server, known=dict(known))
        answer = next(self._answers(server, number, "answer"))
        libraries: dict[str, dict[str, Any]] = answer["libraries"]
        return libraries

    def fetch(
        self, server: str, key: str, version: str, digests: list[str], arrived: Callable[[int], None]
    ) -> dict[str, bytes]:
        """Contents of files, by digest; ``arrived`` is called with the size of each part.

        Raises ServerSilent when nothing comes, LibraryMissing with what the server says. Whatever ends it early, an interrupt too, also
        ends the sending.
        """
        number = self._send("fetch", server, key=key, version=version, digests=digests)
        parts: dict[str, list[bytes]] = {digest: [] for digest in digests}
        waiting = set(digests)
        try:
            for part in self._answers(server, number, "part"):
                if "failure" in part:
                    raise LibraryMissing(part["failure"])
                data = base64.b64decode(part["data"])
                parts[part["digest"]].append(data)
                arrived(len(data))
                if part["last"]:
                    waiting.discard(part["digest"])
                if not waiting:
                    break
        except BaseException:
            self._say("cancel", server=server, number=number)
            raise
        return {digest: b"".join(its) for digest, its in parts.items()}

    def _answers(self, server: str, number: int, kind: str) -> Iterator[dict[str, Any]]:
        """The messages to this question; those of other servers, and to older ones, which somebody interrupted, are dropped."""
        while True:
            deadline = time.monotonic() + SILENCE_SECONDS
            while True:
                try:
                    heard = self._heard.get(timeout=max(0.0, deadline - time.monotonic()))
                except queue.Empty:
                    raise ServerSilent(
                        f"the Jupyter server has not said within {SILENCE_SECONDS:g} s what is on its disk, so the cell was not run; "
                        "`%autoegg off` goes on with the last version received"
                    ) from None
                if (heard["server"], heard["kind"], heard.get("number")) == (server, kind, number):
                    break
            yield heard

    def _receive(self, stream: Any, ident: Any, message: dict[str, Any]) -> None:
        """On the control thread, so that it must never wait."""
        content = message["content"]
        server = content["server"]
        if content["protocol"] != REMOTE_PROTOCOL:
            self.problem = (
                f"The Jupyter server's autoegg speaks protocol {content['protocol']} to kernels elsewhere and this kernel's "
                f"protocol {REMOTE_PROTOCOL}: install the same version on both sides."
            )
            self._say("refused", server=server, message=self.problem)
        elif content["kind"] == "offer":
            self.problem = None
            try:
                refused = dict(self._offered(server, content["libraries"]))
            except OfferRefused as refusal:
                self._say("refused", server=server, message=str(refusal))
                return
            keys = [library["key"] for library in content["libraries"] if library["key"] not in refused]
            self._say("taken", server=server, keys=keys, refused=refused)
        else:
            self._heard.put(content)

    def _send(self, kind: str, server: str, **content: Any) -> int:
        self._number += 1
        self._say(kind, server=server, number=self._number, **content)
        return self._number

    def _say(self, kind: str, **content: Any) -> None:
        content = {"protocol": REMOTE_PROTOCOL, "kind": kind, **content}
        topic = self._kernel.topic(TO_SERVER) if hasattr(self._kernel, "topic") else TO_SERVER.encode()
        self._kernel.session.send(self._kernel.iopub_socket, TO_SERVER, content, ident=topic)
