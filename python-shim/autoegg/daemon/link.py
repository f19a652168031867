"""What a kernel talks to: a daemon, whichever one it is at the moment."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ..errors import AutoeggError, LibraryMissing, LibraryRefused, LibraryUnsettled
from ..protocol import BarrierAnswer, Delivery, Failure, LibrarySpec
from .client import Client, ConnectionBroken
from .finder import DaemonFinder

Listener = Callable[[dict[str, Any], "Delivery | None"], None]
T = TypeVar("T")


class DaemonLink:
    """The Jupyter server's daemon, else a child of this process (``DaemonFinder`` says when); never somebody else's.

    When it goes away, the next call finds its successor, opens there what was open, and asks again once. Keys that
    ``open`` has returned stay good. Thread-safe; an interrupted call leaves the link usable.
    """

    def __init__(self, role: str = "kernel", store: Path | None = None, log: Path | None = None) -> None:
        """Connects with the first call. ``store`` and ``log`` are for a daemon of its own."""
        self._role = role
        self._finder = DaemonFinder(role, store, log)
        self._lock = threading.RLock()
        self._client: Client | None = None
        self._specs: dict[str, LibrarySpec] = {}
        self._keys: dict[str, str] = {}
        """The present daemon's key for a library: it differs only if links on its path were changed."""
        self._lost: dict[str, AutoeggError] = {}
        """Libraries that the present daemon would not open, and why."""
        self._closed = False
        self._subscription: threading.Thread | None = None
        self._listening: Client | None = None

    def open(self, spec: LibrarySpec) -> str:
        """Have a library watched; returns the daemon's key when the eggs of its present version are ready.

        Raises LibraryRefused, LibraryMissing, LibraryUnsettled, DaemonUnavailable.
        """
        with self._lock:
            key: str = self._retry(lambda client: client.call("open", spec.to_json())["library"])
            self._specs[key] = spec
            self._keys[key] = key
            self._lost.pop(key, None)
            return key

    def close_library(self, library: str) -> None:
        """Stop watching it for this link. Unknown keys and a missing daemon are no error."""
        with self._lock:
            self._specs.pop(library, None)
            self._lost.pop(library, None)
            key = self._keys.pop(library, None)
            if key is not None and self._client is not None:
                with contextlib.suppress(AutoeggError):
                    self._client.call("close", {"library": key})

    def barrier(self, known: Mapping[str, str | None]) -> dict[str, BarrierAnswer]:
        """Make sure what the versions on disk are now, given the versions that the caller has.

        An answer contains what is wrong with its library. Raises DaemonUnavailable.
        """
        with self._lock:
            return self._retry(lambda client: self._barrier(client, known))

    def status(self) -> list[dict[str, Any]]:
        """What the daemon knows of all its libraries, also those of others (``LibraryStatus`` of the protocol)."""
        with self._lock:
            statuses: list[dict[str, Any]] = self._retry(lambda client: client.call("status")["libraries"])
            return statuses

    def contents(self, library: str) -> dict[str, Any]:
        """Which files of an open library are shipped and which are not (``LibraryContents`` of the protocol)."""
        with self._lock:
            return self._retry(
                lambda client: client.call("contents", {"library": self._keys.get(library, library)})
            )

    def find(self, path: str) -> list[LibrarySpec]:
        """The libraries that an absolute path stands for. Raises LibraryRefused when there is none."""
        with self._lock:
            found = self._retry(lambda client: client.call("find", {"path": path})["libraries"])
            return [LibrarySpec.from_json(spec) for spec in found]

    def subscribe(self, callback: Listener) -> None:
        """Call back, in a thread of the link's own, with every library's status, then whenever one changes or has new eggs.

        Continues across restarts of the daemon. The callback must not raise; what it raises is dropped.
        """
        with self._lock:
            if self._subscription is not None:
                raise RuntimeError("a link has one subscriber")
            self._subscription = threading.Thread(
                target=self._listen, args=(callback,), name="autoegg-notices", daemon=True
            )
            self._subscription.start()

    def close(self) -> None:
        """End the connections, and the daemon if it is ours. Calls afterwards raise DaemonUnavailable."""
        self._closed = self._finder.closed = True
        listening = self._listening
        if listening is not None:
            listening.shutdown()
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None
        self._finder.close()
        if self._subscription is not None and self._subscription is not threading.current_thread():
            self._subscription.join(timeout=5)

    def _barrier(self, client: Client, known: Mapping[str, str | None]) -> dict[str, BarrierAnswer]:
        for library in [library for library in known if library in self._lost]:
            self._reopen(client, library)
        questions = [
            {"library": self._keys.get(library, library), "known": version}
            for library, version in known.items()
            if library not in self._lost
        ]
        result = client.call("barrier", {"libraries": questions})["libraries"] if questions else []
        by_key = {answer["library"]: answer for answer in result}
        answers: dict[str, BarrierAnswer] = {}
        for library in known:
            error = self._lost.get(library)
            if error is not None:
                answers[library] = BarrierAnswer(library, failure=_failure_of(error))
            else:
                answer = by_key[self._keys.get(library, library)]
                answers[library] = BarrierAnswer.from_json({**answer, "library": library})
        return answers

    def _retry(self, ask: Callable[[Client], T]) -> T:
        """Ask; if the daemon has gone away, find its successor and ask once more."""
        client = self._connected()
        try:
            return ask(client)
        except ConnectionBroken:
            self._client = None
        except BaseException:
            # The client closes itself if an answer may still be on its way.
            if client.closed:
                self._client = None
            raise
        return ask(self._connected())

    def _connected(self) -> Client:
        if self._client is None or self._client.closed:
            client = self._finder.connect()
            try:
                for library in self._specs:
                    self._reopen(client, library)
            except BaseException:
                client.close()
                raise
            self._client = client
            listening = self._listening
            if listening is not None and listening.rendezvous != client.rendezvous:
                # Notices come from the daemon that is asked.
                listening.shutdown()
        return self._client

    def _reopen(self, client: Client, library: str) -> None:
        self._lost.pop(library, None)
        try:
            self._keys[library] = client.call("open", self._specs[library].to_json())["library"]
        except ConnectionBroken:
            raise
        except AutoeggError as error:
            self._lost[library] = error

    def _listen(self, callback: Listener) -> None:
        pause = 0.05
        while not self._closed:
            try:
                client = Client(self._finder.place(), self._role)
                client.call("subscribe")
            except AutoeggError:
                time.sleep(pause)
                pause = min(pause * 2, 2.0)
                continue
            pause = 0.05
            self._listening = client
            try:
                for notice in client.notices():
                    if self._closed:
                        break
                    if notice.get("notice") == "library":
                        delivery = notice["delivery"]
                        with contextlib.suppress(Exception):
                            callback(notice["status"], delivery and Delivery.from_json(delivery))
            finally:
                client.close()


def _failure_of(error: AutoeggError) -> Failure:
    codes = {LibraryRefused: "refused", LibraryMissing: "missing", LibraryUnsettled: "unsettled"}
    return Failure(codes.get(type(error), "internal"), str(error), error.file)
