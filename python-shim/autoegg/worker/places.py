"""Where the eggs of one executor are unpacked: next to them, or in a private folder if that is impossible."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator

FOLDER = "autoegg"

_FULL = (errno.ENOSPC, errno.EDQUOT)
_homes: dict[str, str] = {}


def home(root: str) -> str:
    """The folder, with a separator at its end, below which all eggs that lie in ``root`` are unpacked.

    :raises OSError: when there is no place for it on this node.
    """
    found = _homes.get(root)
    if found is None or not os.path.isdir(found):
        found = _homes[root] = _home(root)
    return found


def _home(root: str) -> str:
    beside = os.path.join(root, FOLDER, "")
    try:
        os.makedirs(beside, exist_ok=True)
        if os.access(beside, os.W_OK | os.X_OK):
            return beside
        problem = f"{beside} cannot be written"
    except OSError as error:
        if error.errno in _FULL:
            raise
        problem = str(error)
    # Spark's own temporary folders of this executor first (PythonRunner names them): they go when it ends.
    for place in (*filter(None, os.environ.get("SPARK_LOCAL_DIRS", "").split(",")), tempfile.gettempdir()):
        try:
            return _private(place, root)
        except OSError as error:
            problem += f"; {error}"
    raise PermissionError(f"there is no folder to unpack it in: {problem}")


def _private(place: str, root: str) -> str:
    # The same for all worker processes of this executor.
    name = f"autoegg-{os.geteuid()}-{hashlib.sha256(root.encode()).hexdigest()[:16]}"
    path = os.path.join(place, name)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, 0o700)
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"{path} is not private to this user")
    if not os.access(path, os.W_OK | os.X_OK):
        raise PermissionError(f"{path} cannot be written")
    return os.path.join(path, "")


@contextlib.contextmanager
def locked(path: str) -> Iterator[int]:
    """An exclusive lock on a file, whose descriptor is given. It ends with the process, so a killed one blocks no other."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
