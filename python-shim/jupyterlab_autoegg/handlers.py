"""``GET autoegg/state``, ``POST autoegg/restart`` and ``GET autoegg/bootstrap``; messages in ``src/protocol/events.ts``."""

from __future__ import annotations

import json
from typing import Any, Protocol

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web


class Extension(Protocol):
    """What the handlers ask of the extension."""

    @property
    def switched_off(self) -> str | None: ...
    def need_daemon(self) -> None: ...
    def state(self) -> dict[str, Any]: ...
    def bootstrap(self) -> str: ...
    async def restart_daemon(self) -> None: ...


class _AutoeggHandler(APIHandler):
    auth_resource = "autoegg"

    def initialize(self, extension: Extension) -> None:
        self.extension = extension

    def answer(self, message: dict[str, Any]) -> None:
        self.finish(json.dumps(message))


class StateHandler(_AutoeggHandler):
    """The ``ServerState`` of now; the first request starts the daemon."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.extension.need_daemon()
        self.answer(self.extension.state())


class RestartHandler(_AutoeggHandler):
    """Ends the daemon and starts another; answers with the ``ServerState`` right after. 409 when switched off."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        reason = self.extension.switched_off
        if reason is not None:
            raise web.HTTPError(409, reason)
        await self.extension.restart_daemon()
        self.answer(self.extension.state())


class BootstrapHandler(_AutoeggHandler):
    """The ``Bootstrap`` for kernels that did not run our start-up file."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.extension.need_daemon()
        self.answer({"code": self.extension.bootstrap()})
