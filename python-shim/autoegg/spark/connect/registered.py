"""What was registered with a Connect session by name is registered again when its state moves.

The server keeps the bytes. Jobs run the newest code anyway, but what plans next to the server (a table function's
``analyze``, a data source) knows only the state in the bytes, and a query with equal bytes may be answered from data that
was cached under older code.
"""

from __future__ import annotations

import inspect
import threading
import weakref
from collections.abc import Callable
from typing import Any

from ..telling import tell
from . import clients

Again = Callable[[Any], Any]

NAMED = {"register_udf": "function", "register_udtf": "function", "register_data_source": "data source"}
"""The methods of the client that register something, with the kind of its name."""


class Registered:
    """All names of all sessions; clients are held weakly, what was registered as long as they live."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._clients: weakref.WeakKeyDictionary[Any, dict[tuple[str, str], tuple[str | None, Again]]] = (
            weakref.WeakKeyDictionary()
        )

    def add(
        self, client: Any, method: str, original: Any, given: inspect.BoundArguments, token: str | None
    ) -> None:
        """``original(*given)`` has just registered something."""
        kind = NAMED[method]
        arguments = dict(given.arguments)
        arguments.pop("self")
        name = arguments.get("name") or (
            arguments["dataSource"].name() if "dataSource" in arguments else None
        )
        if name is None:
            return
        with self._lock:
            names = self._clients.setdefault(client, {})
            names[kind, name.lower()] = token, lambda session: original(session, **arguments)

    def forget(self, client: Any, name: str) -> None:
        """Another function has taken the name."""
        with self._lock:
            self._clients.get(client, {}).pop(("function", name.lower()), None)

    def renew(self, client: Any, token: str | None) -> None:
        """Register again what is not on the state that ``token`` names; what was dropped meanwhile stays dropped."""
        with self._lock:
            names = self._clients.get(client, {})
            for (kind, name), (known, again) in list(names.items()):
                if known == token:
                    continue
                try:
                    if kind == "function" and not clients.session_of(client).catalog.functionExists(name):
                        del names[kind, name]
                        continue
                    again(client)
                    names[kind, name] = token, again
                except Exception as error:
                    del names[kind, name]
                    tell(
                        f"the {kind} {name} keeps the bytes that it was registered with, because it could not be "
                        f"registered again ({type(error).__name__}: {str(error).partition(chr(10))[0]}); register it again"
                    )
