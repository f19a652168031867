"""Which data files and folders library code looks at: statements while modules are imported, functions later.

An audit hook cannot be removed, so there is one for the process; it does nothing for recorders that have been closed.
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Callable
from types import FrameType
from typing import Any

CODE_SUFFIXES = (".py", ".pyc", ".so", ".pyd", ".dylib", ".marshal")
WRITING = os.O_WRONLY | os.O_RDWR
IMPORT_SYSTEM = ("<frozen importlib._bootstrap_external>", "<frozen importlib._bootstrap>")

Looked = Callable[[str, bool, FrameType], None]

_watchers: weakref.WeakSet[Accesses] = weakref.WeakSet()
_hooked = False
_reporting = threading.local()
"""Looking at what was opened raises audit events too."""


class Accesses:
    """Calls ``looked(path, listed, frame)``: a file was opened for reading, or a folder listed, below one of ``folders``."""

    def __init__(self, looked: Looked) -> None:
        self.looked = looked
        self.folders: tuple[str, ...] = ()
        self.everywhere = False
        """Follows what a statement of the library looks at while it runs."""

    def start(self) -> None:
        global _hooked
        _watchers.add(self)
        if not _hooked:
            _hooked = True
            sys.addaudithook(_hook)

    def stop(self) -> None:
        _watchers.discard(self)


def signature(path: str) -> Any:
    """For a file: modification time in ns, size, inode; for a folder: its names; None: it does not exist."""
    try:
        if os.path.isdir(path):
            return frozenset(
                name
                for name in os.listdir(path)
                if name != "__pycache__" and not name.startswith(".") and not name.endswith((".pyc", "~"))
            )
        status = os.stat(path)
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino)


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event not in ("open", "os.listdir", "os.scandir") or getattr(_reporting, "active", False):
        return
    _reporting.active = True
    try:
        _report(event, args, sys._getframe(1))
    finally:
        _reporting.active = False


def _report(event: str, args: tuple[Any, ...], frame: FrameType) -> None:
    for watcher in tuple(_watchers):
        if not isinstance(args[0], (str, os.PathLike)) or not watcher.folders:
            continue
        path = os.fspath(args[0])
        if not isinstance(path, str) or path.endswith(CODE_SUFFIXES):
            continue
        path = os.path.abspath(path)
        if not (path + os.sep).startswith(watcher.folders):
            continue
        if event == "open":
            if isinstance(args[2], int) and not args[2] & WRITING:
                watcher.looked(path, False, frame)
        elif frame.f_code.co_filename not in IMPORT_SYSTEM:
            watcher.looked(path, True, frame)
