"""Jobs carry the newest state, and labels that name it, whichever thread submits them.

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
from .. import labels
from ..guard import JOB, wire

_STAMP = "_autoegg_carries"
_UNDOES = frozenset(
    (
        "setLocalProperties",  # ``InheritableThread`` hands on what it copied, maybe before the last edit
        "setJobDescription",
        "setJobGroup",
        "clearJobGroup",
        "removeJobTag",
        "clearJobTags",
    )
)
"""Methods of the JVM's context after which a thread may have another state, or lack labels."""

_UNDOES_LABEL = tuple(f"s{name}" for name in (labels.TAGS, labels.DESCRIPTION))
"""First argument of ``setLocalProperty``, in py4j's protocol, with which it does so, too."""

_DONE = "y"
"""How py4j's answer begins where the call raised nothing (``SUCCESS`` in py4j's protocol.py)."""

_TEXT = "ys"
"""How it begins where the call has returned a text (``STRING_TYPE``)."""


class _NotDone(Exception):
    """The JVM did not do what it was asked to: the context is just being stopped."""


class _Wanted:
    """One state for one SparkContext; ``labelled`` says whether jobs also get tags and a description."""

    def __init__(self, context: Any, state: State, labelled: bool) -> None:
        self.state = state
        self.labelled = labelled
        self._context = weakref.ref(context)

    def again(self) -> _Wanted:
        """The same, and no connection has it."""
        return _Wanted(self._context(), self.state, self.labelled)

    def bring(self, connection: Any) -> bool:
        """Whether the JVM's thread at the other end of ``connection`` has it now; not where the context was stopped."""
        context = self._context()
        java = context._jsc if context is not None else None
        if java is None:
            return False
        properties = _Properties(connection, java._target_id)
        try:
            properties.set(JOB, wire(self.state))
            if self.labelled:
                labels.put(properties.get, properties.set, self.state)
        except _NotDone:
            return False
        return True


class _Properties:
    """The local properties of the thread at the other end of a connection, in py4j's protocol."""

    def __init__(self, connection: Any, context: str) -> None:
        self._connection = connection
        self._context = context

    def get(self, name: str) -> str | None:
        from py4j.protocol import unescape_new_line

        answer = self._call("getLocalProperty", name)
        return unescape_new_line(answer[len(_TEXT) :]) if answer.startswith(_TEXT) else None

    def set(self, name: str, value: str | None) -> None:
        self._call("setLocalProperty", name, value)

    def _call(self, method: str, *arguments: str | None) -> str:
        from py4j.protocol import CALL_COMMAND_NAME, END_COMMAND_PART, get_command_part

        parts = "".join(get_command_part(argument, None) for argument in arguments)
        answer: str = self._connection.send_command(
            f"{CALL_COMMAND_NAME}{self._context}\n{method}\n{parts}{END_COMMAND_PART}"
        )
        if not answer.startswith(_DONE):
            raise _NotDone
        return answer


class Connections:
    """The py4j connections of one gateway client."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._wanted: _Wanted | None = None
        self._get, self._send = client._get_connection, client.send_command
        client._get_connection, client.send_command = self._connection, self._command

    def carry(self, context: Any, state: State, labelled: bool) -> None:
        """From its next call on, each connection that Python opened carries ``state``, and labels that name it if ``labelled``."""
        self._wanted = _Wanted(context, state, labelled)

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
        try:
            done = wanted.bring(connection)
        except BaseException as error:
            # Its answer was not read, so nothing else may be sent through it.
            connection.close()
            if isinstance(error, Exception):
                return self._get()
            raise
        if done:
            connection.__dict__[_STAMP] = wanted
        return connection

    def _command(self, command: str, *arguments: Any, **named: Any) -> Any:
        answer = self._send(command, *arguments, **named)
        if self._wanted is not None and _undoes(command):
            if not hasattr(self._client, "get_thread_connection"):
                self._wanted = self._wanted.again()  # any of the connections may have been used
            elif (connection := self._client.get_thread_connection()) is not None:
                connection.__dict__.pop(_STAMP, None)
        return answer


def _undoes(command: str) -> bool:
    """Whether this call, in py4j's protocol, may replace what was brought."""
    parts = command[:128].split("\n", 4)  # kind, object, method, first argument
    if len(parts) < 4:
        return False
    return parts[2] in _UNDOES or (parts[2] == "setLocalProperty" and parts[3] in _UNDOES_LABEL)


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
