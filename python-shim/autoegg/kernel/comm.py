"""The comm ``autoegg``: the browser opens it, the kernel sends its state at once and after every change."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from autoegg.protocol import COMM_TARGET

_log = logging.getLogger("autoegg")


class StateComm:
    """Every browser that shows the notebook has a comm of its own; all get the same states.

    Args:
        state: gives the current ``KernelState`` message.
    """

    def __init__(self, state: Callable[[], dict[str, Any]]) -> None:
        self._state = state
        self._comms: dict[str, Any] = {}
        self._manager: Any = None
        self._last: dict[str, Any] | None = None

    def install(self) -> None:
        try:
            from comm import (
                get_comm_manager,
            )  # comes with ipykernel; a terminal IPython has no browser to tell
        except ImportError:
            return
        self._manager = get_comm_manager()
        self._manager.register_target(COMM_TARGET, self._opened)

    def uninstall(self) -> None:
        if self._manager is not None:
            self._manager.unregister_target(COMM_TARGET, self._opened)
        for comm in list(self._comms.values()):
            comm.close()
        self._comms.clear()

    @property
    def is_shown(self) -> bool:
        """Whether a page shows the notebook."""
        return bool(self._comms)

    def publish(self) -> None:
        """Sends the state to all listeners, if it differs from the last one sent; safe on any thread."""
        if not self._comms:
            return
        state = self._state()
        if state == self._last:
            return
        self._last = state
        for comm in list(self._comms.values()):
            self._send(comm, state)

    def _opened(self, comm: Any, message: dict[str, Any]) -> None:
        self._comms[comm.comm_id] = comm
        comm.on_close(lambda _message: self._comms.pop(comm.comm_id, None))
        self._send(comm, self._state())

    def _send(self, comm: Any, state: dict[str, Any]) -> None:
        try:
            comm.send(state)
        except Exception:
            _log.exception("the browser could not be notified")  # showing is not needed for being right
            self._comms.pop(comm.comm_id, None)
