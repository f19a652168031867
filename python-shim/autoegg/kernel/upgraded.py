"""autoegg itself was upgraded under a live kernel: what is loaded is the old version, what is loaded later would be the new one."""

from __future__ import annotations

import os
import re
from pathlib import Path

_VERSION = re.compile(r'^__version__ = "([^"]+)"', re.MULTILINE)


class Upgraded:
    """Args: file: the one that names the version. running: the version that this process has loaded."""

    def __init__(self, file: Path, running: str) -> None:
        self._file = file
        self._running = running
        self._seen = self._signature()

    def notice(self) -> str | None:
        """One sentence, once for each version that is installed over the running one."""
        now = self._signature()
        if now is None or now == self._seen:
            return None
        self._seen = now
        try:
            found = _VERSION.search(self._file.read_text())
        except OSError:  # in the middle of an installation: the next cell looks again
            self._seen = None
            return None
        if found is None or found[1] == self._running:
            return None
        return f"autoegg {found[1]} was installed while this kernel runs {self._running}: restart the kernel, so that all of it has one version"

    def _signature(self) -> tuple[int, int, int] | None:
        try:
            status = os.stat(self._file)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
