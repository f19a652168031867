"""What the processes that this server starts inherit: where the daemon is, and the start-up of kernels."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from pathlib import Path

import autoegg
from autoegg.daemon.folder import claimed, remove, restore, sweep
from autoegg.protocol import RENDEZVOUS_VARIABLE
from autoegg.remote.messages import WILL_OFFER

STARTUP = Path(__file__).parent / "startup" / "autoegg_startup.py"
STARTUP_VARIABLE = "PYTHONSTARTUP"
NEXT_VARIABLE = "AUTOEGG_NEXT_PYTHONSTARTUP"
"""Names the file that PYTHONSTARTUP named before us; our start-up file runs it."""
SHIM_VARIABLE = "AUTOEGG_SHIM"
"""Names the directory that kernels without the package put at the end of ``sys.path``."""


class PrivateDirectory:
    """A directory of this server alone (mode 0700) in the Jupyter runtime directory; gone after ``close``.

    It is locked as long as the server lives, so that a later one can clear away what a killed one left behind. Process numbers would
    not tell: containers that share a home have numbers of their own.
    """

    def __init__(self, runtime: Path) -> None:
        runtime.mkdir(parents=True, exist_ok=True, mode=0o700)
        family = f"autoegg-{socket.gethostname()}-"
        sweep(runtime, family, also_of_other_boots=True)
        self.path = claimed(Path(tempfile.mkdtemp(prefix=f"{family}{os.getpid()}-", dir=runtime)))
        self.rendezvous = self.path / "daemon.json"
        self.log = self.path / "daemon.log"
        self.shim = self.path / "shim"
        self._fill()

    def restore(self) -> None:
        """Makes it again where something has removed it (logind removes a user's runtime directory at the last logout).

        Raises OSError where another user has the name now, or there is no place.
        """
        restore(self.path)
        if not (self.shim / "autoegg" / "__init__.py").exists():
            self._fill()

    def _fill(self) -> None:
        self.shim.mkdir(mode=0o700, exist_ok=True)
        package = Path(autoegg.__file__).parent.resolve()
        try:
            (self.shim / "autoegg").symlink_to(package, target_is_directory=True)
        except FileExistsError:
            pass
        except OSError:
            # A file system without symbolic links.
            shutil.copytree(package, self.shim / "autoegg")

    def close(self) -> None:
        remove(self.path)


class Inheritance:
    """Changes ``os.environ`` of the server, from which kernels and terminals copy theirs; ``close`` undoes that."""

    def __init__(self, directory: PrivateDirectory) -> None:
        self._directory = directory
        names = (RENDEZVOUS_VARIABLE, SHIM_VARIABLE, STARTUP_VARIABLE, NEXT_VARIABLE, WILL_OFFER)
        self._before = {name: os.environ.get(name) for name in names}
        os.environ[SHIM_VARIABLE] = str(directory.shim)
        self.name_daemon(True)
        # Perhaps that of another server, from whose terminal this one was started.
        os.environ.pop(WILL_OFFER, None)
        previous = os.environ.get(STARTUP_VARIABLE)
        # A server started from another server's terminal finds our own file there: whatever came before stays next.
        if previous and Path(previous).name != STARTUP.name:
            os.environ[NEXT_VARIABLE] = previous
        elif not previous:
            os.environ.pop(NEXT_VARIABLE, None)
        os.environ[STARTUP_VARIABLE] = str(STARTUP)

    def name_daemon(self, available: bool) -> None:
        """Tells kernels started from now on where the daemon is, or nothing, lest they wait for one that cannot come."""
        if available:
            os.environ[RENDEZVOUS_VARIABLE] = str(self._directory.rendezvous)
        else:
            os.environ.pop(RENDEZVOUS_VARIABLE, None)

    def promise_libraries(self) -> None:
        """Kernels started behind the gateway from now on wait for libraries of this server before their first cell."""
        os.environ[WILL_OFFER] = "1"

    def bootstrap(self) -> str:
        """Python code that does in a running kernel what the start-up file does in a starting one (``Bootstrap.code``)."""
        names = {SHIM_VARIABLE: str(self._directory.shim)}
        if RENDEZVOUS_VARIABLE in os.environ:
            names[RENDEZVOUS_VARIABLE] = str(self._directory.rendezvous)
        source = STARTUP.read_text("ascii")
        return (
            f"exec(compile({source!r}, {STARTUP.name!r}, 'exec'), "
            f"{{'__name__': 'autoegg_bootstrap', 'get_ipython': get_ipython, 'server_environment': {names!r}}})"
        )

    def close(self) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
