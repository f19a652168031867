"""The server extension: joins the daemon's life, its mirror, the REST endpoints and what kernels inherit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from jupyter_events import EventLogger
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.gateway.gateway_client import GatewayClient
from traitlets import Bool, Float, List, Unicode

from autoegg.daemon import launch
from autoegg.daemon.client import is_reachable

from .handlers import (
    BootstrapHandler,
    ChangesHandler,
    ContentsHandler,
    DiffHandler,
    FileHandler,
    GiveHandler,
    RestartHandler,
    StateHandler,
)
from .inheritance import Inheritance, PrivateDirectory
from .inspection import Inspection
from .mirror import DaemonState, Mirror
from .remote.giver import Giver
from .remote.offered import Offered
from .remote.page_connection import connect_pages
from .supervisor import Supervisor

STATE_SCHEMA = "https://schema.jupyter.org/jupyterlab_autoegg/state/v1"
STATE_SCHEMA_FILE = Path(__file__).parent / "events" / "state.v1.yaml"
KERNEL_SCHEMA = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"


class AutoeggExtension(ExtensionApp):
    """Keeps PySpark driver and workers on the library code that is on disk."""

    name = "jupyterlab_autoegg"

    enabled = Bool(
        True,
        help="False: no daemon is started and kernels are left alone; JupyterLab works as without the extension.",
    ).tag(config=True)
    store = Unicode(
        "",
        help="Directory in which the daemon keeps eggs and manifests of library versions, shared by all servers of one "
        "user. Empty: jupyterlab-autoegg/store in the user's cache directory.",
    ).tag(config=True)
    keep_megabytes = Float(
        None,
        allow_none=True,
        help="Megabytes that the store may have: what was run longest ago goes first. None: $AUTOEGG_KEEP_MEGABYTES, else 1000.",
    ).tag(config=True)
    keep_days = Float(
        None,
        allow_none=True,
        help="Days that the store keeps a version of a library after notebooks or programs have last run it. None: $AUTOEGG_KEEP_DAYS, else 90.",
    ).tag(config=True)
    gateway_libraries = List(
        Unicode(),
        help="Folders of this server's machine, each a library or a project with libraries, that kernels behind the gateway "
        "(--gateway-url) are given and kept current on. Their environment needs jupyterlab-autoegg, and `autoegg enable` once.",
    ).tag(config=True)
    daemon_log = Unicode(
        "",
        help="File that the daemon appends its log to, as JSON lines. Empty: a file in this server's own directory, "
        "deleted when the server stops.",
    ).tag(config=True)

    _directory: PrivateDirectory | None = None
    _inheritance: Inheritance | None = None
    _supervisor: Supervisor | None = None
    inspection: Inspection | None = None
    """What may be looked at of libraries; None when switched off."""
    giver: Giver | None = None
    """Gives libraries to kernels behind a gateway; None when switched off or without a gateway."""

    @property
    def switched_off(self) -> str | None:
        """Why this server runs no daemon at all, in one sentence; None when it does."""
        if sys.platform == "win32":
            return "jupyterlab-autoegg works on Linux and macOS; on Windows it does nothing."
        if not self.enabled:
            return (
                "jupyterlab-autoegg is switched off on this server: set AutoeggExtension.enabled = True in the Jupyter "
                "server's configuration and restart the server to use it."
            )
        return None

    def initialize_settings(self) -> None:
        assert self.serverapp is not None
        self._events().register_event_schema(STATE_SCHEMA_FILE)
        self._mirror = Mirror(self._publish)
        if self.switched_off is None:
            self._directory = PrivateDirectory(Path(self.serverapp.runtime_dir))
            self._inheritance = Inheritance(self._directory)
            self.inspection = Inspection(self._directory.rendezvous)
            self._supervisor = Supervisor(
                self._command, self._on_daemon, self._on_event, self.log, reachable=self._reachable
            )
            self._events().add_listener(schema_id=KERNEL_SCHEMA, listener=self._on_kernel)
            connect_pages(self.settings)
        # JupyterLab gives its page a root in the user's home with `~` only, Notebook 7 gives none at all.
        page = self.serverapp.web_app.settings.setdefault("page_config_data", {})
        root = getattr(self.serverapp.contents_manager, "root_dir", "")
        page["autoeggRoot"] = str(Path(root).expanduser()) if root else ""
        page["autoeggGateway"] = str(GatewayClient.instance().gateway_enabled).lower()
        # The event loop does not run yet.
        self.serverapp.io_loop.add_callback(self._begin)

    def initialize_handlers(self) -> None:
        mine = {"extension": self}
        self.handlers.extend(
            [
                (r"/autoegg/state", StateHandler, mine),
                (r"/autoegg/restart", RestartHandler, mine),
                (r"/autoegg/bootstrap", BootstrapHandler, mine),
                (r"/autoegg/contents", ContentsHandler, mine),
                (r"/autoegg/changes", ChangesHandler, mine),
                (r"/autoegg/diff", DiffHandler, mine),
                (r"/autoegg/file", FileHandler, mine),
                (r"/autoegg/give", GiveHandler, mine),
            ]
        )

    async def stop_extension(self) -> None:
        """Ends the daemon and takes back what this server left in the environment and on disk."""
        if self.inspection is not None:
            self.inspection.close()
        if self.giver is not None:
            self.giver.close()
        if self._supervisor is not None:
            await self._supervisor.stop()
        self._mirror.close()
        if self._inheritance is not None:
            self._inheritance.close()
        if self._directory is not None:
            self._directory.close()

    def state(self) -> dict[str, Any]:
        """The current ``ServerState``."""
        return self._mirror.state()

    def bootstrap(self) -> str:
        """Code for ``Bootstrap``; empty when switched off."""
        return "" if self._inheritance is None else self._inheritance.bootstrap()

    def _events(self) -> EventLogger:
        assert self.serverapp is not None and self.serverapp.event_logger is not None
        return self.serverapp.event_logger

    async def _begin(self) -> None:
        if self._supervisor is None:
            self._mirror.set_daemon(DaemonState("unavailable", self.switched_off))
        else:
            # Before the first kernel, which must not be sent to a daemon that cannot come.
            await self._supervisor.look()
            self._begin_giving()

    def _begin_giving(self) -> None:
        if not GatewayClient.instance().gateway_enabled:
            return
        if self.gateway_libraries and self._inheritance is not None:
            self.need_daemon()
            self._inheritance.promise_libraries()
        self.giver = Giver(Offered(list(self.gateway_libraries)), self.log)

    def _command(self) -> list[str]:
        assert self._directory is not None
        store = Path(self.store).expanduser() if self.store else None
        log = Path(self.daemon_log).expanduser() if self.daemon_log else self._directory.log
        return launch.command(self._directory.rendezvous, store, log, self.keep_megabytes, self.keep_days)

    def _reachable(self) -> bool:
        assert self._directory is not None
        try:
            self._directory.restore()
        except OSError as error:
            self.log.error("autoegg's directory was removed and cannot be created again: %s", error)
        return is_reachable(self._directory.rendezvous)

    def _on_daemon(self, state: DaemonState) -> None:
        if self._inheritance is not None:
            self._inheritance.name_daemon(state.condition != "unavailable")
        self._mirror.set_daemon(state)

    def _on_event(self, event: dict[str, Any]) -> None:
        if event["event"] == "problem":
            self.log.warning("autoegg daemon: %s", event["message"])
        self._mirror.take(event)

    async def _on_kernel(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        if data["action"] == "start" and data.get("status") != "error":
            self.need_daemon()
        if self.giver is not None and data.get("status") != "error":
            if data["action"] == "start":
                self.giver.started(data["kernel_id"])
            elif data["action"] == "restart":
                self.giver.restarted(data["kernel_id"])
            elif data["action"] == "shutdown":
                self.giver.ended(data["kernel_id"])

    def _publish(self, state: dict[str, Any]) -> None:
        self._events().emit(schema_id=STATE_SCHEMA, data=state)

    def need_daemon(self) -> None:
        """Starts the daemon if it was not needed before."""
        if self._supervisor is not None:
            self._supervisor.need()

    async def restart_daemon(self) -> None:
        """Restarts the daemon, also after it was found unavailable."""
        if self._supervisor is not None:
            await self._supervisor.restart()
