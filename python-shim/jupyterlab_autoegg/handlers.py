"""The REST endpoints below ``autoegg/``; messages in ``src/protocol/events.ts``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from autoegg.errors import AutoeggError, DaemonUnavailable, LibraryRefused

from .inspection import Inspection, Malformed, NotThere
from .remote.giver import Giver, Refused
from .remote.places import OutsideRoot, place_below


class Extension(Protocol):
    """What the handlers ask of the extension."""

    @property
    def switched_off(self) -> str | None: ...
    def need_daemon(self) -> None: ...
    def state(self) -> dict[str, Any]: ...
    def bootstrap(self) -> str: ...
    @property
    def inspection(self) -> Inspection | None: ...
    @property
    def giver(self) -> Giver | None: ...
    async def restart_daemon(self) -> None: ...


class _AutoeggHandler(APIHandler):
    auth_resource = "autoegg"

    def initialize(self, extension: Extension) -> None:
        self.extension = extension

    def answer(self, message: dict[str, Any]) -> None:
        self.finish(json.dumps(message))


class StateHandler(_AutoeggHandler):
    """The current ``ServerState``; the first request starts the daemon."""

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


class GiveHandler(_AutoeggHandler):
    """Gives a folder of this server to one kernel behind the gateway (``Gift``, answered by ``Given``)."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """400, 404, 409, 503 with one sentence where the kernel does not get it."""
        gift = self.get_json_body()
        if not isinstance(gift, dict) or not all(
            isinstance(gift.get(name), str) for name in ("kernel", "path")
        ):
            raise web.HTTPError(400, "The request names no kernel and no path.")
        giver = self.extension.giver
        if giver is None:
            reason = self.extension.switched_off
            raise web.HTTPError(409, reason or "This server's kernels do not run behind a gateway.")
        if gift["kernel"] not in self.kernel_manager:
            raise web.HTTPError(404, "This server does not know the kernel; start a new one.")
        try:
            place = await asyncio.to_thread(place_below, self.contents_manager, gift["path"])
            self.extension.need_daemon()
            names, refused = await giver.give(gift["kernel"], place)
        except (OutsideRoot, LibraryRefused) as reason:
            raise web.HTTPError(404, str(reason)) from None
        except Refused as reason:
            raise web.HTTPError(409, str(reason)) from None
        except AutoeggError as reason:
            raise web.HTTPError(503, str(reason)) from None
        self.answer({"libraries": names, "refused": refused})


class _InspectionHandler(_AutoeggHandler):
    _question: asyncio.Task[dict[str, Any]] | None = None

    async def look(self, ask: Callable[[Inspection], dict[str, Any]]) -> None:
        """Answers with what ``ask`` finds, which may wait for disk and daemon."""
        await self.reply(lambda inspection: inspection.apart(lambda: ask(inspection)))

    async def reply(self, ask: Callable[[Inspection], Coroutine[Any, Any, dict[str, Any]]]) -> None:
        """400 and 404 with one sentence where there is nothing to see, 409 when switched off, 503 without a daemon."""
        inspection = self.extension.inspection
        if inspection is None:
            raise web.HTTPError(409, self.extension.switched_off)
        self._question = asyncio.ensure_future(ask(inspection))
        try:
            self.answer(await self._question)
        except Malformed as reason:
            raise web.HTTPError(400, str(reason)) from None
        except (NotThere, AutoeggError) as reason:
            gone = isinstance(reason, DaemonUnavailable)
            raise web.HTTPError(503 if gone else 404, str(reason)) from None
        except asyncio.CancelledError:
            if not self._question.cancelled():
                raise
            self.set_status(499)

    def on_connection_close(self) -> None:
        """The browser has disconnected: nothing waits for the answer."""
        if self._question is not None:
            self._question.cancel()
        super().on_connection_close()


class ContentsHandler(_InspectionHandler):
    """What would be shipped of a library (``LibraryContents``)."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        library = self.get_query_argument("library")
        await self.look(lambda inspection: inspection.contents(library))


class ChangesHandler(_InspectionHandler):
    """Which files differ between two versions (``Changes``)."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        names = [self.get_query_argument(name) for name in ("library", "from", "to")]
        await self.look(lambda inspection: inspection.changes(*names))


class DiffHandler(_InspectionHandler):
    """A file's lines in two versions (``Difference``)."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        names = [self.get_query_argument(name) for name in ("library", "path", "from", "to")]
        await self.reply(lambda inspection: inspection.difference(*names))


class FileHandler(_InspectionHandler):
    """One file of a library in a version (``FileText``)."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        library, path = self.get_query_argument("library"), self.get_query_argument("path")
        version = self.get_query_argument("version", None)
        await self.look(lambda inspection: inspection.file(library, path, version))
