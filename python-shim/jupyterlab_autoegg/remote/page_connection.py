"""A page's connection to a kernel behind the gateway: one at a time for each session, and nothing that the page has sent is lost on the way.

It takes the place of Jupyter's own (``jupyter_server.gateway.connections``, 2.21), with which a cell may never reach the kernel, and then never ends:

- The gateway's socket to the kernel has the page's session as its identity, and of two with one identity a kernel hears only the one that has
  connected last (``ROUTER_HANDOVER``; the other is told nothing). Jupyter's own leaves a WebSocket to the gateway open for ever if the page goes
  while it is being made. JupyterLab does so at each start of a kernel: its first attempt, with a subprotocol, fails behind a gateway, and it makes
  a second one with the same session. When the kernel is started again, both connect anew, in any order (``tests/remote/test_page_connection.py``).
- What a page sends while the gateway is being looked for again is dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any

from jupyter_server.gateway.connections import GatewayWebSocketConnection
from jupyter_server.gateway.gateway_client import GatewayClient
from tornado.websocket import WebSocketClientConnection, WebSocketError, websocket_connect

from .connection import request_for

CLASS_SETTING = "kernel_websocket_connection_class"
"""The server looks here for the class of each connection that a page makes."""

PING_SECONDS = 30.0
"""How often the gateway is asked whether it is there. Not more often: it says nothing while it waits for a kernel that starts."""

_CLOSED = 1000
"""The code of a WebSocket that both sides have closed, RFC 6455."""

_TRY_AGAIN = 1012
"""That of one after which a page connects anew."""


class _Turn:
    """Of the connections of one page to one kernel."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        """Held while there is one."""
        self.left_behind = 0
        """How many the gateway may still have although they were closed: it has not confirmed that."""


_turns: dict[tuple[str, str], _Turn] = {}


class PageConnection(GatewayWebSocketConnection):
    """``ws`` is the WebSocket to the gateway while there is one. All methods belong to the event loop's thread."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._held: list[str] = []
        """What the page has sent and the gateway has not got."""
        self._gone = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Begins to connect; returns at once."""
        self._task = asyncio.create_task(self._run(), name=f"autoegg: page to kernel {self.kernel_id}")

    def disconnect(self) -> None:  # type: ignore[override]  # as Jupyter's own, which its handler does not await
        """The page has gone."""
        self.disconnected = True
        self._gone.set()
        if self.ws is not None:
            self.ws.close(_CLOSED)

    def handle_incoming_message(self, message: str) -> None:
        if self.ws is not None:
            with contextlib.suppress(WebSocketError):
                self.ws.write_message(message, binary=isinstance(message, bytes))
                return
        if not self.disconnected:
            self._held.append(message)

    async def _run(self) -> None:
        key = self.kernel_id, self.session_id
        turn = _turns.setdefault(key, _Turn())
        async with turn.lock:
            while not self.disconnected:
                try:
                    await self._once(turn)
                except Exception as error:
                    self.log.warning("Kernel %s cannot be reached at the gateway: %s", self.kernel_id, error)
                if not self.disconnected and not await self._may_try_again():
                    # The page connects anew, and says meanwhile that it is not connected.
                    self.websocket_handler.close(_TRY_AGAIN)
                    break
        if not turn.left_behind and not turn.lock.locked():
            _turns.pop(key, None)

    async def _once(self, turn: _Turn) -> None:
        session = f"{self.session_id}-{turn.left_behind}" if turn.left_behind else self.session_id
        socket = await websocket_connect(
            request_for(self.kernel_id, session), ping_interval=PING_SECONDS, ping_timeout=PING_SECONDS
        )
        self.retry = 0
        if self.disconnected:
            socket.close(_CLOSED)
        else:
            self.ws = socket
            held, self._held = self._held, []
            for message in held:
                self.handle_incoming_message(message)
        try:
            await self._listen(socket)
        finally:
            self.ws = None
        if self.disconnected and socket.close_code != _CLOSED:
            turn.left_behind += 1

    async def _listen(self, socket: WebSocketClientConnection) -> None:
        """Until it is closed, also where the page has gone: before that, the next one must not begin."""
        while (message := await socket.read_message()) is not None:
            if not self.disconnected:
                self.handle_outgoing_message(message if isinstance(message, str) else message.decode())

    async def _may_try_again(self) -> bool:
        """Waits as long as is configured for Jupyter's own; not when it has been tried often enough, or the page goes."""
        gateway = GatewayClient.instance()
        if self.retry >= gateway.gateway_retry_max:
            return False
        pause = min(gateway.gateway_retry_interval * 2**self.retry, gateway.gateway_retry_interval_max)
        self.retry += 1
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._gone.wait(), pause + random.uniform(0.1, 1.0))
        return not self.disconnected


def connect_pages(settings: dict[str, Any]) -> None:
    """Args: settings: of the server. Somebody else's class of connections is left alone."""
    if settings.get(CLASS_SETTING) is GatewayWebSocketConnection:
        settings[CLASS_SETTING] = PageConnection
