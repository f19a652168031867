"""Which bytes a module ran that was imported before us, where that can be known at all.

Python takes a .pyc for valid if it names the source's size and modification time in whole seconds (PEP 552), so of two
saves within one second the older may have run, and a .pyc may hold either. Like git's index with its racily clean
entries, a time proves something only if it lies clearly before the moment in question.
"""

from __future__ import annotations

import os
import time
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from ..source.disk import Source, SourceCache

MARGIN_NS = 2_000_000_000
"""File systems have coarse clocks (up to two seconds), and a process's age is read in clock ticks."""


def proven(module: ModuleType, path: str, sources: SourceCache) -> Source | None:
    """The file as it is now, if it is certain that the module ran just that; None: unknown.

    Certain means: the file has not changed since this process began, and the .pyc that may have been run instead of it
    was written before it too, and after the file.
    """
    cached = getattr(module.__dict__.get("__spec__"), "cached", None)
    began = process_began_ns()
    if not isinstance(cached, str) or began is None:
        return None
    try:
        changed = os.stat(path).st_ctime_ns
        source = sources.load(path)
        if os.stat(path).st_ctime_ns != changed or changed > began - MARGIN_NS:
            return None
        return source if _no_other_code(cached, path, changed, began) else None
    except OSError:
        return None


def _no_other_code(cached: str, path: str, changed: int, began: int) -> bool:
    """Whether what Python may have found in ``cached`` was compiled from the file as it has been since ``changed``."""
    try:
        with Path(cached).open("rb") as file:
            header = file.read(16)
            written = os.fstat(file.fileno()).st_ctime_ns
    except FileNotFoundError:
        return True  # nothing was cached, so the source was run
    if written >= began:
        return _is_of(
            header, path
        )  # made by this process or at the same time, from the file that has not changed since
    return _is_of(header, path) and written > changed + MARGIN_NS


def _is_of(header: bytes, path: str) -> bool:
    """PEP 552: magic, flags (0: by time), modification time, size. A .pyc that names others was not run."""
    status = os.stat(path)
    return (
        len(header) == 16
        and int.from_bytes(header[4:8], "little") == 0
        and int.from_bytes(header[8:12], "little") == int(status.st_mtime) & 0xFFFFFFFF
        and int.from_bytes(header[12:16], "little") == status.st_size & 0xFFFFFFFF
    )


@lru_cache(maxsize=1)
def process_began_ns() -> int | None:
    """When this process began, in nanoseconds since the epoch; None where the system does not say (proc(5), field 22)."""
    try:
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks
    except (OSError, ValueError, IndexError, AttributeError):
        return None
    return time.time_ns() - int(age * 1e9)
