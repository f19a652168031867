"""A connection of this server's own to a kernel behind the gateway, over the gateway's authenticated WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from logging import Logger
from typing import Any

from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.utils import url_path_join
from tornado.escape import url_escape
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketError, websocket_connect

from autoegg.remote.messages import TO_KERNEL, TO_SERVER

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0

PING_SECONDS = 5.0
"""How often the gateway is asked whether it is there: nobody tells of a connection that the network has forgotten, as after a sleep."""


class KernelConnection:
    """Stays connected until ``close``, over cuts of the network and restarts of the kernel.

    Args:
        greet: called whenever the connection is made.
        heard: called with each message of a kernel to servers (``autoegg.remote.messages``), one after the other.
    """

    def __init__(
        self,
        kernel_id: str,
        greet: Callable[[KernelConnection], Awaitable[None]],
        heard: Callable[[KernelConnection, dict[str, Any]], Awaitable[None]],
        log: Logger,
    ) -> None:
        self.kernel_id = kernel_id
        self._greet = greet
        self._heard = heard
        self._log = log
        self._session = ""
        self._socket: WebSocketClientConnection | None = None
        self._task = asyncio.get_running_loop().create_task(
            self._run(), name=f"autoegg: line to kernel {kernel_id}"
        )

    async def send(self, content: dict[str, Any]) -> None:
        """To the kernel's control channel. A connection that is gone loses the message: the kernel asks again."""
        socket = self._socket
        if socket is None:
            return
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": TO_KERNEL,
            "session": self._session,
            "username": "",
            "version": "5.3",
            "date": datetime.now(timezone.utc).isoformat(),
        }
        message = {"channel": "control", "header": header, "parent_header": {}, "metadata": {}}
        with contextlib.suppress(WebSocketError):
            await socket.write_message(json.dumps({**message, "content": content, "buffers": []}))

    def close(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                # Another one each time: the gateway may still have the last connection.
                self._session = uuid.uuid4().hex
                self._socket = await websocket_connect(
                    request_for(self.kernel_id, self._session),
                    ping_interval=PING_SECONDS,
                    ping_timeout=PING_SECONDS,
                )
                pause = FIRST_PAUSE
                await self._greet(self)
                await self._listen(self._socket)
            except Exception as error:
                self._log.debug("autoegg: no line to kernel %s: %s", self.kernel_id, error)
            finally:
                socket, self._socket = self._socket, None
                if socket is not None:
                    socket.close()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _listen(self, socket: WebSocketClientConnection) -> None:
        while True:
            data = await socket.read_message()
            if data is None:
                return
            # Outputs of cells pass here too: what is not ours is not parsed.
            text = data if isinstance(data, str) else data.decode()
            if TO_SERVER in text:
                message = json.loads(text)
                if message.get("msg_type") == TO_SERVER:
                    await self._heard(self, message["content"])


def request_for(kernel_id: str, session: str) -> HTTPRequest:
    """How the gateway is asked for a WebSocket to a kernel. The session is the identity of the gateway's own sockets to the kernel, so no
    other connection may have it at the same time."""
    gateway = GatewayClient.instance()
    url = url_path_join(gateway.ws_url or "", gateway.kernels_endpoint, url_escape(kernel_id), "channels")
    return HTTPRequest(f"{url}?session_id={url_escape(session)}", **gateway.load_connection_args())
