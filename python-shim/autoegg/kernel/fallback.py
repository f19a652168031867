"""Without a daemon (no Node, or it cannot be started): the driver is kept up to date by comparing digests here."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable
from pathlib import Path

from autoegg.errors import StoreDamaged
from autoegg.versions.version import Version

_Signature = tuple[int, int, int, int]

# A file whose time is this close to the look may be written again without its time moving (kernel clock ticks).
_RACY_NANOSECONDS = 50_000_000


class DiskCheck:
    """Finds which executed files differ from the disk; unchanged files cost one ``lstat`` each."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._told = False
        self._digests: dict[str, tuple[_Signature, str]] = {}

    def daemon_is_gone(self, reason: str) -> str | None:
        """Notes why; returns the sentence for the user the first time, None after that."""
        self.reason = reason
        if self._told:
            return None
        self._told = True
        return f"{reason} Until then only the driver is kept up to date; nothing can be sent to Spark."

    def daemon_is_back(self) -> None:
        self.reason = None
        self._told = False

    def differing(self, executed: Iterable[tuple[str, str | None]]) -> tuple[list[str], list[str]]:
        """Paths whose content is not what was executed (changed, removed)."""
        changed, removed = [], []
        for path, digest in executed:
            try:
                on_disk = self._digest(path)
            except OSError:
                removed.append(path)
                continue
            if on_disk != digest:
                changed.append(path)
        return changed, removed

    def moved_from(self, version: Version) -> list[str]:
        """The first path by which the library on disk is not, or may not be, this version; nothing while it is.

        Which files belong is the daemon's to say, so each one that is new counts, except for hidden ones and Python's caches.
        """
        try:
            files = version.digests
        except StoreDamaged:
            return [version.spec.path]
        changed, removed = self.differing(files.items())
        moved = changed + removed
        if moved or version.spec.kind == "module":
            return moved[:1]
        # Times of files are up to a tick older than the clock; a clock that was set back says nothing of any file's age.
        since = version.known_since - _RACY_NANOSECONDS if version.known_since < time.time_ns() else 0
        for folder, folders, names in os.walk(version.spec.path):
            folders[:] = [name for name in folders if not name.startswith(".") and name != "__pycache__"]
            for name in names:
                path = os.path.join(folder, name)
                if not name.startswith(".") and path not in files and _touched(path) >= since:
                    return [path]
        return []

    def _digest(self, path: str) -> str:
        stat = os.stat(path)
        signature = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)
        known = self._digests.get(path)
        if known is not None and known[0] == signature:
            return known[1]
        digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        if time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) > _RACY_NANOSECONDS:
            self._digests[path] = (signature, digest)
        return digest


def _touched(path: str) -> int:
    """When the file came there, or last changed in any way (ns)."""
    try:
        return os.stat(path).st_ctime_ns
    except OSError:
        return 0
