"""One connection to a daemon: a request in, its answer out."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import (
    AutoeggError,
    DaemonUnavailable,
    LibraryMissing,
    LibraryRefused,
    LibraryUnsettled,
    StoreUnwritable,
)
from ..protocol import PROTOCOL, Failure

CONNECT_SECONDS = 20.0
"""How long a daemon may take to greet; one that is stopped is connected to and never answers."""

_ERRORS: dict[str, type[AutoeggError]] = {
    "refused": LibraryRefused,
    "too-large": LibraryRefused,
    "missing": LibraryMissing,
    "unreadable": LibraryMissing,
    "unsettled": LibraryUnsettled,
    "store": StoreUnwritable,
}


def error_of(failure: Failure) -> AutoeggError:
    """The exception that says what the daemon said."""
    return _ERRORS.get(failure.code, DaemonUnavailable)(failure.message, file=failure.file)


class ConnectionBroken(DaemonUnavailable):
    """The daemon went away: a new one may be found where the rendezvous file says."""


class Client:
    """A connection that stays open. Not thread-safe: one caller at a time.

    An exception in the middle of a request (also KeyboardInterrupt) closes the connection, because its answer would
    be taken for that of the next request.
    """

    def __init__(self, rendezvous: Path, role: str) -> None:
        """Connect and say hello. Raises ConnectionBroken, or DaemonUnavailable if it must not be used."""
        path = _read_rendezvous(rendezvous)
        self.rendezvous = rendezvous
        self.closed = False
        self._number = 0
        self._buffer = b""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(CONNECT_SECONDS)
            self._socket.connect(path)
            _check_peer(self._socket)
            self.daemon = self.call("hello", {"protocol": PROTOCOL, "role": role, "pid": os.getpid()})
            # An open of a large library may take its time.
            self._socket.settimeout(None)
        except OSError as error:
            self.close()
            raise ConnectionBroken(
                f"autoegg's daemon does not answer at {path} ({error.strerror})."
            ) from None
        except BaseException:
            self.close()
            raise

    def call(self, method: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Ask, and return the result. Raises the daemon's refusal, or ConnectionBroken."""
        self._number += 1
        number = self._number
        line = json.dumps({"id": number, "method": method, "params": params or {}}, separators=(",", ":"))
        try:
            self._socket.sendall(line.encode() + b"\n")
            while True:
                answer = self.receive()
                if answer.get("id") == number:
                    break
        except OSError:
            self.close()
            raise ConnectionBroken("The connection to autoegg's daemon was lost.") from None
        except BaseException:
            self.close()
            raise
        if "failure" in answer:
            raise error_of(Failure.from_json(answer["failure"]))
        result: dict[str, Any] = answer["result"]
        return result

    def receive(self) -> dict[str, Any]:
        """Return the next line that the daemon sends. Raises OSError when there will be none."""
        while True:
            line, found, rest = self._buffer.partition(b"\n")
            if found:
                self._buffer = rest
                message: dict[str, Any] = json.loads(line)
                return message
            part = self._socket.recv(1 << 16)
            if not part:
                raise ConnectionResetError
            self._buffer += part

    def notices(self) -> Iterator[dict[str, Any]]:
        """Yield what the daemon pushes after ``subscribe``, until the connection ends."""
        while True:
            try:
                yield self.receive()
            except OSError:
                return

    def shutdown(self) -> None:
        """End the connection from another thread than the one that is receiving."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.closed = True
        self._socket.close()


def is_reachable(rendezvous: Path) -> bool:
    """Whether something listens where the rendezvous file says."""
    try:
        path = _read_rendezvous(rendezvous)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(CONNECT_SECONDS)
            probe.connect(path)
    except (OSError, DaemonUnavailable):
        return False
    return True


def _read_rendezvous(path: Path) -> str:
    try:
        with path.open("rb") as file:
            info = os.fstat(file.fileno())
            data = json.loads(file.read())
        address: str = data["socket"]
        protocol: int = data["protocol"]
    except (OSError, ValueError, KeyError, TypeError):
        raise ConnectionBroken(
            f"autoegg's daemon is not running: {path} does not name its address."
        ) from None
    if info.st_uid != os.getuid() or stat.S_IMODE(info.st_mode) & 0o077:
        raise DaemonUnavailable(f"autoegg does not use {path}: other users may read or write it.")
    if protocol != PROTOCOL:
        raise DaemonUnavailable(
            f"This kernel speaks autoegg's protocol {PROTOCOL} and the daemon protocol {protocol}: "
            "restart the Jupyter server and this kernel so that both have the same version."
        )
    return address


def _check_peer(connection: socket.socket) -> None:
    """Make sure that the process at the other end is ours (Linux: SO_PEERCRED, macOS: LOCAL_PEERCRED)."""
    if hasattr(socket, "SO_PEERCRED"):
        size = struct.calcsize("3i")
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        uid = struct.unpack("3i", credentials)[1]
    elif sys.platform == "darwin":
        # struct xucred: version, uid, then the groups; SOL_LOCAL is 0 and LOCAL_PEERCRED 1 (sys/un.h).
        uid = struct.unpack("2I", connection.getsockopt(0, 1, 76)[:8])[1]
    else:
        return
    if uid != os.getuid():
        raise DaemonUnavailable("autoegg does not use a daemon of another user.")
