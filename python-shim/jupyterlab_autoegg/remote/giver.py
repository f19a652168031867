"""Gives this server's libraries to the kernels behind the gateway, and answers them before each cell."""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections.abc import Coroutine, Iterable
from logging import Logger
from typing import Any

from autoegg.errors import AutoeggError
from autoegg.remote.messages import REMOTE_PROTOCOL, TO_KERNEL

from .connection import KernelConnection
from .offered import Offered

OFFER_PAUSES = (0.5, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between two offers."""

TAKING_SECONDS = 10.0
"""How long somebody waits who has given a library to a kernel that runs."""

SILENT = (
    f"the kernel does not answer: in its environment, install the same version of jupyterlab-autoegg as here and run `autoegg enable` once; "
    f"if its gateway has `allowed_message_types`, add `{TO_KERNEL}`"
)


class _Kernel:
    """What this server knows of one kernel."""

    def __init__(self, connection: KernelConnection) -> None:
        self.connection = connection
        self.settled = False
        """It has said what became of the offer."""
        self.taken: frozenset[str] = frozenset()
        self.refused: dict[str, str] = {}
        """Key to why the kernel does not take this library."""
        self.refusal: str | None = None
        """Why it takes nothing at all."""
        self.heard = asyncio.Event()
        self.cancelled = 0
        """Number of the last question that the kernel waits for no more. One cell waits at a time, so older ones are over too."""

    def forget(self) -> None:
        """It may be a new life of the kernel, whose questions are counted from 1 again."""
        self.cancelled = 0
        self.reconsider()

    def reconsider(self) -> None:
        """Another offer is made."""
        self.settled, self.taken, self.refused, self.refusal = False, frozenset(), {}, None

    async def answer(self, keys: Iterable[str]) -> list[str]:
        """Waits until it has said what becomes of these libraries; returns why it has not taken some of them."""
        while self.refusal is None and not (self.taken | self.refused.keys()).issuperset(keys):
            self.heard.clear()
            await self.heard.wait()
        if self.refusal is not None:
            return [self.refusal]
        return [self.refused[key] for key in keys if key in self.refused]


class Refused(Exception):
    """The kernel takes none of the libraries. ``str()`` has one sentence for each reason."""


class Giver:
    """All methods belong to the event loop's thread; disk and daemon are asked in others."""

    def __init__(self, offered: Offered, log: Logger) -> None:
        self._offered = offered
        self._log = log
        self._name = f"{socket.gethostname()} {uuid.uuid4().hex}"
        self._kernels: dict[str, _Kernel] = {}
        self._working: set[asyncio.Task[None]] = set()

    def started(self, kernel_id: str) -> None:
        """A kernel of this server's own: it gets the libraries that all get."""
        if self._offered.to_all:
            self._known(kernel_id)

    def restarted(self, kernel_id: str) -> None:
        """The kernel has lost what it had; what it says when it starts may be lost too, before the gateway listens again."""
        self.started(kernel_id)
        if kernel_id in self._kernels:
            self._kernels[kernel_id].forget()
            self._begin(self._offer(kernel_id))

    def ended(self, kernel_id: str) -> None:
        kernel = self._kernels.pop(kernel_id, None)
        if kernel is not None:
            kernel.connection.close()
            self._offered.forget(kernel_id)

    async def give(self, kernel_id: str, path: str) -> tuple[list[str], list[str]]:
        """Gives one kernel what an absolute path stands for, until the kernel ends; returns the names of the libraries that it takes, and
        why it does not take the others.

        Raises LibraryRefused, DaemonUnavailable, Refused.
        """
        keys = await asyncio.to_thread(self._offered.add, kernel_id, path)
        kernel = self._known(kernel_id)
        kernel.reconsider()
        self._begin(self._offer(kernel_id))
        try:
            reasons = await asyncio.wait_for(kernel.answer(keys), TAKING_SECONDS)
        except asyncio.TimeoutError:
            reasons = [SILENT]
        names = [name for key, name in keys.items() if key in kernel.taken]
        if not names:
            # They stay given: the kernel may take them later, or after a restart.
            raise Refused(" ".join(reasons))
        return names, reasons

    def close(self) -> None:
        for kernel_id in list(self._kernels):
            self.ended(kernel_id)
        for task in self._working:
            task.cancel()
        self._offered.close()

    def _known(self, kernel_id: str) -> _Kernel:
        if kernel_id not in self._kernels:
            self._kernels[kernel_id] = _Kernel(
                KernelConnection(kernel_id, self._greet, self._heard, self._log)
            )
        return self._kernels[kernel_id]

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Beside what is heard next: a large library takes its time."""
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _greet(self, connection: KernelConnection) -> None:
        if connection.kernel_id in self._kernels:
            self._kernels[connection.kernel_id].forget()
            self._begin(self._offer(connection.kernel_id))

    async def _offer(self, kernel_id: str) -> None:
        """Says what there is until the kernel has answered: it may still be starting. One without autoegg never does."""
        for pause in OFFER_PAUSES:
            kernel = self._kernels.get(kernel_id)
            if kernel is None or kernel.settled:
                return
            try:
                libraries = await asyncio.to_thread(self._offered.libraries, kernel_id)
            except AutoeggError as error:
                self._log.error("autoegg: no library is given to kernels of the gateway: %s", error)
                await asyncio.sleep(pause)
                continue
            for problem in self._offered.problems.values():
                self._log.error("autoegg: kernel %s is not given a library: %s", kernel_id, problem)
            await self._say(kernel.connection, "offer", libraries=libraries)
            await asyncio.sleep(pause)
        if kernel_id in self._kernels and not self._kernels[kernel_id].settled:
            self._log.warning(
                "autoegg: kernel %s has not got the libraries of this server: %s", kernel_id, SILENT
            )

    async def _heard(self, connection: KernelConnection, content: dict[str, Any]) -> None:
        kind, kernel = content["kind"], self._kernels.get(connection.kernel_id)
        if kind == "here":
            await self._greet(connection)
            return
        if content.get("server") != self._name or kernel is None:
            return  # for another server
        if kind == "taken":
            kernel.settled, kernel.taken, kernel.refused = (
                True,
                frozenset(content["keys"]),
                content["refused"],
            )
            kernel.heard.set()
            for reason in kernel.refused.values():
                self._log.warning("autoegg: kernel %s: %s", connection.kernel_id, reason)
        elif kind == "refused":
            kernel.settled, kernel.refusal = True, content["message"]
            kernel.heard.set()
            self._log.warning("autoegg: kernel %s: %s", connection.kernel_id, content["message"])
        elif kind == "cancel":
            kernel.cancelled = content["number"]
        elif kind in ("ask", "fetch"):
            self._begin(self._answer(connection, content))

    async def _answer(self, connection: KernelConnection, content: dict[str, Any]) -> None:
        number, kernel_id = content["number"], connection.kernel_id
        try:
            if content["kind"] == "ask":
                libraries = await asyncio.to_thread(self._offered.answer, kernel_id, content["known"])
                await self._say(connection, "answer", number=number, libraries=libraries)
            else:
                parts = self._offered.parts(kernel_id, content["key"], content["version"], content["digests"])
                while (part := await asyncio.to_thread(next, parts, None)) is not None:
                    if self._is_cancelled(kernel_id, number):
                        break
                    await self._say(connection, "part", number=number, **part)
        except AutoeggError as error:
            # The kernel hears of it in its own words: it refuses the cell.
            self._log.warning("autoegg: kernel %s is not answered: %s", kernel_id, error)
            if content["kind"] == "fetch":
                await self._say(connection, "part", number=number, failure=str(error))
            else:
                failure = {"code": "internal", "message": str(error), "file": error.file}
                refused = {key: {"failure": failure} for key in content["known"]}
                await self._say(connection, "answer", number=number, libraries=refused)

    def _is_cancelled(self, kernel_id: str, number: int) -> bool:
        kernel = self._kernels.get(kernel_id)
        return kernel is None or kernel.cancelled >= number

    async def _say(self, connection: KernelConnection, kind: str, **content: Any) -> None:
        await connection.send({"protocol": REMOTE_PROTOCOL, "server": self._name, "kind": kind, **content})
