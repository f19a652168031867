"""The points in PySpark's Connect client (3.5 and 4.x) where functions are pickled and requests are made.

Plans are rebuilt for each request, so functions of old UDFs and DataFrames are pickled with the newest state each time;
what a request carries to the workers is the state in the conf of its session.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Protocol

from .. import points
from ..guard import prologue
from ..points import Undo, Unknown, known, replace
from . import clients
from .carry import carrying, keeping
from .registered import NAMED, Registered


class Hooks(points.Hooks, Protocol):
    """What else the points of the Connect client ask."""

    connect_registered: Registered

    def tags_of(self, client: Any) -> list[str]: ...


_pickling: contextvars.ContextVar[Any] = contextvars.ContextVar("autoegg_client", default=None)
"""The client for whose server something is pickled in this thread."""

_front: contextvars.ContextVar[Callable[[Any], bytes]] = contextvars.ContextVar(
    "autoegg_front", default=prologue
)


def client(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """Every session is known, and gets the newest state before anything is run in it."""
    cls: Any = module.SparkConnectClient
    made = cls.__init__
    if tuple(inspect.signature(made).parameters)[:2] != ("self", "connection"):
        raise Unknown("SparkConnectClient.__init__ takes other parameters")
    for name in ("_config_request_with_metadata", "_execute_plan_request_with_metadata"):
        if not callable(getattr(cls, name, None)):
            raise Unknown(f"SparkConnectClient.{name} is missing")
    request: Any = cls._execute_plan_request_with_metadata

    @functools.wraps(made)
    def init(self: Any, *arguments: Any, **named: Any) -> None:
        made(self, *arguments, **named)
        clients.note(self)

    @functools.wraps(request)
    def requested(self: Any, *arguments: Any, **named: Any) -> Any:
        hooks.state_for(self)
        asked = request(self, *arguments, **named)
        asked.tags.extend(hooks.tags_of(self))
        return asked

    java: Any = known(cls, "register_java", "self", "name", "javaClassName", "return_type", "aggregate")

    @functools.wraps(java)
    def register_java(self: Any, name: str, *arguments: Any, **named: Any) -> Any:
        hooks.connect_registered.forget(self, name)
        return java(self, name, *arguments, **named)

    return [
        replace(cls, "__init__", init),
        replace(cls, "_execute_plan_request_with_metadata", requested),
        replace(cls, "register_java", register_java),
        *(_registering(cls, name, hooks) for name in NAMED if hasattr(cls, name)),  # 3.5 has no data sources
    ]


def _registering(cls: Any, method: str, hooks: Hooks) -> Undo:
    original = getattr(cls, method)
    signature = inspect.signature(original)
    if not {"name", "dataSource"} & set(signature.parameters):
        raise Unknown(f"SparkConnectClient.{method} takes {', '.join(signature.parameters)}")

    @functools.wraps(original)
    def register(self: Any, *arguments: Any, **named: Any) -> Any:
        result = original(self, *arguments, **named)
        given = signature.bind(self, *arguments, **named)
        hooks.connect_registered.add(self, method, original, given, hooks.token_of(self))
        return result

    return replace(cls, method, register)


def artifacts(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """Nothing is hooked here; what delivers a file is looked at."""
    known(module.ArtifactManager, "_create_requests", "self", "path", "pyfile", "archive", "file")
    return []


def expressions(module: ModuleType, hooks: Hooks) -> list[Undo]:
    return [_serializer(module, hooks), _naming_client(module.PythonUDF)]


def plan(module: ModuleType, hooks: Hooks) -> list[Undo]:
    classes = [module.PythonUDTF, getattr(module, "PythonDataSource", None)]  # 3.5 has no data sources
    return [_serializer(module, hooks), *(_naming_client(cls) for cls in classes if cls is not None)]


def _naming_client(cls: Any) -> Undo:
    original = known(cls, "to_plan", "self", "session")

    @functools.wraps(original)
    def to_plan(self: Any, session: Any) -> Any:
        with _for(session):
            return original(self, session)

    return replace(cls, "to_plan", to_plan)


@contextlib.contextmanager
def _for(client: Any, front: Callable[[Any], bytes] | None = None) -> Iterator[None]:
    """What is pickled in this block is for ``client``, with ``front`` before it if that is given."""
    token, front_token = _pickling.set(client), _front.set(front or _front.get())
    try:
        yield
    finally:
        _front.reset(front_token)
        _pickling.reset(token)


def _serializer(module: ModuleType, hooks: Hooks) -> Undo:
    """The serializer as this module names it, not the class itself: data is pickled by it elsewhere."""
    plain: Any = module.__dict__.get("CloudPickleSerializer")
    if plain is None:
        raise Unknown(f"{module.__name__} has no CloudPickleSerializer")
    known(plain, "dumps", "self", "obj")

    class Guarded(plain):  # type: ignore[misc]
        def dumps(self, obj: Any) -> bytes:
            front = _front.get()
            session = _pickling.get() or next(iter(clients.live()), None)
            # Before it is pickled: this may reload the library that the function comes from.
            state = hooks.state_for(session) if session is not None else None
            pickled: bytes = plain().dumps(obj)
            return pickled if state is None else front(state) + pickled

    Guarded.__name__, Guarded.__qualname__ = plain.__name__, plain.__qualname__
    return replace(module, "CloudPickleSerializer", Guarded)


def writer(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """``foreach`` runs in tasks, ``foreachBatch`` next to the server; both are pickled when they are named, which may be
    long before the query starts.
    """
    cls = module.DataStreamWriter
    return [
        _serializer(module, hooks),
        _naming(cls, "foreach", "f", keeping, hooks),
        _naming(cls, "foreachBatch", "func", carrying, hooks),
        _starting(cls, hooks),
    ]


def _naming(cls: Any, name: str, parameter: str, front: Callable[[Any], bytes], hooks: Hooks) -> Undo:
    original = known(cls, name, "self", parameter)

    @functools.wraps(original)
    def named(self: Any, function: Any) -> Any:
        with _for(self._session.client, front):
            result = original(self, function)
        self.__dict__["_autoegg_again"] = (
            hooks.token_of(self._session.client),
            lambda: named(self, function),
        )
        return result

    return replace(cls, name, named)


def _starting(cls: Any, hooks: Hooks) -> Undo:
    original = getattr(cls, "_start_internal", None)
    if not callable(original):
        raise Unknown(f"{cls.__module__}.{cls.__name__}._start_internal is missing")

    @functools.wraps(original)
    def start(self: Any, *arguments: Any, **named: Any) -> Any:
        hooks.state_for(self._session.client)
        token, again = self.__dict__.get("_autoegg_again", (None, None))
        if again is not None and token != hooks.token_of(self._session.client):
            again()
        # Spark 4 runs a stream's operators as if they belonged to no session, so they get none of its files (their
        # SPARK_JOB_ARTIFACT_UUID is "default"; 3.5 gives them the session's).
        isolated = not hasattr(self._session.client, "_server_session_id")
        with _for(self._session.client, keeping if isolated else carrying):
            return original(self, *arguments, **named)

    return replace(cls, "_start_internal", start)


def queries(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """3.5 runs listeners next to the server; 4.x runs them here, where nothing is pickled."""
    if "CloudPickleSerializer" not in module.__dict__:
        return []
    cls = module.StreamingQueryManager
    original = known(cls, "addListener", "self", "listener")

    @functools.wraps(original)
    def add(self: Any, listener: Any) -> None:
        with _for(self._session.client, carrying):
            original(self, listener)

    return [_serializer(module, hooks), replace(cls, "addListener", add)]


def frames(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """A DataFrame that is persisted keeps its plan as it was then: pickled again it would be another query, without its
    data.
    """
    cls = module.DataFrame
    persist = known(cls, "persist", "self", "storageLevel")
    unpersist = known(cls, "unpersist", "self", "blocking")

    @functools.wraps(persist)
    def keep(self: Any, *arguments: Any, **named: Any) -> Any:
        plan = self._plan
        if plan is None or "plan" in plan.__dict__:
            return persist(self, *arguments, **named)
        relation = plan.plan(self._session.client)
        plan.plan = lambda session: _copy(relation)
        try:
            return persist(self, *arguments, **named)
        except BaseException:
            plan.__dict__.pop("plan", None)
            raise

    @functools.wraps(unpersist)
    def give_up(self: Any, *arguments: Any, **named: Any) -> Any:
        result = unpersist(self, *arguments, **named)
        if self._plan is not None:
            self._plan.__dict__.pop("plan", None)
        return result

    return [replace(cls, "persist", keep), replace(cls, "unpersist", give_up)]


def _copy(relation: Any) -> Any:
    copied = type(relation)()
    copied.CopyFrom(relation)
    return copied


POINTS: dict[str, Callable[[ModuleType, Hooks], list[Undo]]] = {
    "pyspark.sql.connect.client.core": client,
    "pyspark.sql.connect.client.artifact": artifacts,
    "pyspark.sql.connect.expressions": expressions,
    "pyspark.sql.connect.plan": plan,
    "pyspark.sql.connect.dataframe": frames,
    "pyspark.sql.connect.streaming.readwriter": writer,
    "pyspark.sql.connect.streaming.query": queries,
}
