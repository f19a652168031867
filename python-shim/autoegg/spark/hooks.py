"""Puts the state in front of functions that PySpark pickles: the hooks are installed as soon as pyspark is imported.

PySpark's private functions are touched only where they look as they are known to look. Else nothing is guessed:
``problem`` says in one sentence what was found, and shipping is refused with it.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
import weakref
from collections.abc import Callable, Iterator, MutableSet
from types import ModuleType
from typing import Any

from ..protocol import State
from . import guard, imports, labels
from .classic import tasks, threads, unguarded
from .classic.commands import POINTS as CLASSIC
from .classic.copies import Copies
from .classic.kept import Kept
from .classic.registered import Registered
from .classic.sql import POINTS as SQL
from .connect.clients import is_client
from .connect.points import POINTS as CONNECT
from .connect.registered import Registered as ConnectRegistered
from .pandas_api import POINTS as PANDAS
from .points import Undo, Unknown
from .target import Target, live_context, of_client, of_context

Prepare = Callable[[Any], State | None]

POINTS: dict[str, Callable[[ModuleType, Any], list[Undo]]] = {**CLASSIC, **SQL, **CONNECT, **PANDAS}

_lock = threading.RLock()
_hooks: Hooks | None = None
_pinned: contextvars.ContextVar[State | None] = contextvars.ContextVar("autoegg_state", default=None)


class Hooks:
    """What the points in PySpark ask. One per process."""

    def __init__(self, prepare: Prepare) -> None:
        self.prepare = prepare
        self.problem: str | None = None
        self.active: dict[str, State] = {}
        self.labelled: set[str] = set()
        """Keys of the targets whose jobs name their versions."""
        self.undo: list[Undo] = []
        self.unwatch: Undo = lambda: None
        self._hooked: set[int] = set()
        self.sessions: MutableSet[Any] = weakref.WeakSet()
        self.registered = Registered()
        self.kept = Kept()
        self.connect_registered = ConnectRegistered()
        self.copies = Copies()
        # A context that was there before the hooks may hold functions without a guard.
        self.unguarded = self.late = live_context() is not None
        if self.late:
            self.sessions.update(unguarded.live("session"))
            for frame in unguarded.live("frame"):
                self.kept.ran_before(frame)

    def state_for(self, context: Any) -> State | None:
        """The state that a function pickled now for ``context`` (or a Connect client) must carry; jobs carry it too."""
        if _hooks is not self:
            return None  # taken out, but somebody still has a reference to the hooked function
        target = of_client(context) if is_client(context) else of_context(context)
        state = _pinned.get() or self.prepare(target)
        if state is None:
            self.unguarded = True
        elif self.problem is None:
            carry(target, state)
        return state

    def active_for(self, context: Any) -> State | None:
        """The state that ``context`` was last set to."""
        return self.active.get(of_context(context).key) if self.active and context is not None else None

    def token(self) -> str | None:
        """Names the active state of the live SparkContext; objects pickled under another one are pickled again."""
        return _token(self.active_for(live_context()) if self.active else None)

    def token_of(self, client: Any) -> str | None:
        """The same for the session of a Connect client."""
        return _token(self.active.get(of_client(client).key))

    @contextlib.contextmanager
    def on_this_thread(self, context: Any, state: State) -> Iterator[None]:
        """Jobs submitted in this block carry ``state``, also where the thread is one of the JVM's: it is left as it was."""
        connections = threads.of(context)
        if connections is not None and connections.covers(state):
            yield
            return
        name = guard.PROPERTY if connections is None else guard.JOB
        java = context._jsc
        before = {key: java.getLocalProperty(key) for key in (name, labels.TAGS, labels.DESCRIPTION)}
        java.setLocalProperty(name, guard.wire(state))
        if of_context(context).key in self.labelled:
            labels.put(java.getLocalProperty, java.setLocalProperty, state)
        try:
            yield
        finally:
            for key, value in before.items():
                java.setLocalProperty(key, value)

    def tags_of(self, client: Any) -> list[str]:
        """The tags that a request of a Connect client carries in addition to the user's."""
        key = of_client(client).key
        state = self.active.get(key) if key in self.labelled else None
        return [] if state is None else labels.tags_of(state)

    def module_is_there(self, module: ModuleType) -> None:
        with _lock:
            if id(module) in self._hooked:
                return  # Spark 4 has some modules under two names
            self._hooked.add(id(module))
            try:
                self.undo += POINTS[module.__name__](module, self)
                if module.__name__ == "pyspark.accumulators":
                    self.undo += tasks.listen(module)
            except Unknown as unknown:
                self.problem = str(unknown)


def install(prepare: Prepare) -> None:
    """Ask ``prepare`` for the state whenever a function is about to be pickled for Spark.

    At once if pyspark is imported, else when it is; calling it again only replaces ``prepare``. ``prepare`` gets a
    Target, runs in the thread that pickles, and may raise: that reaches the user. None from it leaves the pickle alone.
    """
    global _hooks
    with _lock:
        if _hooks is not None:
            _hooks.prepare = prepare
            return
        _hooks = Hooks(prepare)
        guard.disarm_here()
        _hooks.unwatch = imports.watch(POINTS, _hooks.module_is_there)


def uninstall() -> None:
    """Remove everything. Pickles that were created before keep their guard."""
    global _hooks
    with _lock:
        if _hooks is not None:
            _hooks.unwatch()
            threads.detach()
            while _hooks.undo:
                _hooks.undo.pop()()
            _hooks = None


def _token(state: State | None) -> str | None:
    return None if state is None else f"{state.session}:{state.generation}"


def problem() -> str | None:
    """Why functions cannot be guarded in this process, in one sentence; None if they can."""
    if _hooks is None:
        return "The hooks into PySpark are not installed, so its workers cannot be kept on the shipped code."
    return _hooks.problem


def state_of(target: Target) -> State | None:
    """What ``target`` is to run, as if a function were pickled for it now; None where nothing is shipped."""
    return None if _hooks is None else _hooks.prepare(target)


def sessions() -> list[Any]:
    """The Spark sessions made since the hooks went in that are still referred to."""
    return list(_hooks.sessions) if _hooks is not None else []


def activated(target: Target, state: State, labelled: bool) -> None:
    """Jobs of every thread carry ``state`` from now on, and name it if ``labelled``; what was registered by name, and UDF
    objects made earlier, are pickled anew.
    """
    if _hooks is not None:
        _hooks.active[target.key] = state
        (_hooks.labelled.add if labelled else _hooks.labelled.discard)(target.key)
        connections = threads.of(target.handle) if target.kind == "classic" else None
        if connections is not None:
            connections.carry(target.handle, state, labelled)
    carry(target, state)
    if _hooks is not None and target.kind == "connect":
        with pickling_for(state):
            _hooks.connect_registered.renew(target.handle, _hooks.token_of(target.handle))
    if _hooks is not None and target.kind == "classic":
        _hooks.kept.moved(target.handle, _hooks.token(), _hooks.late)
        _hooks.copies.moved(library.name for library in state.libraries)
        with pickling_for(state):
            _hooks.registered.renew(target.handle, _hooks.token())
        if _hooks.unguarded:
            _hooks.unguarded = False
            unguarded.guard_all(target.handle, state)


def carry(target: Target, state: State) -> None:
    """The jobs that the calling thread submits carry ``state``."""
    if target.kind != "classic":
        return
    connections = threads.of(target.handle) if _hooks is not None else None
    if connections is None or not connections.covers(state):
        # If not every thread can be updated, an old one must not override the session's conf.
        name = guard.PROPERTY if connections is None else guard.JOB
        java = target.handle._jsc
        java.setLocalProperty(name, guard.wire(state))
        if _hooks is not None and target.key in _hooks.labelled:
            labels.put(java.getLocalProperty, java.setLocalProperty, state)


@contextlib.contextmanager
def pickling_for(state: State) -> Iterator[None]:
    """Functions pickled in this block carry ``state``, without asking."""
    token = _pinned.set(state)
    try:
        yield
    finally:
        _pinned.reset(token)
