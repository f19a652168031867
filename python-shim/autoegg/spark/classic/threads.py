"""Jobs carry the newest state whichever thread submits them.

A job's local properties are those of a thread in the JVM: with pinned threads (the default) each Python thread has its
own, without (``PYSPARK_PIN_THREAD=false``) any call may run on any of them. What is the same in both modes is that one
py4j connection is one thread of the JVM (py4j's clientserver.py and java_gateway.py). So connections are what is stamped:
one that does not have the newest state yet gets it before the next call goes through it. That also holds for a thread
whose connection was closed by an interrupt, which loses all local properties.
"""

from __future__ import annotations

import weakref
from typing import Any

from ...protocol import State
from ..guard import JOB, wire

_STAMP = "_autoegg_carries"
_REPLACES_ALL = "\nsetLocalProperties\n"
"""How ``InheritableThread`` and ``inheritable_thread_target`` hand on what they copied, maybe before the last edit."""

_DONE = "y"
"""How py4j's answer begins where the call raised nothing (``SUCCESS`` in py4j's protocol.py)."""


class _Wanted:
    """One state for one SparkContext."""

    def __init__(self, context: Any, state: State) -> None:
        self.state = state
        self._context = weakref.ref(context)

    def command(self) -> str | None:
        """``setLocalProperty`` in py4j's protocol; None when the context was stopped."""
        from py4j.protocol import CALL_COMMAND_NAME, END_COMMAND_PART, get_command_part

        context = self._context()
        java = context._jsc if context is not None else None
        if java is None:
            return None
        parts = [get_command_part(text, None) for text in (JOB, wire(self.state))]
        return "".join((CALL_COMMAND_NAME, java._target_id, "\nsetLocalProperty\n", *parts, END_COMMAND_PART))


class Connections:
    """The py4j connections of one gateway client."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._wanted: _Wanted | None = None
        self._get, self._send = client._get_connection, client.send_command
        client._get_connection, client.send_command = self._connection, self._command

    def carry(self, context: Any, state: State) -> None:
        """From its next call on, each connection that Python opened carries ``state``."""
        self._wanted = _Wanted(context, state)

    def covers(self, state: State) -> bool:
        """Whether ``state`` is carried by what the calling thread submits, without anything being done for it.

        Not in a callback: it runs on a thread of the JVM's, such as a stream's, whose own jobs keep their state.
        """
        if self._wanted is None or self._wanted.state != state:
            return False
        thread = getattr(self._client, "get_thread_connection", None)
        connection = thread() if thread is not None else None
        return connection is None or bool(getattr(connection, "initiated_from_client", True))

    def detach(self) -> None:
        for name in ("_get_connection", "send_command"):
            self._client.__dict__.pop(name, None)

    def _connection(self) -> Any:
        connection = self._get()
        wanted = self._wanted
        if wanted is None or connection.__dict__.get(_STAMP) is wanted:
            return connection
        if not getattr(connection, "initiated_from_client", True):
            return connection
        command = wanted.command()
        if command is None:
            return connection
        try:
            answer = connection.send_command(command)
        except BaseException as error:
            # Its answer was not read, so nothing else may be sent through it.
            connection.close()
            if isinstance(error, Exception):
                return self._get()
            raise
        if answer.startswith(_DONE):
            connection.__dict__[_STAMP] = wanted
        return connection

    def _command(self, command: str, *arguments: Any, **named: Any) -> Any:
        answer = self._send(command, *arguments, **named)
        if _REPLACES_ALL in command[:64] and hasattr(self._client, "get_thread_connection"):
            connection = self._client.get_thread_connection()
            if connection is not None:
                connection.__dict__.pop(_STAMP, None)
        return answer


_clients: dict[Any, Connections] = {}


def of(context: Any) -> Connections | None:
    """The connections that serve ``context``; None if py4j's internals are unknown."""
    client = getattr(context._gateway, "_gateway_client", None)
    if not all(callable(getattr(client, name, None)) for name in ("_get_connection", "send_command")):
        return None
    if client not in _clients:
        _clients[client] = Connections(client)
    return _clients[client]


def detach() -> None:
    """Take everything out again."""
    while _clients:
        _clients.popitem()[1].detach()
