"""On the user's request, what a session writes names the versions that it runs: in the commits of Delta and Iceberg.

Found by trying (``tests/tables``): Delta puts a session's ``userMetadata`` into each commit, of SQL too, unless the write has an option of
its own. Iceberg takes options of the session only for ``df.write.format("iceberg").save``; all others need the option on the write
itself. Spark keeps options of ``saveAsTable`` as properties of the table, whatever its format.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..errors import ShipFailed
from ..protocol import State
from . import hooks
from .connect import rpc
from .target import Target, target_of

DELTA = "spark.databricks.delta.commitInfo.userMetadata"
"""Delta's setting of a session: a text for each commit."""

_DELTA_OPTION = "userMetadata"
_SNAPSHOT = "snapshot-property.autoegg."
"""Iceberg's options of a write: entries of the snapshot's summary."""

ICEBERG = f"spark.datasource.iceberg.{_SNAPSHOT}"
"""How a session gives them to Iceberg (Spark's ``SessionConfigSupport``)."""


@dataclass
class _Tagged:
    """Settings of one session as they were written; the user may have changed them since."""

    key: str
    written: dict[str, str] = field(default_factory=dict)


_tagged: weakref.WeakKeyDictionary[Any, _Tagged] = weakref.WeakKeyDictionary()
"""By SparkSession, or by the client of a Connect session."""


def tag(thing: Any) -> Any:
    """See ``autoegg.tag``."""
    session = getattr(thing, "_spark", thing)  # of a DataFrameWriter, or one of writeTo
    target = target_of(session)
    if target is None or (target.kind == "classic" and not hasattr(session, "conf")):
        raise ShipFailed("autoegg.tag takes a live SparkSession, or a writer: df.write or df.writeTo(table)")
    state = hooks.state_of(target)
    if state is None or not state.libraries:
        raise ShipFailed(
            "no library of yours is shipped to this session: import one, in a program call autoegg.ship(spark), and tag it then"
        )
    if session is not thing:
        return _with_options(thing, state)
    _tag(target, session, state)
    names = ", ".join(f"{library.name} {library.version[:4]}" for library in state.libraries)
    return f"commits of Delta and Iceberg name {names}, and what this session runs later"


def follow(target: Target, state: State) -> None:
    """``target`` has been put on ``state``: so are the commits of its tagged sessions."""
    for holder in list(_tagged):
        if target.handle in (holder, getattr(holder, "_sc", None)):
            _write(target, holder, state)


def _with_options(writer: Any, state: State) -> Any:
    writer = writer.option(_DELTA_OPTION, _text(state))
    for library in state.libraries:
        writer = writer.option(f"{_SNAPSHOT}{library.name}", library.version)
    return writer


def _tag(target: Target, session: Any, state: State) -> None:
    holder = target.handle if target.kind == "connect" else session
    if holder not in _tagged:
        hers = _Settings(target, holder).get(DELTA)
        if hers is not None:
            raise ShipFailed(
                f"{DELTA} is {hers!r} in this session, and autoegg.tag(spark) would replace that: unset it first, or tag single writes, "
                "autoegg.tag(df.write)"
            )
        _tagged[holder] = _Tagged(target.key)
    _write(target, holder, state)


def _write(target: Target, holder: Any, state: State) -> None:
    """What the user has set or unset since it was written stays as she has it."""
    settings, tagged = _Settings(target, holder), _tagged[holder]
    if tagged.key != target.key:  # a Connect server has lost the session, and all that was set
        tagged.key, tagged.written = target.key, {}
    wanted = {DELTA: _text(state), **{f"{ICEBERG}{it.name}": it.version for it in state.libraries}}
    written = tagged.written
    for name in {*wanted, *written}:
        if name in written and settings.get(name) != written[name]:
            continue
        if name in wanted:
            settings.set(name, wanted[name])
            written[name] = wanted[name]
        else:
            settings.unset(name)
            del written[name]


def _text(state: State) -> str:
    return json.dumps({"autoegg": {library.name: library.version for library in state.libraries}})


class _Settings:
    """The conf of a session; that of a Connect session without PySpark's repeated calls."""

    def __init__(self, target: Target, holder: Any) -> None:
        self.get: Callable[[str], str | None]
        self.set: Callable[[str, str], None]
        self.unset: Callable[[str], None]
        if target.kind == "connect":
            self.get, self.set = partial(rpc.get_conf, holder), partial(rpc.set_conf, holder)
            self.unset = partial(rpc.unset_conf, holder)
        else:
            self.get = lambda name: holder.conf.get(name, None)
            self.set, self.unset = holder.conf.set, holder.conf.unset
