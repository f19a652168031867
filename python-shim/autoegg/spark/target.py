"""The Spark sessions that this process has: found, never created."""

from __future__ import annotations

import sys
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

from .connect import clients

_ATTRIBUTE = "_autoegg_target"


@dataclass(frozen=True)
class Target:
    """What eggs are given to: the live SparkContext, or one session on a Spark Connect server.

    ``key`` is a new one for each new SparkContext or session: what was delivered to another key is not here. ``handle``
    is the SparkContext or the SparkConnectClient. ``application`` is the application's or the session's id, ``master``
    the master or the server's address. ``web`` is the address of Spark's own user interface, None where there is none.
    """

    kind: Literal["classic", "connect"]
    application: str
    master: str
    key: str
    handle: Any = field(compare=False, repr=False)
    web: str | None = field(default=None, compare=False)


def live_targets() -> list[Target]:
    """All that is live here: the SparkContext first, then the Connect sessions. Imports and starts nothing.

    A local Connect server runs in this process and has a SparkContext, which is not the notebook's.
    """
    context = None if clients.server_is_here() else live_context()
    targets = [] if context is None else [of_context(context)]
    return targets + [of_client(client) for client in clients.live()]


def live_target() -> Target | None:
    """The first of ``live_targets``, or None."""
    return next(iter(live_targets()), None)


def target_of(thing: Any) -> Target | None:
    """The target that a session, SparkContext or Connect client belongs to; the first live one for None."""
    if thing is None:
        return live_target()
    client = clients.client_of(thing)
    if client is not None:
        return None if client.is_closed else of_client(client)
    context = getattr(thing, "_sc", thing)
    return of_context(context) if context is live_context() else None


def live_context() -> Any | None:
    """The SparkContext that has not been stopped, or None."""
    module = sys.modules.get("pyspark.core.context") or sys.modules.get("pyspark.context")
    context = getattr(getattr(module, "SparkContext", None), "_active_spark_context", None)
    return context if context is not None and context._jsc is not None else None


def of_client(client: Any) -> Target:
    """The target for a Connect client's session."""
    return Target("connect", client._session_id, clients.address(client), clients.key_of(client), client)


def of_context(context: Any) -> Target:
    """The target for ``context``; the same one as long as it lives."""
    target = context.__dict__.get(_ATTRIBUTE)
    if target is None:
        target = Target(
            "classic", context.applicationId, context.master, uuid.uuid4().hex, context, context.uiWebUrl
        )
        setattr(context, _ATTRIBUTE, target)
    return target  # type: ignore[no-any-return]


def sessions_of(target: Target) -> list[Any]:
    """The SparkSessions on top of the target's SparkContext that exist without creating one."""
    module = sys.modules.get("pyspark.sql.session")
    session = getattr(getattr(module, "SparkSession", None), "_instantiatedSession", None)
    if session is None or session._sc is not target.handle:
        return []
    active = type(session).getActiveSession()
    return [session] if active is None or active._sc is not target.handle else [session, active]
