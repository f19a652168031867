"""Libraries of the Jupyter server's side in a kernel elsewhere: a replica of each, brought to the server's disk before a cell.

A replica is a library like any other of this machine: found by its import, reloaded and shipped as ever. What is added is a
question before the usual one, and the user's own paths where a person reads them.
"""

from __future__ import annotations

import base64
import importlib
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from autoegg.daemon.client import error_of
from autoegg.errors import AutoeggError, DaemonUnavailable, LibraryChanged
from autoegg.kernel.library import Library
from autoegg.kernel.receiving import Receiving
from autoegg.protocol import Failure, LibrarySpec
from autoegg.remote.expectation import Expectation
from autoegg.remote.line import SILENCE_SECONDS, Line, OfferRefused, ServerSilent
from autoegg.remote.replica import Replica

GREETING_SECONDS = 1.0
"""Between two words to servers while a cell waits for the first offer."""


class ReceivedLibraries:
    """Args:
    folder: private directory for the replicas, which go with the session.
    changed: called when more of a large library has arrived.
    """

    def __init__(self, shell: Any, folder: Path, changed: Callable[[], None]) -> None:
        self._folder = folder
        self.progress = Receiving(changed)
        self._lock = threading.Lock()
        self.server: str | None = None
        """Who gives this kernel its libraries (``autoegg.remote.messages``)."""
        self._replicas: dict[str, Replica] = {}
        kernel = getattr(shell, "kernel", None)
        # A terminal IPython is a kernel of nobody's.
        self._line = Line(kernel, self._offered) if hasattr(kernel, "control_handlers") else None
        self._expectation = Expectation(kernel)
        self._has_heard = threading.Event()

    def install(self) -> None:
        if self._line is not None:
            self._line.install()

    def uninstall(self) -> None:
        if self._line is not None:
            self._line.uninstall()

    def bring(self) -> None:
        """Makes every replica what is on the server's disk now; raises what refuses the cell."""
        if self._line is None:
            return
        if self._line.problem is not None:
            raise DaemonUnavailable(self._line.problem)
        if self._expectation.holds and not self._has_heard.is_set():
            self._wait_for_offer(self._line)
        with self._lock:
            server, replicas = self.server, dict(self._replicas)
        if server is None or not replicas:
            return
        answers = self._line.ask(server, {key: replica.version for key, replica in replicas.items()})
        refusals: list[AutoeggError] = []
        for key, replica in replicas.items():
            answer = answers[key]
            replica.server_key = answer.get("library", replica.server_key)
            if "failure" in answer:
                refusals.append(error_of(Failure.from_json(answer["failure"])))
            elif "version" in answer:
                self._bring(server, key, replica, answer)
        if refusals:
            raise refusals[0]

    def _wait_for_offer(self, line: Line) -> None:
        deadline = time.monotonic() + SILENCE_SECONDS
        while time.monotonic() < deadline:
            # The server may have lost the word of this life of the kernel, and take it for the one before, which has all.
            line.greet()
            if self._has_heard.wait(GREETING_SECONDS):
                return
        raise ServerSilent(
            f"the Jupyter server has not said within {SILENCE_SECONDS:g} s which libraries it has for this kernel, so the cell was "
            "not run; `%autoegg off` continues without them"
        )

    def confirm(self, libraries: Iterable[Library]) -> None:
        """Holds what this machine's daemon has found in the replicas against what the server has said.

        They differ where somebody has changed a replica's files. Raises LibraryChanged; the next cell fetches them again.
        """
        for library in libraries:
            for replica in list(self._replicas.values()):
                if (
                    library.spec.path == replica.local.path
                    and library.pinned is None
                    and library.version is not None
                    and library.version.name != replica.version
                ):
                    replica.forget()
                    raise LibraryChanged(
                        f"the files of {library.name} that came from the Jupyter server were changed on the kernel's machine; run the "
                        "cell again, which fetches them again"
                    )

    def last(self) -> str | None:
        """What runs of the server's libraries while it is not asked, in one sentence; None where there are none."""
        versions = [
            f"{its.spec.name} {its.version[:4]}" for its in list(self._replicas.values()) if its.version
        ]
        if not versions:
            return None
        return f"the Jupyter server is not asked: its libraries run as last received ({', '.join(versions)})"

    def _bring(self, server: str, key: str, replica: Replica, answer: dict[str, Any]) -> None:
        assert self._line is not None
        line, version = self._line, answer["version"]
        contents = {digest: base64.b64decode(data) for digest, data in answer.get("contents", {}).items()}
        files = {path: entry["digest"] for path, entry in answer["files"].items()}
        sizes = {entry["digest"]: entry["size"] for entry in answer["files"].values()}

        def fetch(digests: list[str]) -> dict[str, bytes]:
            self.progress.begin(replica.spec.name, sum(sizes[digest] for digest in digests))
            try:
                return line.fetch(server, key, version, digests, self.progress.add)
            finally:
                self.progress.end()

        replica.bring(version, files, contents, fetch)
        importlib.invalidate_caches()

    def _offered(self, server: str, libraries: list[dict[str, Any]]) -> dict[str, str]:
        """On the control thread. A replica that is offered again is kept; what is not offered any more stays as it is."""
        with self._lock:
            if self.server not in (None, server):
                raise OfferRefused(
                    "another Jupyter server gives this kernel its libraries; restart the kernel to take those of this one"
                )
            self.server = server
            reasons = {it["key"]: self._take(LibrarySpec.from_json(it), it["key"]) for it in libraries}
            if self._replicas:
                self._expectation.keep()
        self._has_heard.set()
        return {key: reason for key, reason in reasons.items() if reason is not None}

    def _take(self, spec: LibrarySpec, key: str) -> str | None:
        """Returns why not, or None."""
        if key in self._replicas:
            return None
        loaded = sys.modules.get(spec.name)
        if loaded is not None:
            place = getattr(loaded, "__file__", None) or "elsewhere"
            return (
                f"{spec.name} has already been imported from {place} on the kernel's machine; restart the kernel and add the library of "
                "the Jupyter server before you import it"
            )
        try:
            replica = Replica(spec, self._folder / f"{len(self._replicas) + 1}")
            replica.folder.mkdir(parents=True, mode=0o700)
        except (AutoeggError, OSError) as error:
            return str(error)
        self._replicas[key] = replica
        sys.path.insert(0, str(replica.folder))
        return None

    def own_paths(self, text: str) -> str:
        """The same text with the user's own paths, on the server's side, for those of replicas."""
        for replica in list(self._replicas.values()):
            local, own = replica.local.path, replica.spec.path
            end = r"(?![\w.-])" if replica.spec.kind == "module" else rf"(?={re.escape(os.sep)}|$|[\"'\s])"
            text = own.join(re.split(re.escape(local) + end, text))
        return text

    def server_key(self, path: str) -> str | None:
        """The key by which the server's daemon knows a replica: what it holds can be looked at there. None for other libraries."""
        return next((its.server_key for its in list(self._replicas.values()) if its.local.path == path), None)

    def own_path(self, path: str) -> str:
        """Where a library lies on the server's side, if it is a replica; else the same path."""
        return next((its.spec.path for its in list(self._replicas.values()) if its.local.path == path), path)
