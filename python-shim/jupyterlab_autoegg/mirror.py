"""What the browser gets: the daemon's condition and the libraries that it watches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from autoegg.protocol import PROTOCOL

BURST_SECONDS = 0.05
"""Changes this close together are published once: opening ten libraries is one event, not thirty."""


@dataclass(frozen=True)
class DaemonState:
    """The daemon's life as the server sees it; ``DaemonState`` of ``src/protocol/events.ts``."""

    condition: Literal["idle", "starting", "running", "restarting", "unavailable"]
    message: str | None = None
    pid: int | None = None


class Mirror:
    """Holds the newest ``ServerState`` and hands each new one to ``publish``, bursts coalesced.

    Must be used from the thread of a running event loop.
    """

    def __init__(self, publish: Callable[[dict[str, Any]], None]) -> None:
        self._publish = publish
        self._daemon = DaemonState("idle")
        self._libraries: dict[str, dict[str, Any]] = {}
        self._pending: asyncio.TimerHandle | None = None

    def state(self) -> dict[str, Any]:
        """The current ``ServerState``."""
        return {
            "protocol": PROTOCOL,
            "daemon": asdict(self._daemon),
            "libraries": sorted(
                self._libraries.values(), key=lambda library: (library["name"], library["path"])
            ),
        }

    def set_daemon(self, daemon: DaemonState) -> None:
        """Takes the daemon's new condition; a daemon that does not run watches nothing."""
        self._daemon = daemon
        if daemon.condition != "running":
            self._libraries.clear()
        self._changed()

    def take(self, event: dict[str, Any]) -> None:
        """Takes a ``DaemonEvent``: a library's new status, or that it is no longer used; others change nothing."""
        if event["event"] == "library":
            self._libraries[event["status"]["library"]] = event["status"]
            self._changed()
        elif event["event"] == "closed" and self._libraries.pop(event["library"], None) is not None:
            self._changed()

    def close(self) -> None:
        """Publishes nothing from now on."""
        if self._pending is not None:
            self._pending.cancel()

    def _changed(self) -> None:
        if self._pending is None:
            self._pending = asyncio.get_running_loop().call_later(BURST_SECONDS, self._flush)

    def _flush(self) -> None:
        self._pending = None
        self._publish(self.state())
