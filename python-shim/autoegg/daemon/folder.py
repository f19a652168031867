"""Temporary folders that go with a process, even if it is killed: the next daemon of the same user sweeps them."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from pathlib import Path

from ..protocol import OWNER_FILE


def private_folder() -> Path:
    """Make a folder for this process alone (mode 0700); who makes it removes it."""
    folder = Path(tempfile.mkdtemp(prefix="autoegg-"))
    claim(folder)
    return folder


def claim(folder: Path) -> None:
    """Say in a folder, whose name begins with ``autoegg-``, that it is of no use once this process has ended."""
    owner = {"pid": os.getpid(), "machine": _machine()}
    (folder / OWNER_FILE).write_text(json.dumps(owner))


def _machine() -> str:
    """Where process numbers mean the same, as ``machine`` in ``src/daemon/leftovers.ts`` says it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()
