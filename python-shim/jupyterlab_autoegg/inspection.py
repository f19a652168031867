"""What a person may look at of a library: what would be shipped, what changed between two versions, one file as it was.

All of it comes out of the daemon's store, by the names that a version's manifest has: no path that a request names is
ever opened. The daemon only says where the store has a version, so that it goes on answering kernels meanwhile.
"""

from __future__ import annotations

import difflib
import json
import os
import threading
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from autoegg.daemon.client import Client, ConnectionBroken
from autoegg.kernel.library import place_of
from autoegg.protocol import LibrarySpec

_LARGEST = 1_000_000
"""Bytes of a file that is shown or compared."""

_CONTEXT = 3


class NotThere(Exception):
    """What was asked for is not in the library, or not any more. ``str()`` is one sentence."""


@dataclass(frozen=True)
class _Stored:
    spec: LibrarySpec
    files: dict[str, dict[str, Any]]
    eggs: tuple[str, ...]


class Inspection:
    """Asks the daemon that ``rendezvous`` names. Thread-safe; every method may wait for disk and daemon.

    All of them raise NotThere, or what the daemon refuses the question with (AutoeggError).
    """

    def __init__(self, rendezvous: Path) -> None:
        self._rendezvous = rendezvous
        self._lock = threading.Lock()
        self._client: Client | None = None

    def close(self) -> None:
        """Ends the connection; a question that is being asked fails."""
        client = self._client
        if client is not None:
            client.shutdown()

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

    def difference(self, library: str, path: str, before: str, after: str) -> dict[str, Any]:
        """A ``Difference`` message."""
        texts: list[list[str]] = []
        for version in (before, after):
            data = self._bytes(library, version, path)
            if len(data) > _LARGEST:
                return {"lines": None, "reason": "large"}
            text = _text(data)
            if text is None:
                return {"lines": None, "reason": "binary"}
            texts.append(text.splitlines())
        old, new = texts
        lines = list(difflib.unified_diff(old, new, lineterm="", n=_CONTEXT))
        return {"lines": lines[2:], "reason": None}

    def file(self, library: str, path: str, version: str | None) -> dict[str, Any]:
        """A ``FileText`` message."""
        if version is None:
            version = self._ask("version", {"library": library, "version": None})["version"]
        if version is None or path not in self._files(library, version):
            raise NotThere(f"{path} is not a file of this library.")
        _check_inside(self._stored(library, version).spec, path)
        data = self._bytes(library, version, path)
        text = _text(data) if len(data) <= _LARGEST else None
        if text is None:
            raise NotThere(f"{path} is no text, or too large to be shown.")
        return {"path": path, "version": version, "text": text}

    def _files(self, library: str, version: str) -> dict[str, dict[str, Any]]:
        return self._stored(library, version).files

    def _bytes(self, library: str, version: str, path: str) -> bytes:
        """Content of a file in a version; empty where the version has no such file."""
        stored = self._stored(library, version)
        if path not in stored.files:
            return b""
        for egg in reversed(stored.eggs):
            with zipfile.ZipFile(egg) as archive:
                if path in archive.NameToInfo:
                    return archive.read(path)
        raise NotThere(f"Version {version[:4]} is no longer kept, so {path} cannot be shown as it was.")

    def _stored(self, library: str, version: str) -> _Stored:
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
                    return self._client.call(method, params)
                except ConnectionBroken:
                    # The daemon was started anew: its successor has the same place.
                    self._client = None
                    if attempt == 2:
                        raise
        raise AssertionError  # pragma: no cover


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
