"""Whether a Jupyter server is going to offer libraries to this kernel, known before its first message arrives.

A cell that runs at once, right after a start or restart, has to wait for the offer: it would not find the library otherwise. At a start the
server's environment says so. A kernel that is restarted finds the mark that it left in its earlier life, under a name that is the digest of its
connection file, whose key and ports stay the same (``jupyter_client`` starts the process again with the same file).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
import time
from pathlib import Path
from typing import Any

from .messages import WILL_OFFER

_KEPT_SECONDS = 30 * 24 * 3600.0


class Expectation:
    """Args: kernel: the running ipykernel. Without a connection file or a place for the mark, only the environment counts."""

    def __init__(self, kernel: Any) -> None:
        self._mark = _mark(kernel)
        self.holds = bool(os.environ.get(WILL_OFFER)) or (self._mark is not None and self._mark.exists())
        """Whether an offer was to be expected when this process started."""

    def keep(self) -> None:
        """The kernel has taken libraries: it is to wait for them when it starts again."""
        if self._mark is not None:
            with contextlib.suppress(OSError):
                folder = self._mark.parent
                folder.mkdir(mode=0o700, exist_ok=True)
                found = folder.lstat()
                # The name can be guessed: another user may have it.
                if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
                    self._mark.touch(mode=0o600)
                    _remove_old(folder)


def _mark(kernel: Any) -> Path | None:
    file = getattr(getattr(kernel, "parent", None), "abs_connection_file", None)
    try:
        digest = hashlib.sha256(Path(file or "").read_bytes()).hexdigest()
    except OSError:
        return None
    return Path(tempfile.gettempdir()) / f"jupyterlab-autoegg-{os.geteuid()}" / digest


def _remove_old(folder: Path) -> None:
    """Nobody says whether a kernel that ends is going to be started again."""
    for mark in folder.iterdir():
        if time.time() - mark.stat().st_mtime > _KEPT_SECONDS:
            mark.unlink(missing_ok=True)
