"""Where the soak runs: in namespaces of its own, so that it can fill a disk and lower limits without this machine noticing."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

# The user is root in it, so may mount and set limits there, whoever it is outside. The shell is process 1: it sees orphans off, and
# when it ends, so does everything.
_NAMESPACES = ("unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")  # fmt: skip
_INSIDE = "AUTOEGG_SOAK_INSIDE"
_NEEDED = (
    "The soak fills a disk and lowers limits in a user namespace of its own, which this machine refuses: allow user namespaces "
    "(sysctl kernel.unprivileged_userns_clone=1, and where there is AppArmor kernel.apparmor_restrict_unprivileged_userns=0)"
)
_LIMITS = Path("/proc/sys/user")
"""Limits of the user namespace (namespaces(7)); those of the machine hold too."""
_SMALL = 24
"""Size (MB) of the disk that can be full; of eggs and compiled code, some 5 MB are there after a thousand steps."""


def move_in() -> None:
    """Starts this program again inside, unless it is there. Raises SystemExit where the kernel refuses that."""
    if _INSIDE in os.environ:
        return
    try:
        tried = subprocess.run([*_NAMESPACES, "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        sys.exit("The soak needs Linux with unshare (util-linux).")
    if tried.returncode:
        sys.exit(f"{_NEEDED}: {tried.stderr.strip()}")
    line = [*_NAMESPACES, "sh", "-c", '"$@"; exit $?', "sh", sys.executable, *sys.argv]
    os.execvpe("unshare", line, {**os.environ, _INSIDE: "1"})


class Disk:
    """A small disk at ``folder``, which can be full."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SMALL}m,mode=700", "none", folder], check=True)

    def fill(self) -> None:
        with (self.folder / "filling").open("wb", buffering=0) as file:
            try:
                while file.write(bytes(1 << 16)):
                    pass
            except OSError:
                return

    def empty(self) -> None:
        (self.folder / "filling").unlink()

    def remove(self) -> None:
        subprocess.run(["umount", "--lazy", self.folder], check=True)


class Inotify:
    """How many folders may be watched, and by how many processes."""

    def __init__(self) -> None:
        self._before = {
            path: path.read_text() for path in map(_LIMITS.joinpath, ("max_inotify_watches", "max_inotify_instances"))
        }  # fmt: skip

    def exhaust(self) -> None:
        """From now on nothing new is watched; what is watched already stays so."""
        for path in self._before:
            path.write_text("0")

    def restore(self) -> None:
        for path, before in self._before.items():
            path.write_text(before)


class Clock:
    """What the notebooks and their daemons and workers take for the time of day. Only they: faketime stands before the C library.

    Monotonic clocks go on, as they do when a clock is set, and the times of files are those on disk.
    """

    CACHE_SECONDS = 1

    def __init__(self, file: Path) -> None:
        self._file, self.offset = file, 0
        found = importlib.util.find_spec("libfaketime")
        assert found is not None and found.origin is not None, "the soak needs the package libfaketime"
        vendor = Path(found.origin).parent / "vendor" / "libfaketime" / "src"
        self.environment = {
            "LD_PRELOAD": str(vendor / "libfaketime.so.1"),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": str(self.CACHE_SECONDS),
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            # The waits of a JVM end at once below it, and use up a core.
            "FAKETIME_SKIP_CMDS": "java",
        }
        self._prove()

    def _prove(self) -> None:
        """The package has a library for one kind of processor; the linker of another one leaves it out with a warning."""
        for self.offset in (-1_000_000, 0):
            self._write()
            program = [sys.executable, "-c", "import time; print(time.time())"]
            told = subprocess.check_output(program, env={**os.environ, **self.environment})
            assert abs(float(told) - time.time() - self.offset) < 1000, (
                "libfaketime does not work on this machine"
            )

    def set_back(self, seconds: int) -> None:
        self.offset -= seconds
        self._write()
        time.sleep(self.CACHE_SECONDS + 0.1)

    def _write(self) -> None:
        part = self._file.with_suffix(".part")
        part.write_text(f"{self.offset:+d}")
        part.replace(self._file)
