"""Which data files and directories a module reads while it is imported, and its functions later.

An audit hook cannot be taken out again, so there is one for the process, and it does nothing for whoever has left.
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Callable
from types import FrameType
from typing import Any

from .compiled import SUFFIX

CODE_SUFFIXES = (".py", ".pyc", ".so", ".pyd", ".dylib", SUFFIX)
WRITING = os.O_WRONLY | os.O_RDWR
IMPORT_SYSTEM = ("<frozen importlib._bootstrap_external>", "<frozen importlib._bootstrap>")

Looked = Callable[[str, str, FrameType], None]

_watchers: weakref.WeakSet[Accesses] = weakref.WeakSet()
_hooked = False
_reporting = threading.local()
"""Looking at what was opened raises audit events too."""


class Accesses:
    """Tells what is looked at: ``on_read(module, path, frame)`` and ``on_list(module, directory, frame)`` by the module

    being executed, ``on_use(path, frame)`` by whatever else runs below one of ``folders``.
    """

    def __init__(self, on_read: Looked, on_list: Looked, on_use: Callable[[str, FrameType], None]) -> None:
        self.on_read = on_read
        self.on_list = on_list
        self.on_use = on_use
        self.folders: tuple[str, ...] = ()
        self._local = threading.local()

    @property
    def stack(self) -> list[str]:
        """Modules that this thread is executing, innermost last."""
        stack: list[str] | None = getattr(self._local, "stack", None)
        if stack is None:
            stack = self._local.stack = []
        return stack

    def start(self) -> None:
        global _hooked
        _watchers.add(self)
        if not _hooked:
            _hooked = True
            sys.addaudithook(_hook)

    def stop(self) -> None:
        _watchers.discard(self)


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
        stack = watcher.stack
        if not isinstance(args[0], (str, os.PathLike)) or not (stack or watcher.folders):
            continue
        path = os.fspath(args[0])
        if not isinstance(path, str) or path.endswith(CODE_SUFFIXES):
            continue
        path = os.path.abspath(path)
        if not stack and not path.startswith(watcher.folders):
            continue
        if event == "open":
            if not isinstance(args[2], int) or args[2] & WRITING:
                continue
            if stack:
                watcher.on_read(stack[-1], path, frame)
            else:
                watcher.on_use(path, frame)
        elif stack and frame.f_code.co_filename not in IMPORT_SYSTEM:
            watcher.on_list(stack[-1], path, frame)
