"""Finding a daemon: the Jupyter server's while it has one, else one of our own."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from ..errors import DaemonUnavailable
from ..protocol import RENDEZVOUS_VARIABLE
from .client import Client, ConnectionBroken
from .launch import ChildDaemon

RESTART_SECONDS = 5.0
"""How long to wait for a daemon that its owner may be starting or restarting."""


class DaemonFinder:
    """Connects to the daemon that ``$AUTOEGG_DAEMON`` names, else to a child of this process.

    A server that ends removes the directory of its rendezvous file, so that no kernel waits for it. If the
    directory is there and no daemon comes within RESTART_SECONDS, a child takes over; from then on the named daemon is
    still preferred whenever a connection is needed, but no longer waited for. Not thread-safe except for ``place`` and
    ``close``.
    """

    def __init__(self, role: str, store: Path | None = None, log: Path | None = None) -> None:
        """``store`` and ``log`` are for a daemon of its own."""
        self._role, self._store, self._log = role, store, log
        named = os.environ.get(RENDEZVOUS_VARIABLE)
        self._named = Path(named) if named else None
        self._given_up = False
        """The named daemon did not come in time."""
        self._lock = threading.Lock()
        self._child: ChildDaemon | None = None
        self._place = self._named
        self.closed = False

    def connect(self) -> Client:
        """A new connection. Raises DaemonUnavailable."""
        client = self._connect_named() if self._named is not None else None
        return client or self._connect_own()

    def place(self) -> Path:
        """The rendezvous file of the daemon that was connected to last. Starts none; raises ConnectionBroken."""
        place = self._place
        if place is None:
            raise ConnectionBroken("autoegg's daemon has not been started yet.")
        return place

    def close(self) -> None:
        """End the daemon if it is ours; ``connect`` raises DaemonUnavailable from now on."""
        self.closed = True
        self._end_child()

    def _connect_named(self) -> Client | None:
        """Connect to the server's daemon, waiting while there is hope; None if there is none."""
        assert self._named is not None
        deadline = time.monotonic() + (0 if self._given_up else RESTART_SECONDS)
        while not self.closed:
            try:
                client = Client(self._named, self._role)
            except ConnectionBroken:
                if time.monotonic() >= deadline or not self._named.parent.is_dir():
                    self._given_up = True
                    return None
                time.sleep(0.05)
            else:
                self._given_up = False
                self._place = self._named
                self._end_child()
                return client
        return None

    def _connect_own(self) -> Client:
        deadline = time.monotonic() + RESTART_SECONDS
        while True:
            try:
                place = self._own()
                client = Client(place, self._role)
            except ConnectionBroken:
                # It listens before its address is published: a daemon that cannot be reached now has lost its socket.
                self._end_child()
                if time.monotonic() >= deadline:
                    raise
            except DaemonUnavailable as error:
                if self._named is None or self.closed:
                    raise
                raise DaemonUnavailable(
                    f"The Jupyter server's autoegg daemon is not running ({self._named}) "
                    f"and this kernel cannot start its own: {error}"
                ) from None
            else:
                self._place = place
                return client

    def _own(self) -> Path:
        with self._lock:
            if self.closed:
                raise DaemonUnavailable("autoegg's link to its daemon is closed.")
            if self._child is None or not self._child.alive():
                if self._child is not None:
                    self._child.close()
                    self._child = None
                self._child = ChildDaemon(self._store, self._log)
            return self._child.rendezvous

    def _end_child(self) -> None:
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.close()
