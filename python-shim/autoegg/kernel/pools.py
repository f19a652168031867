"""Process pools of the notebook follow its libraries: what is pickled for them says which versions to be on first.

Only once a library has changed: until then every process has the code that the driver has. Queues and pipes of a
``Process`` of the user's own carry data and no calls, so such processes are named instead.
"""

from __future__ import annotations

import functools
import gc
import inspect
import json
import os
import shutil
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

from autoegg.kernel import forks
from autoegg.kernel.library import Library
from autoegg.kernel.sync import Synchroniser
from autoegg.spark import imports
from autoegg.worker import pools

_EXECUTORS = (
    "concurrent.futures.process",
    "loky.process_executor",
    "joblib.externals.loky.process_executor",
)
_POOLS = ("multiprocessing.pool", "multiprocess.pool")  # the latter is pathos's
_PROCESSES = ("multiprocessing.process", "multiprocess.process")

# What leads to a task of a Pool, each with the function as its first argument.
_CALLS = ("apply_async", "imap", "imap_unordered", "_map_async")

# Messages whose eggs stay: a task may lie in a queue for a while.
_MESSAGES_KEPT = 4


class Pools:
    """The guard in front of what is pickled for pools, as long as it is installed.

    Args:
        folder: private directory for the eggs that pools' processes are given.
    """

    def __init__(self, sync: Synchroniser, folder: Path) -> None:
        self._sync = sync
        self._folder = folder
        self._pools: weakref.WeakSet[Any] = weakref.WeakSet()
        self._undo: list[Callable[[], None]] = []
        self._installing = False
        self._told: set[int] = set()
        self._told_at = 0
        self._message: tuple[list[str], str] = ([], "")
        self._eggs: deque[set[str]] = deque(maxlen=_MESSAGES_KEPT)

    def install(self) -> None:
        pools.in_place = self._sync.follow
        forks.wait_for(lambda: self._sync.lock)
        self._installing = True
        self._undo.append(imports.watch((*_EXECUTORS, *_POOLS), self._imported))
        self._installing = False

    def uninstall(self) -> None:
        while self._undo:
            self._undo.pop()()
        forks.wait_for(None)
        pools.in_place = None

    def left_behind(self) -> list[str]:
        """One line on processes that do not follow a change that has just been made; nothing when all do."""
        if self._sync.changes == self._told_at:
            return []
        self._told_at = self._sync.changes
        following = {pid for pool in list(self._pools) for pid in _pids(pool)} if self._guards() else set()
        old = [
            process
            for name in _PROCESSES
            if name in sys.modules
            for process in sys.modules[name].active_children()
            if process.pid not in following and process.pid not in self._told
        ]
        self._told.update(process.pid for process in old)
        if not old:
            return []
        names = ", ".join(sorted(process.name for process in old)[:4]) + (", …" if len(old) > 4 else "")
        return [
            f"processes started before this change still run the old code ({names}): restart them"
            + ("" if following or not self._guards() else "; process pools switch by themselves")
        ]

    # ------------------------------------------------------------------ what is pickled

    def _guards(self) -> bool:
        # One that has no version yet was imported a moment ago, so no process has old code of it.
        return self._sync.changes > 0 and any(library.version for library in self._sync.following)

    def message(self) -> str:
        """The current versions, and where their eggs are, as JSON."""
        libraries = [library for library in self._sync.following if library.version is not None]
        versions = [str(library.version and library.version.name) for library in libraries]
        known, message = self._message
        if known != versions or not self._folder.exists():
            self._keep_eggs(libraries)
            said = {
                "pid": os.getpid(),
                "folder": str(self._folder),
                "libraries": [
                    {"spec": library.spec.to_json(), "delivery": asdict(library.version.delivery)}
                    for library in libraries
                    if library.version is not None
                ],
            }
            message = json.dumps(said, separators=(",", ":"))
            self._message = versions, message
        return message

    def _keep_eggs(self, libraries: Iterable[Library]) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        eggs = {
            egg.name: egg.path
            for library in libraries
            if library.version is not None
            for egg in library.version.delivery.eggs
        }
        for name, path in eggs.items():
            own = self._folder / name
            try:
                os.link(path, own)
            except FileExistsError:
                pass
            except OSError:  # another file system
                part = own.with_suffix(f".{threading.get_ident()}.part")
                with suppress(OSError):  # a process that needs it says that it is missing
                    shutil.copyfile(path, part)
                    part.rename(own)
        self._eggs.append(set(eggs))
        for egg in self._folder.glob("*.egg"):
            if egg.is_file() and egg.name not in set().union(*self._eggs):
                egg.unlink(missing_ok=True)

    # ------------------------------------------------------------------ hooks

    def _imported(self, module: ModuleType) -> None:
        executor = module.__name__ in _EXECUTORS
        cls: Any = getattr(module, "ProcessPoolExecutor" if executor else "Pool", None)
        if not isinstance(cls, type):
            return
        if self._installing:  # Classes are looked at, never attributes: a lazy object would come alive.
            self._pools.update(found for found in gc.get_objects() if issubclass(type(found), cls))
        made: Any = cls.__init__  # type: ignore[misc]

        @functools.wraps(made)
        def init(pool: Any, *arguments: Any, **named: Any) -> None:
            self._pools.add(pool)
            made(pool, *arguments, **named)

        self._replace(cls, "__init__", init)
        if executor:
            self._guard_submit(cls)
        else:
            for name in _CALLS:
                self._guard_call(cls, name, getattr(module, "ThreadPool", ()))

    def _guard_submit(self, cls: Any) -> None:
        original = cls.submit

        @functools.wraps(original)
        def submit(pool: Any, function: Any, /, *arguments: Any, **named: Any) -> Any:
            if not self._guards():
                return original(pool, function, *arguments, **named)
            return original(pool, pools.call, _Guard(self), function, *arguments, **named)

        self._replace(cls, "submit", submit)

    def _guard_call(self, cls: Any, name: str, threads: Any) -> None:
        original = getattr(cls, name, None)
        if original is None or list(inspect.signature(original).parameters)[:2] != ["self", "func"]:
            return

        task: Any = pools.call

        @functools.wraps(original)
        def call(pool: Any, func: Any, *arguments: Any, **named: Any) -> Any:
            if not self._guards() or isinstance(pool, threads):
                return original(pool, func, *arguments, **named)
            return original(pool, functools.partial(task, _Guard(self), func), *arguments, **named)

        self._replace(cls, name, call)

    def _replace(self, cls: Any, name: str, method: Any) -> None:
        original = getattr(cls, name)
        setattr(cls, name, method)
        self._undo.append(lambda: setattr(cls, name, original))


class _Guard:
    """Stands in front of a task and is unpickled before it. What it says is settled when it is pickled."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools

    def __reduce__(self) -> tuple[Any, ...]:
        return pools.enter, (self._pools.message(),)


def _pids(pool: Any) -> Iterable[int]:
    """The numbers of a pool's processes; nothing of one that has been shut down."""
    processes = getattr(pool, "_processes", None)
    if isinstance(processes, dict):
        return list(processes)
    return [process.pid for process in getattr(pool, "_pool", None) or ()]
