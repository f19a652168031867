"""Which bytes a library's module is executed from: those of the version that the running cell has, whatever is on disk by now."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from autoegg.kernel.library import Library
from autoegg.protocol import LibrarySpec
from autoegg.reload import read_disk
from autoegg.versions.version import Version


class Reading:
    """Reads files of libraries; the version of a cell's start wins over a newer disk.

    From the disk come: a file that the version does not have, every file of a library that has no version yet, and a
    module that the user's own code executes again in a cell (``importlib.reload``): that asks for the disk by name.

    Args:
        libraries: the libraries that have versions.
        executing_again: whether the user's code is executing a loaded module again.
    """

    def __init__(self, libraries: Mapping[LibrarySpec, Library], executing_again: Callable[[], bool]) -> None:
        self._libraries = libraries
        self._executing_again = executing_again
        # Of one thread: a save that is looked at early must not reach into an import of the running cell.
        self._switching = threading.local()
        self._resolved: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    @contextmanager
    def pending(self, versions: dict[LibrarySpec, Version]) -> Iterator[None]:
        """While a switch is under way in this thread, its files come from the versions switched to."""
        self._switching.versions = versions
        try:
            yield
        finally:
            self._switching.versions = {}

    def resolve(self, path: str) -> str:
        """The real path; remembered, as a loaded module's file does not move without the barrier noticing."""
        real = self._resolved.get(path)
        if real is None:
            folder, name = os.path.split(path)
            if folder not in self._folders:
                self._folders[folder] = os.path.realpath(folder)
            real = os.path.join(self._folders[folder], name)
            if os.path.islink(real):
                real = os.path.realpath(real)
            self._resolved[path] = real
        return real

    def forget(self) -> None:
        """Files may lie elsewhere by now."""
        self._resolved.clear()
        self._folders.clear()

    def read(self, path: str) -> bytes:
        """The bytes to execute for a source file. Raises OSError when neither disk nor version has it."""
        real = self.resolve(path)
        version, pinned = self._version_of(real)
        expected = version.digests.get(real) if version is not None else None
        if version is not None and expected is None and pinned:
            raise FileNotFoundError(f"{path} is not in the version to which the library is pinned")
        if version is None or expected is None:
            return read_disk(path)
        try:
            content = read_disk(path)
        except OSError:
            return version.read(real)
        if (self._executing_again() and not pinned) or hashlib.sha256(content).hexdigest() == expected:
            return content
        return version.read(real)

    def keeps(self, path: str) -> bool:
        """Whether a library is held at a version that has this file, which is not on disk any more."""
        if not any(library.pinned is not None for library in list(self._libraries.values())):
            return False
        real = os.path.realpath(path)
        version, pinned = self._version_of(real)
        return pinned and version is not None and real in version.digests and not os.path.exists(real)

    def _version_of(self, real: str) -> tuple[Version | None, bool]:
        """The version that a file is read from, and whether a person holds the library at it."""
        pending: dict[LibrarySpec, Version] = getattr(self._switching, "versions", {})
        for spec, library in list(self._libraries.items()):
            if library.holds(real):
                return pending.get(spec, library.version), library.pinned is not None
        return None, False
