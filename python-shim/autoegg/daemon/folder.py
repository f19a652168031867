"""Temporary folders that go with a process; if it is killed, the next one of the same user sweeps them."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import json
import os
import shutil
import socket
import stat
import tempfile
from pathlib import Path

from ..protocol import OWNER_FILE

_PREFIX = "autoegg-"
_held: dict[Path, tuple[int, int]] = {}
"""What this process has made: the owner file's descriptor, and the process itself (a fork has the descriptor too)."""


def private_folder() -> Path:
    """Create a private folder (mode 0700) for this process, removed with it at the latest. Removes those of killed processes now.

    Raises OSError where there is no room.
    """
    place = Path(tempfile.gettempdir())
    sweep(place)
    return claimed(Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place)))


def claimed(folder: Path) -> Path:
    """Claim a new folder; where that fails (a full disk), remove it, because nobody else would. Raises OSError."""
    try:
        claim(folder)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def claim(folder: Path) -> None:
    """Mark a folder, whose name begins with ``autoegg-``, as useless once this process has ended.

    The file stays locked as long as the process lives, and gets its name only when locked: a process that can lock it has found a
    dead owner. Node.js cannot lock, so the daemon compares the process number (``src/daemon/leftovers.ts``).
    """
    owner = {"pid": os.getpid(), "machine": _machine(), "locked": True}
    part = folder / f".{OWNER_FILE}"
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, json.dumps(owner).encode())
        part.rename(folder / OWNER_FILE)
    except OSError:
        os.close(descriptor)
        raise
    _held[folder] = descriptor, os.getpid()


def restore(folder: Path) -> bool:
    """Make a folder of this process again that something has removed (systemd-tmpfiles, logind at the end of a session).

    Returns whether anything was missing. Raises OSError where another user has the name now, or there is no place.
    """
    with contextlib.suppress(FileNotFoundError):
        found = folder.lstat()
        # This user's programs may have made it again on their way to something in it (the folders above a file): as long as
        # nobody else could write there, it is as good as new.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise PermissionError(f"{folder} is no longer private to this user")
        folder.chmod(0o700)
        if (folder / OWNER_FILE).exists():
            return False
    if not folder.parent.exists():
        folder.parent.mkdir(mode=0o700, parents=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    before = _held.pop(folder, None)
    if before is not None:
        os.close(before[0])
    (folder / f".{OWNER_FILE}").unlink(missing_ok=True)
    claim(folder)
    return True


def remove(folder: Path) -> None:
    """Remove a folder that this process has made; a fork of it does not."""
    descriptor, maker = _held.pop(folder, (None, None))
    if descriptor is not None:
        if maker == os.getpid():
            shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


@atexit.register
def _remove_all() -> None:
    for folder in list(_held):
        remove(folder)


def sweep(place: Path, prefix: str = _PREFIX, *, also_of_other_boots: bool = False) -> None:
    """Remove the folders that killed processes of this user have left in ``place``.

    Those of before the last start of this machine only if asked: if machines share ``place``, only the lock is reliable.
    """
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(place)):
            if entry.name.startswith(prefix):
                _remove_if_left(Path(entry.path), also_of_other_boots)


def _remove_if_left(folder: Path, also_of_other_boots: bool) -> None:
    with contextlib.suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            return
        descriptor = os.open(folder / OWNER_FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            owner = json.loads(os.read(descriptor, 4096))
            # Locks are seen on this boot of this machine, by all of its containers; elsewhere perhaps not.
            here = owner["machine"].split()[0] == _machine().split()[0]
            if owner.get("locked") is True and (here or also_of_other_boots):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(descriptor)


def _machine() -> str:
    """Where process numbers mean the same, as ``machine`` in ``src/daemon/leftovers.ts`` says it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()
