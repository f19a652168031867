"""Which data files and directories a module reads while it is imported.

An audit hook cannot be taken out again, so there is one for the process, and it does nothing for whoever has left.
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

from .compiled import SUFFIX

CODE_SUFFIXES = (".py", ".pyc", ".so", ".pyd", ".dylib", SUFFIX)
WRITING = os.O_WRONLY | os.O_RDWR
IMPORT_SYSTEM = ("<frozen importlib._bootstrap_external>", "<frozen importlib._bootstrap>")

_watchers: weakref.WeakSet[Accesses] = weakref.WeakSet()
_hooked = False
_reporting = threading.local()
"""Looking at what was opened raises audit events too."""


class Accesses:
    """Calls ``on_read(module, path)`` and ``on_list(module, directory)`` for what the module being executed looks at."""

    def __init__(self, on_read: Callable[[str, str], None], on_list: Callable[[str, str], None]) -> None:
        self.on_read = on_read
        self.on_list = on_list
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
        _report(event, args, sys._getframe(1).f_code.co_filename)
    finally:
        _reporting.active = False


def _report(event: str, args: tuple[Any, ...], caller: str) -> None:
    for watcher in tuple(_watchers):
        stack = watcher.stack
        if not stack or not isinstance(args[0], (str, os.PathLike)):
            continue
        path = os.fspath(args[0])
        if not isinstance(path, str) or path.endswith(CODE_SUFFIXES):
            continue
        path = os.path.abspath(path)
        if event == "open":
            if isinstance(args[2], int) and not args[2] & WRITING:
                watcher.on_read(stack[-1], path)
        elif caller not in IMPORT_SYSTEM:
            watcher.on_list(stack[-1], path)
