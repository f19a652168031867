"""The libraries that this server gives: what is on its disk at this moment, as messages to kernels elsewhere."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autoegg.daemon.link import DaemonLink
from autoegg.errors import AutoeggError, LibraryMissing, LibraryRefused, LibraryUnsettled
from autoegg.protocol import BarrierAnswer, LibrarySpec
from autoegg.remote.messages import PART
from autoegg.versions.version import Version

_KEPT = 8
"""Versions of one library that can still be fetched: a kernel fetches what an answer has just named."""


class Offered:
    """Asks the server's daemon. Thread-safe; every method may wait for disk and daemon.

    Args: paths: folders or files, each of which stands for one library or several, for every kernel.
    """

    def __init__(self, paths: list[str]) -> None:
        self.to_all = [os.path.abspath(os.path.expanduser(path)) for path in paths]
        self._link = DaemonLink("server")
        self._lock = threading.Lock()
        self._own: dict[str, list[str]] = {}
        """Kernel to the paths that it alone was given."""
        self._found: dict[str, dict[str, LibrarySpec]] = {}
        """Path to the libraries that it stands for, by key."""
        self._opened: dict[str, str] = {}
        self._versions: OrderedDict[tuple[str, str], Version] = OrderedDict()
        self.problems: dict[str, str] = {}
        """Path to why it stands for no library now, in one sentence."""

    def libraries(self, kernel: str) -> list[dict[str, Any]]:
        """What an ``offer`` to this kernel says. Raises DaemonUnavailable."""
        with self._lock:
            return [{"key": key, **spec.to_json()} for key, spec in self._given_to(kernel).items()]

    def add(self, kernel: str, path: str) -> dict[str, str]:
        """Gives one kernel what an absolute path stands for; returns key to name. Raises LibraryRefused, DaemonUnavailable."""
        with self._lock:
            found = self._find(path)
            if path not in self._own.setdefault(kernel, []):
                self._own[kernel].append(path)
            return {key: spec.name for key, spec in found.items()}

    def forget(self, kernel: str) -> None:
        """The kernel has ended."""
        with self._lock:
            self._own.pop(kernel, None)
            self._close_unused()

    def _given_to(self, kernel: str) -> dict[str, LibrarySpec]:
        given: dict[str, LibrarySpec] = {}
        for path in (*self.to_all, *self._own.get(kernel, ())):
            try:
                given |= self._find(path)
                self.problems.pop(path, None)
            except (LibraryRefused, LibraryMissing, LibraryUnsettled) as error:
                self.problems[path] = str(error)
        return given

    def _find(self, path: str) -> dict[str, LibrarySpec]:
        if path not in self._found:
            self._found[path] = {f"{spec.name} {spec.path}": spec for spec in self._link.find(path)}
        return self._found[path]

    def _close_unused(self) -> None:
        """Has the daemon watch no library that no kernel has any more."""
        wanted = {*self.to_all, *(path for paths in self._own.values() for path in paths)}
        for path in self._found.keys() - wanted:
            del self._found[path]
        keys = {key for found in self._found.values() for key in found}
        for key in self._opened.keys() - keys:
            self._link.close_library(self._opened.pop(key))
        for version in [version for version in self._versions if version[0] not in keys]:
            del self._versions[version]

    def answer(self, kernel: str, known: Mapping[str, str | None]) -> dict[str, dict[str, Any]]:
        """What an ``answer`` says of these libraries, given the versions that the kernel has. Raises DaemonUnavailable."""
        answers: dict[str, dict[str, Any]] = {}
        with self._lock:
            given = self._given_to(kernel)
            questions: dict[str, str | None] = {}
            for key, version in known.items():
                try:
                    if key not in given:
                        raise LibraryRefused(f"the Jupyter server no longer gives {key.partition(' ')[0]}")
                    if key not in self._opened:
                        self._opened[key] = self._link.open(given[key])
                    questions[key] = version
                except (LibraryRefused, LibraryMissing, LibraryUnsettled) as error:
                    answers[key] = {"failure": _failure(error)}
            asked = self._link.barrier({self._opened[key]: questions[key] for key in questions})
            for key in questions:
                found = self._answer_of(key, given[key], asked[self._opened[key]])
                answers[key] = {**found, "library": self._opened[key]}
        return answers

    def parts(self, kernel: str, key: str, version: str, digests: list[str]) -> Iterator[dict[str, Any]]:
        """The ``part`` messages that bring these contents. Raises LibraryMissing where the version is no longer kept."""
        with self._lock:
            kept = self._versions.get((key, version)) if key in self._given_to(kernel) else None
        places = {} if kept is None else {digest: path for path, digest in kept.digests.items()}
        for digest in digests:
            if kept is None or digest not in places:
                raise LibraryMissing("the library has changed while it was sent; run the cell again")
            content = kept.read(places[digest])
            for start in range(0, max(1, len(content)), PART):
                data = base64.b64encode(content[start : start + PART]).decode()
                yield {"digest": digest, "data": data, "last": start + PART >= len(content)}

    def close(self) -> None:
        self._link.close()

    def _answer_of(self, key: str, spec: LibrarySpec, answer: BarrierAnswer) -> dict[str, Any]:
        if answer.failure is not None:
            return {"failure": vars(answer.failure)}
        if answer.delivery is None:
            return {"unchanged": True}
        version = Version(spec, answer.delivery)
        self._versions[key, version.name] = version
        self._versions.move_to_end((key, version.name))
        while len(self._versions) > _KEPT * len(self._opened):
            self._versions.popitem(last=False)
        files = json.loads(Path(answer.delivery.manifest).read_bytes())["files"]
        return {
            "version": version.name,
            "files": files,
            "contents": self._small(version, files, answer.changed or ()),
        }

    def _small(
        self, version: Version, files: dict[str, dict[str, Any]], changed: tuple[str, ...]
    ) -> dict[str, str]:
        """Contents of what has changed since the kernel's version, the small ones: a usual edit then takes one round trip."""
        contents: dict[str, str] = {}
        room = PART
        for path in sorted((path for path in changed if path in files), key=lambda path: files[path]["size"]):
            room -= files[path]["size"]
            if room < 0:
                break
            content = version.read(version.absolute(path))
            contents[files[path]["digest"]] = base64.b64encode(content).decode()
        return contents


def _failure(error: AutoeggError) -> dict[str, Any]:
    codes = {LibraryMissing: "missing", LibraryUnsettled: "unsettled"}
    return {"code": codes.get(type(error), "refused"), "message": str(error), "file": error.file}
