"""The network between a server and a gateway, which can be cut."""

from __future__ import annotations

import contextlib
import socket
import threading


class Wire:
    """Passes on what arrives at ``url`` to a port of this machine, on threads that end with it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._lock = threading.Lock()
        self._live: list[socket.socket] = []
        self._silent: list[socket.socket] = []
        self._down = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """What passes it goes nowhere, and nobody is told; new connections fail. As with a cable that is pulled out."""
        with self._lock:
            self._down = True
            self._silent += self._live
            self._live.clear()

    def tear(self) -> None:
        """Both sides are told that their connections have ended; new ones fail. As where something between them is started again."""
        with self._lock:
            self._down = True
            for end in self._live:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self._live.clear()

    def mend(self) -> None:
        """New connections pass. The old ones stay dead, as after a network has forgotten them."""
        with self._lock:
            self._down = False

    def close(self) -> None:
        self._listener.close()
        with self._lock:
            for end in (*self._live, *self._silent):
                # A thread that waits for this end is woken.
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                with self._lock:
                    if self._down:
                        near.close()
                        continue
                    far = socket.create_connection(("127.0.0.1", self._port))
                    self._live += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                with self._lock:
                    passes = source in self._live
                if passes:
                    target.sendall(data)
            with self._lock:
                passes = source in self._live
            if passes:
                target.shutdown(socket.SHUT_WR)
