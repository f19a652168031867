"""The kernel's connection to the daemon: connects lazily; after a failure waits 5 s before retrying."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from autoegg.daemon.link import DaemonLink
from autoegg.errors import AutoeggError, DaemonUnavailable
from autoegg.protocol import BarrierAnswer, Delivery, LibrarySpec

_log = logging.getLogger("autoegg")

# Without Node every cell would otherwise search for it again.
_SECONDS_UNTIL_RETRY = 5.0

_MOST_MARKS = 200

Noticed = Callable[[str, Delivery | None], None]


class Watch:
    """Args: noticed: called on a thread of its own with a library's key and delivery whenever its files moved."""

    def __init__(self, noticed: Noticed) -> None:
        self._noticed = noticed
        self.marks: OrderedDict[str, dict[str, Any]] = OrderedDict()
        """Version to ``GitMark``, as the daemon has reported."""
        self._link: DaemonLink | None = None
        self._subscribed = False
        self._unavailable: tuple[float, DaemonUnavailable] | None = None

    def open(self, spec: LibrarySpec) -> str:
        """The daemon's key of the library. Raises what the daemon refuses it with, or DaemonUnavailable."""
        return self._guarded(lambda link: link.open(spec))

    def find(self, path: Path) -> list[LibrarySpec]:
        """What an absolute path stands for. Raises LibraryRefused when that is no library, or DaemonUnavailable."""
        found: list[LibrarySpec] = self._guarded(lambda link: link.find(str(path)))
        return found

    def left_out(self, key: str | None) -> list[dict[str, Any]]:
        """What is left out of an open library (``LibraryContents.leftOut``); nothing if there is no daemon to ask."""
        if key is None:
            return []
        try:
            contents: dict[str, Any] = self._guarded(lambda link: link.contents(key))
        except AutoeggError as refusal:
            _log.info("not listed: %s", refusal)
            return []
        left: list[dict[str, Any]] = contents["leftOut"]
        return left

    def barrier(self, known: Mapping[str, str | None]) -> dict[str, BarrierAnswer]:
        return self._guarded(lambda link: link.barrier(known))

    def forget(self, key: str | None) -> None:
        if self._link is not None and key is not None:
            try:
                self._link.close_library(key)
            except DaemonUnavailable as gone:
                _log.info("not closed: %s", gone)  # a daemon that is gone holds nothing open

    def close(self) -> None:
        if self._link is not None:
            self._link.close()

    def _guarded(self, call: Callable[[DaemonLink], Any]) -> Any:
        if self._unavailable is not None and time.monotonic() < self._unavailable[0]:
            raise self._unavailable[1]
        self._unavailable = None
        try:
            if self._link is None:
                self._link = DaemonLink("kernel")
            answer = call(self._link)
            if not self._subscribed:
                self._link.subscribe(self._on_notice)
                self._subscribed = True
            return answer
        except DaemonUnavailable as unavailable:
            self._unavailable = (time.monotonic() + _SECONDS_UNTIL_RETRY, unavailable)
            raise

    def _on_notice(self, status: dict[str, Any], delivery: Delivery | None) -> None:
        try:
            self._remember(status)
            self._noticed(status["library"], delivery)
        except Exception:
            _log.exception("a notice of the daemon could not be followed; the next cell asks by itself")

    def _remember(self, status: dict[str, Any]) -> None:
        if status["version"] is not None and status["git"] is not None:
            self.marks[status["version"]] = status["git"]
            while len(self.marks) > _MOST_MARKS:
                self.marks.popitem(last=False)
