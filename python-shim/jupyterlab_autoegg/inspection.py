"""What a person may look at of a library: what would be shipped, what changed between two versions, one file as it was.

All of it comes out of the daemon's store, by the names that a version's manifest has: no path that a request names is
ever opened. The daemon only says where the store has a version, so that it keeps answering kernels meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from autoegg.daemon.client import Client, ConnectionBroken
from autoegg.errors import DaemonUnavailable
from autoegg.protocol import LibrarySpec
from autoegg.versions.version import place_of

from .comparing import Comparing, TooSlow

_T = TypeVar("_T")

_LARGEST = 1_000_000
"""Bytes of a file that is shown or compared."""

_VERSION = re.compile(r"[0-9a-f]{64}")


class Malformed(Exception):
    """The question itself is wrong. ``str()`` is one sentence."""


class NotThere(Exception):
    """What was asked for is not, or no longer, in the library. ``str()`` is one sentence."""


@dataclass(frozen=True)
class _Stored:
    spec: LibrarySpec
    files: dict[str, dict[str, Any]]
    eggs: tuple[str, ...]


class Inspection:
    """Asks the daemon that ``rendezvous`` names. Thread-safe; every method may wait for disk and daemon.

    All of them raise Malformed, NotThere, or what the daemon refuses the question with (AutoeggError).
    """

    def __init__(self, rendezvous: Path) -> None:
        self._rendezvous = rendezvous
        self._lock = threading.Lock()
        self._client: Client | None = None
        # The server's own threads serve files and terminals; these may all wait for a daemon that is busy.
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="autoegg-inspection")
        self._comparing = Comparing()

    def close(self) -> None:
        """Ends the connection; a question that is being asked fails."""
        client = self._client
        if client is not None:
            client.shutdown()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def apart(self, ask: Callable[[], _T]) -> _T:
        """Runs one of the other questions in a separate thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask)

    def contents(self, library: str) -> dict[str, Any]:
        """A ``LibraryContents`` message."""
        return self._ask("contents", {"library": library})

    def changes(self, library: str, before: str, after: str) -> dict[str, Any]:
        """A ``Changes`` message."""
        old, new = self._files(library, before), self._files(library, after)
        return {
            "added": sorted(new.keys() - old.keys()),
            "changed": sorted(
                path for path in new.keys() & old.keys() if new[path]["digest"] != old[path]["digest"]
            ),
            "removed": sorted(old.keys() - new.keys()),
        }

    async def difference(self, library: str, path: str, before: str, after: str) -> dict[str, Any]:
        """A ``Difference`` message."""
        texts = await self.apart(lambda: self._texts(library, path, before, after))
        if isinstance(texts, str):
            return {"lines": None, "reason": texts, "cut": False}
        try:
            lines, cut = await self._comparing.difference(*texts)
        except TooSlow:
            return {"lines": None, "reason": "slow", "cut": False}
        return {"lines": lines, "reason": None, "cut": cut}

    def _texts(self, library: str, path: str, before: str, after: str) -> tuple[str, str] | str:
        """A file's text in two versions, or the reason why it cannot be compared."""
        both = []
        for version in (before, after):
            data = self._bytes(library, version, path)
            if data is None:
                return "large"
            text = _text(data)
            if text is None:
                return "binary"
            both.append(text)
        return both[0], both[1]

    def file(self, library: str, path: str, version: str | None) -> dict[str, Any]:
        """A ``FileText`` message."""
        if version is None:
            version = self._ask("version", {"library": library, "version": None})["version"]
        if version is None or path not in self._files(library, version):
            raise NotThere(f"{path} is not a file of this library.")
        data = self._bytes(library, version, path)
        text = None if data is None else _text(data)
        if text is None:
            raise NotThere(f"{path} is not text, or is too large to be shown.")
        return {"path": path, "version": version, "text": text}

    def _files(self, library: str, version: str) -> dict[str, dict[str, Any]]:
        return self._stored(library, version).files

    def _bytes(self, library: str, version: str, path: str) -> bytes | None:
        """Content of a file in a version; empty where the version has no such file, None where it is too large."""
        stored = self._stored(library, version)
        _check_inside(stored.spec, path)
        if path not in stored.files:
            return b""
        for egg in reversed(stored.eggs):
            with zipfile.ZipFile(egg) as archive:
                if path in archive.NameToInfo:
                    return None if archive.getinfo(path).file_size > _LARGEST else archive.read(path)
        raise NotThere(f"Version {version[:4]} is no longer kept, so {path} cannot be shown as it was.")

    def _stored(self, library: str, version: str) -> _Stored:
        if not _VERSION.fullmatch(version):
            raise Malformed("A version is named by the 64 hexadecimal digits of its digest.")
        found = self._ask("version", {"library": library, "version": version})
        if found["manifest"] is None:
            raise NotThere(f"Version {version[:4]} is no longer kept.")
        return _Stored(
            LibrarySpec.from_json(found["spec"]), _manifest(found["manifest"]), tuple(found["eggs"])
        )

    def _ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            for attempt in (1, 2):
                try:
                    if self._client is None or self._client.closed:
                        self._client = Client(self._rendezvous, "server")
                    return self._call(self._client, method, params)
                except ConnectionBroken:
                    # The daemon was restarted: its successor has the same place.
                    self._client = None
                    if attempt == 2:
                        raise
        raise AssertionError  # pragma: no cover

    @staticmethod
    def _call(client: Client, method: str, params: dict[str, Any]) -> dict[str, Any]:
        try:
            return client.call(method, params)
        except ConnectionBroken:
            raise
        except DaemonUnavailable as refused:
            # It has answered: it knows no such library.
            raise NotThere(str(refused)) from None


@lru_cache(maxsize=16)
def _manifest(path: str) -> dict[str, dict[str, Any]]:
    """Manifests are never written again."""
    files: dict[str, dict[str, Any]] = json.loads(Path(path).read_bytes())["files"]
    return files


def _text(data: bytes) -> str | None:
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")  # sources that name another encoding


def _check_inside(spec: LibrarySpec, path: str) -> None:
    """A link that leads out of the library's folder is shipped as what it leads to; that is not shown here."""
    top, real = os.path.realpath(spec.path), os.path.realpath(place_of(spec, path))
    if real != top and not real.startswith(top + os.sep):
        raise NotThere(f"{path} is a link that leads out of the library.")
