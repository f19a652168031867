"""Gives this server's libraries to the kernels that it has started behind the gateway, and answers them before each cell."""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections.abc import Coroutine
from logging import Logger
from typing import Any

from autoegg.errors import AutoeggError
from autoegg.remote.messages import REMOTE_PROTOCOL

from .connection import KernelConnection
from .offered import Offered

OFFER_PAUSES = (0.5, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between two offers."""


class Giver:
    """All methods belong to the event loop's thread; disk and daemon are asked in others."""

    def __init__(self, offered: Offered, log: Logger) -> None:
        self._offered = offered
        self._log = log
        self._name = f"{socket.gethostname()} {uuid.uuid4().hex}"
        self._connections: dict[str, KernelConnection] = {}
        self._settled: set[str] = set()
        """Kernels that have said what became of the offer."""
        self._working: set[asyncio.Task[None]] = set()

    def started(self, kernel_id: str) -> None:
        """A kernel of this server's own: it gets the libraries."""
        if kernel_id not in self._connections:
            self._connections[kernel_id] = KernelConnection(kernel_id, self._greet, self._heard, self._log)

    def restarted(self, kernel_id: str) -> None:
        """The kernel has lost what it had; what it says when it starts may be lost too, before the gateway listens again."""
        self.started(kernel_id)
        self._settled.discard(kernel_id)
        self._begin(self._offer(self._connections[kernel_id]))

    def ended(self, kernel_id: str) -> None:
        self._settled.discard(kernel_id)
        connection = self._connections.pop(kernel_id, None)
        if connection is not None:
            connection.close()

    def close(self) -> None:
        for kernel_id in list(self._connections):
            self.ended(kernel_id)
        for task in self._working:
            task.cancel()
        self._offered.close()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Beside what is heard next: a large library takes its time."""
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _greet(self, connection: KernelConnection) -> None:
        self._settled.discard(connection.kernel_id)
        self._begin(self._offer(connection))

    async def _offer(self, connection: KernelConnection) -> None:
        """Says what there is until the kernel has answered: it may still be starting. One without autoegg never does."""
        for pause in OFFER_PAUSES:
            if connection.kernel_id in self._settled or connection.kernel_id not in self._connections:
                return
            await self._offer_once(connection)
            await asyncio.sleep(pause)

    async def _offer_once(self, connection: KernelConnection) -> None:
        try:
            libraries = await asyncio.to_thread(self._offered.libraries)
        except AutoeggError as error:
            self._log.error("autoegg: no library is given to kernels of the gateway: %s", error)
            return
        await self._say(connection, "offer", libraries=libraries)

    async def _heard(self, connection: KernelConnection, content: dict[str, Any]) -> None:
        kind = content["kind"]
        if kind == "here":
            await self._greet(connection)
            return
        if content.get("server") != self._name:
            return  # for another server
        if kind in ("refused", "taken"):
            self._settled.add(connection.kernel_id)
        if kind == "refused":
            self._log.warning("autoegg: kernel %s: %s", connection.kernel_id, content["message"])
        elif kind in ("ask", "fetch"):
            self._begin(self._answer(connection, content))

    async def _answer(self, connection: KernelConnection, content: dict[str, Any]) -> None:
        number = content["number"]
        try:
            if content["kind"] == "ask":
                libraries = await asyncio.to_thread(self._offered.answer, content["known"])
                await self._say(connection, "answer", number=number, libraries=libraries)
            elif content["kind"] == "fetch":
                parts = self._offered.parts(content["key"], content["version"], content["digests"])
                while (part := await asyncio.to_thread(next, parts, None)) is not None:
                    await self._say(connection, "part", number=number, **part)
        except AutoeggError as error:
            # The kernel hears of it in its own words: it refuses the cell.
            self._log.warning("autoegg: kernel %s is not answered: %s", connection.kernel_id, error)
            if content["kind"] == "fetch":
                await self._say(connection, "part", number=number, failure=str(error))
            else:
                failure = {"code": "internal", "message": str(error), "file": error.file}
                refused = {key: {"failure": failure} for key in content["known"]}
                await self._say(connection, "answer", number=number, libraries=refused)

    async def _say(self, connection: KernelConnection, kind: str, **content: Any) -> None:
        await connection.send({"protocol": REMOTE_PROTOCOL, "server": self._name, "kind": kind, **content})
