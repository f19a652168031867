"""What the driver has executed, compared with a version: by the digests of the bytes, never by times."""

from __future__ import annotations

import os
from collections.abc import Collection

from autoegg.kernel.library import Library
from autoegg.kernel.reading import Reading
from autoegg.reload import Reloader
from autoegg.versions.version import Version


class Comparison:
    """Answers for one reloader; paths are those of the loaded modules."""

    def __init__(self, reloader: Reloader, reading: Reading) -> None:
        self._reloader = reloader
        self._reading = reading

    def executed(self, library: Library) -> dict[str, str | None]:
        """The library's executed files → sha256, None where it is not known."""
        resolve = self._reading.resolve
        return {
            path: digest for path, digest in self._reloader.executed().items() if library.holds(resolve(path))
        }

    def differing(self, library: Library, version: Version) -> set[str]:
        """Executed files whose bytes are not those that the version has."""
        digests, resolve = version.digests, self._reading.resolve
        return {
            path
            for path, digest in self.executed(library).items()
            if digests.get(resolve(path), digest) != digest or digest is None
        }

    def executed_in(self, library: Library, version: Version) -> list[str]:
        """The files of a version that the driver has executed, as they are called there."""
        resolve = self._reading.resolve
        return sorted({resolve(path) for path in self.executed(library)} & version.digests.keys())

    def old_data(self, libraries: Collection[Library]) -> list[str]:
        """Data of these libraries that their modules, or functions, saw as it is no more."""
        resolve = self._reading.resolve
        return sorted(
            path
            for path in self._reloader.old_data()
            if any(library.holds(resolve(path)) for library in libraries)
        )

    def absent(self, library: Library, version: Version) -> set[str]:
        """Executed files that the version does not have: deleted, newer than it, or excluded by a rule."""
        resolve = self._reading.resolve
        return {path for path in self.executed(library) if resolve(path) not in version.digests}

    def deleted(self, library: Library, version: Version) -> set[str]:
        """Executed files that neither the version nor the disk has."""
        return {path for path in self.absent(library, version) if not os.path.exists(path)}
