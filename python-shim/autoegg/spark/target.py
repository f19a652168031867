"""The Spark session that this process has: found, never created."""

from __future__ import annotations

import sys
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

_ATTRIBUTE = "_autoegg_target"


@dataclass(frozen=True)
class Target:
    """A live SparkContext as far as shipping is concerned.

    ``key`` is a new one for each new SparkContext: what was delivered to another key is not here. ``handle`` is the
    SparkContext.
    """

    kind: Literal["classic"]
    application: str
    master: str
    key: str
    handle: Any = field(compare=False, repr=False)


def live_target() -> Target | None:
    """The live SparkContext as a target, or None. Imports and starts nothing.

    A local Connect server runs in this process and has a SparkContext, which is not the notebook's
    (``SparkSession._start_connect_server``, connect/session.py).
    """
    context = live_context()
    return of_context(context) if context is not None and not connect_session_is_live() else None


def live_context() -> Any | None:
    """The SparkContext that has not been stopped, or None."""
    module = sys.modules.get("pyspark.core.context") or sys.modules.get("pyspark.context")
    context = getattr(getattr(module, "SparkContext", None), "_active_spark_context", None)
    return context if context is not None and context._jsc is not None else None


def connect_session_is_live() -> bool:
    """Whether a Spark Connect session is open, to which nothing can be shipped yet."""
    module = sys.modules.get("pyspark.sql.connect.session")
    session = getattr(getattr(module, "SparkSession", None), "_default_session", None)
    return session is not None and not session.client.is_closed


def of_context(context: Any) -> Target:
    """The target that stands for ``context``; the same one as long as it lives."""
    target = context.__dict__.get(_ATTRIBUTE)
    if target is None:
        target = Target("classic", context.applicationId, context.master, uuid.uuid4().hex, context)
        setattr(context, _ATTRIBUTE, target)
    return target  # type: ignore[no-any-return]


def sessions_of(target: Target) -> list[Any]:
    """The SparkSessions on top of the target's SparkContext that can be had without making one."""
    module = sys.modules.get("pyspark.sql.session")
    session = getattr(getattr(module, "SparkSession", None), "_instantiatedSession", None)
    if session is None or session._sc is not target.handle:
        return []
    active = type(session).getActiveSession()
    return [session] if active is None or active._sc is not target.handle else [session, active]
