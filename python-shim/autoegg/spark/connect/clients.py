"""The Spark Connect clients of this process: found, never created. One client is one session on a server."""

from __future__ import annotations

import os
import sys
import uuid
import weakref
from typing import Any

_KEY = "_autoegg_key"
_GIVEN = "_autoegg_given"

_known: weakref.WeakSet[Any] = weakref.WeakSet()


def note(client: Any) -> None:
    """``client`` was just made."""
    _known.add(client)


def live() -> list[Any]:
    """The clients that have not been closed, the default session's first."""
    module = sys.modules.get("pyspark.sql.connect.session")
    cls = getattr(module, "SparkSession", None)
    sessions = [getattr(cls, "_default_session", None)]
    sessions.append(getattr(getattr(cls, "_active_session", None), "session", None))
    # Those two may be older than the hooks.
    clients = [session._client for session in sessions if session is not None]
    return [client for client in dict.fromkeys([*clients, *list(_known)]) if not client.is_closed]


def key_of(client: Any) -> str:
    """Represents one session on one server, as long as the server knows it."""
    key: str | None = client.__dict__.get(_KEY)
    if key is None:
        key = client.__dict__[_KEY] = uuid.uuid4().hex
    return key


def lost(client: Any) -> None:
    """The server has lost the session, and makes a new one under its name: nothing has been given to that."""
    client.__dict__.pop(_KEY, None)
    client.__dict__.pop(_GIVEN, None)


def given(client: Any) -> set[tuple[str, str]]:
    """What the session has been given, by name and digest, also by an autoegg that was unloaded since."""
    names: set[tuple[str, str]] = client.__dict__.setdefault(_GIVEN, set())
    return names


def address(client: Any) -> str:
    """The server as ``SparkSession.builder.remote`` takes it, without its parameters (a token may be among them)."""
    builder = client._builder
    return f"sc://{getattr(builder, 'endpoint', None) or builder.host}"


def session_of(client: Any) -> Any:
    """A session object for this client, as PySpark makes one (``cloneSession`` in connect/session.py)."""
    from pyspark.sql.connect.session import SparkSession

    class Borrowed(SparkSession):
        # Attributes of the class, because Databricks Connect has properties there that look into an object of each
        # session, and there is none here.
        _client = client
        _session_id = client._session_id

        def __del__(self) -> None:
            """PySpark's closes the client, which is the user's."""

    return object.__new__(Borrowed)


def client_of(thing: Any) -> Any | None:
    """The client that a Connect session has, or that ``thing`` is; None for anything else."""
    if is_client(thing):
        return thing
    cls: Any = getattr(sys.modules.get("pyspark.sql.connect.session"), "SparkSession", None)
    # Through the attribute: in Databricks Connect it is a property.
    return thing._client if cls is not None and isinstance(thing, cls) else None


def is_client(thing: Any) -> bool:
    module = sys.modules.get("pyspark.sql.connect.client.core")
    return isinstance(thing, getattr(module, "SparkConnectClient", ()))


def server_is_here() -> bool:
    """Whether this process runs the server of a local session (``SparkSession.builder.remote("local[2]")``): the
    SparkContext that it then has is the server's, not the notebook's (``_start_connect_server`` in connect/session.py).
    """
    return "SPARK_LOCAL_REMOTE" in os.environ
