"""What an executor's folder need not keep: directories that no process uses, and eggs that Spark no longer lists."""

from __future__ import annotations

import contextlib
import fcntl
import filecmp
import glob
import os
import re
import shutil
import sys
import time
import zipfile
import zlib
from typing import Any

from . import places

MANIFEST = "EGG-INFO/autoegg.json"
IN_USE = "EGG-INFO/in-use"
KEPT = 4
"""How many directories of a library stay although no process uses them."""

FETCHED_LATELY = 300.0
"""Seconds for which an egg stays, whatever a job's list says: Spark may have fetched it for a job of a later state."""


def siblings(directory: str, ending: str) -> list[str]:
    """Directories of the same library, the one used last first. Called under the library's lock."""
    folder, _, name = directory.rpartition(os.sep)
    pattern = re.compile(re.escape(name.rpartition("-")[0]) + r"-\w{1,16}" + re.escape(ending))
    found = [os.path.join(folder, entry) for entry in os.listdir(folder) if pattern.fullmatch(entry)]

    def used(path: str) -> float:
        with contextlib.suppress(OSError):
            return os.stat(os.path.join(path, IN_USE)).st_mtime
        return 0.0

    return sorted((path for path in found if path != directory), key=used, reverse=True)


def leftovers(directory: str) -> None:
    """Remove what killed processes left half-made or half-removed. Called under the library's lock."""
    for part in [*siblings(directory, ".egg.part"), directory + ".part"]:
        shutil.rmtree(part, ignore_errors=True)


def directories(directory: str) -> None:
    """Remove directories that no process holds, except those used last. Called under the library's lock."""
    for old in siblings(directory, ".egg")[KEPT:]:
        with contextlib.suppress(OSError):
            descriptor = os.open(os.path.join(old, IN_USE), os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.rename(old, old + ".part")
                shutil.rmtree(old + ".part", ignore_errors=True)
                if sys.pycache_prefix:
                    shutil.rmtree(os.path.join(sys.pycache_prefix, old.lstrip(os.sep)), ignore_errors=True)
            finally:
                os.close(descriptor)


def eggs(root: str, state: dict[str, Any]) -> None:
    """Remove eggs that Spark no longer lists, as a job of the newest state known here says.

    Spark itself keeps every file until the application ends. One that comes back on its list has a new time there, so
    executors fetch it again (``Executor.updateDependencies``).
    """
    if not state.get("listed"):
        return
    with contextlib.suppress(OSError, ValueError), places.locked(places.home(root) + "eggs.lock") as newest:
        session, _, generation = os.pread(newest, 200, 0).decode().rpartition(" ")
        if session == state["session"] and int(generation) >= state["generation"]:
            return  # a job of an older state knows nothing of newer eggs
        os.ftruncate(newest, 0)
        os.pwrite(newest, f"{state['session']} {state['generation']}".encode(), 0)
        listed = set(state["listed"])
        before = time.time() - FETCHED_LATELY
        for entry in list(os.scandir(root)):
            if (
                entry.name.endswith(".egg")
                and crc(entry.name) not in listed
                and entry.is_file(follow_symlinks=False)
                and entry.stat().st_mtime < before
                and _is_ours(entry.path)
            ):
                _forget_fetched(entry.path)
                os.unlink(entry.path)


def crc(name: str) -> int:
    """How a state names an egg that Spark lists: a wrong match keeps an egg, and nothing worse."""
    return zlib.crc32(name.encode())


def _is_ours(path: str) -> bool:
    # Users add eggs of their own.
    try:
        with zipfile.ZipFile(path) as egg:
            egg.getinfo(MANIFEST)
    except (OSError, KeyError, zipfile.BadZipFile):
        return False
    return True


def _forget_fetched(egg: str) -> None:
    """Remove Spark's second copy (``Utils.fetchFile``), which is kept for other executors of the application on this node.

    It lies next to the blocks on YARN, where that folder is the application's; elsewhere in a folder of this executor's.
    """
    for local in filter(None, os.environ.get("SPARK_LOCAL_DIRS", "").split(",")):
        beside = glob.escape(os.path.dirname(local))
        for copy in (
            found for part in ("", "spark-*") for found in glob.glob(os.path.join(beside, part, "*_cache"))
        ):
            with contextlib.suppress(OSError):
                if os.path.getsize(copy) == os.path.getsize(egg) and filecmp.cmp(copy, egg, shallow=False):
                    os.unlink(copy)
                    os.unlink(copy.removesuffix("_cache") + "_lock")
