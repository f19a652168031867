"""A network with latency: a proxy on loopback that hands on each byte half a round trip after it has come."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType


class DelayedPort:
    """``url`` leads to a port of this machine; both directions are delayed by half of ``round_trip`` seconds, in order, at any rate."""

    def __init__(self, port: int, round_trip: float) -> None:
        self._port = port
        self._pause = round_trip / 2
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        listening = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._accept, "127.0.0.1", 0), self._loop
        ).result()
        self.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"

    def __enter__(self) -> DelayedPort:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join()

    def _end(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.call_soon(self._loop.stop)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Writes at the time that each part is due, so that parts under way do not wait for one another."""
        while data := await reader.read(65536):
            self._loop.call_later(self._pause, writer.write, data)
        self._loop.call_later(self._pause, writer.close)
