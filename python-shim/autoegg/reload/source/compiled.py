"""Compiled statements by content, in the user's own cache: a library's first import need not compile them.

A .pyc is named after its source and believed by time and size; an entry here is named after the digest of the bytes
that it was compiled from, so it is right or not there. Marshalled code is executed, so entries are read from a folder
that is this user's alone, and each carries a checksum over its name too: damaged or misplaced ones are not there either.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .unit import FORMAT

SHARD_BYTES = 16 << 20
"""What each of the sixteen folders may hold: 256 MiB in all."""
LARGEST = 4 << 20
DAY = 86400.0
SUFFIX = ".marshal"

_CHECKSUM = 32
_WATCHED = "0123"
"""An entry whose name begins so (in its second digit) has its folder looked through: every fourth, with no counter to keep."""


def default_folder() -> Path:
    """Where the system has a user's caches; never below the user's own files."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(named):
        caches = Path(named)
    else:
        caches = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return caches / "jupyterlab-autoegg" / "compiled"


class CompiledCode:
    """Compiled units by path and digest of their source. Nothing here raises: what cannot be read or kept is compiled again.

    Args:
        folder: made on first need (mode 0700); used only while it is private to this user.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._usable: bool | None = None

    def get(self, path: str, digest: str) -> bytes | None:
        """What ``put`` was given for the source of this digest under this path (it appears in tracebacks), by this interpreter."""
        name = _name(path, digest)
        file = self._file(name)
        if file is None:
            return None
        try:
            data = _read_own(file)
        except OSError:
            return None
        if data is None:
            return None
        body = memoryview(data)[_CHECKSUM:]
        if _checksum(name, body) != data[:_CHECKSUM]:
            return None
        return bytes(body)

    def put(self, path: str, digest: str, data: bytes) -> None:
        """Keeps it for the next process, unless the user wants no bytecode written (``sys.dont_write_bytecode``)."""
        if sys.dont_write_bytecode:
            return
        name = _name(path, digest)
        file = self._file(name, make=True)
        if file is None or len(data) > LARGEST:
            return
        with contextlib.suppress(OSError):
            shard = Path(file).parent
            shard.mkdir(mode=0o700, exist_ok=True)
            _write_whole(Path(file), _checksum(name, data) + data)
            if name[1] in _WATCHED:
                _tidy(shard)

    def _file(self, name: str, make: bool = False) -> str | None:
        if self._usable is None or (make and not self._usable):
            self._usable = self._prepare(make)
        return f"{self._folder}/{name[0]}/{name}{SUFFIX}" if self._usable else None

    def _prepare(self, make: bool) -> bool:
        if not hasattr(os, "geteuid"):
            return False  # no way to tell whose a file is
        try:
            if self._folder is None:
                self._folder = default_folder()
            if make:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self._folder.lstat()
        except (OSError, RuntimeError):  # no home
            return False
        return stat.S_ISDIR(found.st_mode) and _is_own(found)


def _name(path: str, digest: str) -> str:
    """What a code object depends on besides the text of the source: where it says that it is from, and who compiled it."""
    parts = (
        path,
        digest,
        str(FORMAT),
        importlib.util.MAGIC_NUMBER.hex(),
        str(sys.flags.optimize),
        sys.implementation.name,
    )
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _checksum(name: str, data: bytes | memoryview) -> bytes:
    found = hashlib.sha256(name.encode())
    found.update(data)
    return found.digest()


def _is_own(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _read_own(file: str) -> bytes | None:
    """None if the file is not this user's alone, or no file at all. Raises OSError."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or not _is_own(found) or found.st_size > LARGEST + _CHECKSUM:
            return None
        if time.time() - found.st_mtime > DAY:
            with contextlib.suppress(OSError):
                os.utime(descriptor)  # in use: the oldest go first
        return os.read(descriptor, found.st_size)
    finally:
        os.close(descriptor)


def _write_whole(file: Path, data: bytes) -> None:
    """The name appears when the file is complete, so that another process never reads half of it."""
    descriptor, part = tempfile.mkstemp(prefix=".", dir=file.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        Path(part).replace(file)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _tidy(shard: Path) -> None:
    """Removes what has not been used for longest, if the folder holds too much, and what killed writers left."""
    entries = sorted(_entries(shard))
    total = sum(size for _, size, _ in entries)
    for used, size, path in entries:
        left_over = Path(path).name.startswith(".") and time.time() - used > DAY
        if total <= SHARD_BYTES and not left_over:
            continue
        with contextlib.suppress(OSError):
            Path(path).unlink()
            total -= size


def _entries(shard: Path) -> Iterator[tuple[float, int, str]]:
    with os.scandir(shard) as found:
        for entry in found:
            with contextlib.suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                yield status.st_mtime, status.st_size, entry.path
