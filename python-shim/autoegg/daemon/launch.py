"""Starting a daemon that ends with this process."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

from ..errors import DaemonUnavailable
from .folder import private_folder, remove
from .node import find_node

START_SECONDS = 20.0
"""How long a daemon may take to say that it is ready (87 ms of CPU on an idle machine)."""


def program() -> Path:
    """Return the daemon's bundle, which lies next to the real path of this package (links resolved)."""
    return Path(__file__).resolve().parent.parent.parent / "jupyterlab_autoegg" / "daemon.cjs"


def command(
    rendezvous: Path,
    store: Path | None = None,
    log: Path | None = None,
    keep_megabytes: float | None = None,
    keep_days: float | None = None,
) -> list[str]:
    """Return the command line of a daemon. Raises DaemonUnavailable if Node or the bundle is missing.

    ``keep_megabytes`` and ``keep_days`` bound the store; None: the environment does, or 1 GB and 90 days.
    """
    if sys.platform == "win32":
        raise DaemonUnavailable("autoegg runs on Linux and macOS; Windows is not supported.")
    bundle = program()
    if not bundle.is_file():
        raise DaemonUnavailable(
            f"autoegg's daemon is missing: {bundle} is missing; reinstall jupyterlab-autoegg, "
            "or run `npm run build:daemon` in a checkout."
        )
    line = [str(find_node()), str(bundle), "--rendezvous", str(rendezvous)]
    if store is not None:
        line += ["--store", str(store)]
    if log is not None:
        line += ["--log", str(log)]
    if keep_megabytes is not None:
        line += ["--keep-megabytes", str(keep_megabytes)]
    if keep_days is not None:
        line += ["--keep-days", str(keep_days)]
    return line


class ChildDaemon:
    """A daemon owned by this process. It ends when this process does, because it reads the pipe that is its stdin."""

    def __init__(self, store: Path | None = None, log: Path | None = None) -> None:
        """Start it and wait until it listens. Raises DaemonUnavailable."""
        try:
            self._folder = private_folder()
        except OSError as error:
            raise DaemonUnavailable(f"autoegg's daemon could not be started: {error}.") from None
        self.rendezvous = self._folder / "daemon.json"
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._start(store, log)
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        """End the daemon and take its rendezvous away."""
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            with contextlib.suppress(OSError):
                process.stdin.close()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        remove(self._folder)

    def _start(self, store: Path | None, log: Path | None) -> None:
        errors = self._folder / "stderr"
        try:
            with errors.open("wb") as stderr:
                # A session of its own: an interrupt of the kernel goes to the kernel's whole process group.
                self._process = subprocess.Popen(
                    command(self.rendezvous, store, log),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=stderr,
                    start_new_session=True,
                )
        except OSError as error:
            raise DaemonUnavailable(f"autoegg's daemon could not be started: {error}.") from None
        deadline = time.monotonic() + START_SECONDS
        while not self.rendezvous.exists():
            if not self.alive():
                said = errors.read_text(errors="replace").strip().splitlines()
                raise DaemonUnavailable(
                    "autoegg's daemon ended as soon as it was started: "
                    f"{said[-1] if said else 'it gave no reason'}"
                )
            if time.monotonic() > deadline:
                raise DaemonUnavailable(f"autoegg's daemon was not ready within {START_SECONDS:.0f} s.")
            time.sleep(0.005)
