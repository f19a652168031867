"""One version of a library: which files it has, and what was in them."""

from __future__ import annotations

import hashlib
import json
import os
import time
import zipfile
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from autoegg.errors import StoreDamaged
from autoegg.protocol import Delivery, LibrarySpec, LibraryState


def place_of(spec: LibrarySpec, member: str) -> str:
    """The absolute path of a file that a manifest or an egg names. The folder need not bear the library's name."""
    if spec.kind == "module":
        return spec.path
    return os.path.join(spec.path, *member.split("/")[spec.name.count(".") + 1 :])


def member_of(spec: LibrarySpec, path: str) -> str:
    """What a manifest or an egg calls the file at this absolute path."""
    if spec.kind == "module":
        return f"{spec.name}.py"
    return "/".join([*spec.name.split("."), *os.path.relpath(path, spec.path).split(os.sep)])


# All that ``zipfile`` raises for bytes that are not as they were written.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, LookupError, NotImplementedError)


@dataclass(frozen=True)
class Version:
    """A version that the daemon vouches for; its eggs stay in the store while the library is open."""

    spec: LibrarySpec
    delivery: Delivery
    known_since: int = field(default_factory=time.time_ns, compare=False)
    """When this process heard of it (ns of the time of day)."""

    @property
    def name(self) -> str:
        return self.delivery.version

    @cached_property
    def digests(self) -> dict[str, str]:
        """Absolute path of every file → sha256 hex of its content."""
        files: dict[str, dict[str, Any]] = self.manifest["files"]
        return {self.absolute(path): entry["digest"] for path, entry in files.items()}

    @cached_property
    def size(self) -> tuple[int, int]:
        """Number of files, and their bytes."""
        files = self.manifest["files"]
        return len(files), sum(entry["size"] for entry in files.values())

    @cached_property
    def manifest(self) -> dict[str, Any]:
        try:
            manifest: dict[str, Any] = json.loads(Path(self.delivery.manifest).read_bytes())
            if manifest["version"] != self.name:
                raise ValueError(f"{self.delivery.manifest} belongs to another version")
            return manifest
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise self._damaged(error) from error

    @property
    def is_there(self) -> bool:
        """Whether the store still has the files that bring this version; what is in them is checked when they are read."""
        paths = (self.delivery.manifest, *(egg.path for egg in self.delivery.eggs))
        return all(os.path.exists(path) for path in paths)

    def _damaged(self, error: Exception) -> StoreDamaged:
        return StoreDamaged(
            f"version {self.name[:4]} of {self.spec.name} is damaged in autoegg's store ({type(error).__name__}: {error}); "
            "run the cell again to rebuild it"
        )

    def absolute(self, path: str) -> str:
        """The absolute path of a file that a manifest or an answer names."""
        return place_of(self.spec, path)

    def files_that_differ_from(self, other: Version | None) -> set[str]:
        """Absolute paths of the files of this version that are new or different; empty without another version."""
        if other is None:
            return set()
        return {path for path, digest in self.digests.items() if other.digests.get(path) != digest}

    def read(self, path: str) -> bytes:
        """The content that the file at this absolute path has in this version.

        Raises:
            KeyError: the version has no such file.
            StoreDamaged: the eggs are gone from the store, or damaged.
        """
        member, wanted = member_of(self.spec, path), self.digests[path]
        try:
            for egg in reversed(self.delivery.eggs):
                with zipfile.ZipFile(egg.path) as archive:
                    if member in archive.NameToInfo:
                        content = archive.read(member)
                        if hashlib.sha256(content).hexdigest() != wanted:
                            raise ValueError(f"{member} is not what it was in {egg.path}")
                        return content
        except (*_UNREADABLE, ValueError, OSError) as error:
            raise self._damaged(error) from error
        raise self._damaged(KeyError(member))

    def state(self) -> LibraryState:
        return LibraryState(
            self.spec.name, self.spec.kind, self.name, tuple(egg.name for egg in self.delivery.eggs)
        )
