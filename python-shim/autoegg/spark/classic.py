"""The points in classic PySpark (3.5 and 4.x) where functions are pickled, or where an old pickle would be used again."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator, MutableSet
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any, Protocol

from ..protocol import State
from . import copies, encrypted, kept, registered, returned, tasks
from .guard import PROPERTY, prologue, wire

Undo = Callable[[], None]
_STAMP = "_autoegg_state"


class Hooks(Protocol):
    """What the points ask: ``hooks.Hooks``."""

    sessions: MutableSet[Any]
    active: dict[str, State]
    registered: registered.Registered
    kept: kept.Kept
    connect_registered: Any
    copies: copies.Copies

    def state_for(self, context: Any) -> State | None: ...
    def active_for(self, context: Any) -> State | None: ...
    def token(self) -> str | None: ...
    def token_of(self, client: Any) -> str | None: ...
    def on_this_thread(self, context: Any, state: State) -> AbstractContextManager[None]: ...


class Unknown(Exception):
    """A private function of PySpark is not as it is known; ``str()`` is the sentence for the user."""

    def __init__(self, what: str) -> None:
        import pyspark

        super().__init__(
            f"PySpark {pyspark.__version__} is not known to autoegg ({what}), so its workers could not be kept on the "
            "shipped code: use PySpark 3.5 or 4.x, or switch autoegg off with `%autoegg off`."
        )


def _known(owner: Any, name: str, *parameters: str) -> Any:
    function = getattr(owner, name, None)
    where = f"{getattr(owner, '__module__', '')}.{owner.__name__}.{name}".lstrip(".")
    if not callable(function):
        raise Unknown(f"{where} is missing")
    found = tuple(inspect.signature(function).parameters)
    if found != parameters:
        raise Unknown(f"{where} takes {', '.join(found)}")
    return function


def _replace(owner: Any, name: str, new: Any) -> Undo:
    old = owner.__dict__[name]
    setattr(owner, name, new)

    def undo() -> None:
        if owner.__dict__.get(name) is new:
            setattr(owner, name, old)

    return undo


def commands(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """The one funnel of RDDs, UDFs, UDTFs and data sources; ``sql/udf.py`` of 3.5 has its own name for it."""
    if "_prepare_for_python_RDD" not in module.__dict__ and module.__name__ == "pyspark.sql.udf":
        return []
    original = _known(module, "_prepare_for_python_RDD", "sc", "command")
    if hasattr(original, _STAMP):  # imported from a module that has the hook already
        return [lambda: setattr(module, "_prepare_for_python_RDD", original.__wrapped__)]

    @functools.wraps(original)
    def guarded(sc: Any, command: Any) -> tuple[Any, ...]:
        # Before it is pickled: this may reload the library that the function comes from.
        state = hooks.state_for(sc)
        pickled, *rest = original(sc, command)
        return (pickled if state is None else prologue(state) + pickled, *rest)

    setattr(guarded, _STAMP, True)
    return [_replace(module, "_prepare_for_python_RDD", guarded)]


def rdds(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """The actions that submit an RDD as it was pickled earlier; all others pickle a function of their own first.

    The thread that submits may never have heard of the present state: a pool's thread of an earlier cell.
    """
    rdd = getattr(module, "RDD", None)
    return [*commands(module, hooks), *(_carrying(rdd, name, hooks) for name in _ACTIONS)]


_ACTIONS = (
    "collect",
    "collectWithJobGroup",
    "toLocalIterator",
    "saveAsNewAPIHadoopDataset",
    "saveAsNewAPIHadoopFile",
    "saveAsHadoopDataset",
    "saveAsHadoopFile",
    "saveAsSequenceFile",
    "saveAsPickleFile",
    "saveAsTextFile",
    "_to_java_object_rdd",
)


def _carrying(cls: Any, name: str, hooks: Hooks) -> Undo:
    original = getattr(cls, name, None)
    if not callable(original):
        raise Unknown(f"RDD.{name} is missing")

    @functools.wraps(original)
    def carrying(self: Any, *arguments: Any, **named: Any) -> Any:
        hooks.state_for(self.context)
        hooks.kept.rdd(self, hooks.token())
        with _loading(hooks):
            return original(self, *arguments, **named)

    return _replace(cls, name, carrying)


@contextlib.contextmanager
def _loading(hooks: Hooks) -> Iterator[None]:
    """What an action brings is unpickled here."""
    try:
        yield
    except (AttributeError, ModuleNotFoundError) as error:
        refusal = returned.refusal(error, hooks.active.values(), "the result")
        if refusal is None:
            raise
        raise refusal from error


def accumulators(module: ModuleType, hooks: Hooks) -> list[Undo]:
    if not hasattr(module.__dict__.get("pickleSer"), "_read_with_length"):
        raise Unknown("pyspark.accumulators.pickleSer is missing")
    value = module.Accumulator.__dict__.get("value")
    if not isinstance(value, property) or value.fget is None:
        raise Unknown("pyspark.accumulators.Accumulator.value is missing")
    getter = value.fget

    def checked(self: Any) -> Any:
        returned.check(self)
        return getter(self)

    updates = returned.Updates(module.pickleSer, module._accumulatorRegistry, lambda: hooks.active.values())
    return [
        _replace(module, "pickleSer", updates),
        _replace(module.Accumulator, "value", property(checked, value.fset, value.fdel, value.__doc__)),
        updates.remove,
        *tasks.listen(module, hooks),
    ]


def contexts(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """``take`` and ``first`` submit by this."""
    cls = getattr(module, "SparkContext", None)
    original = _known(cls, "runJob", "self", "rdd", "partitionFunc", "partitions", "allowLocal")

    @functools.wraps(original)
    def run(self: Any, rdd: Any, *arguments: Any, **named: Any) -> Any:
        hooks.state_for(self)
        hooks.kept.rdd(rdd, hooks.token())
        with _loading(hooks):
            return original(self, rdd, *arguments, **named)

    return [_replace(cls, "runJob", run)]


def frames(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """The actions that run a DataFrame's own plan; all others make a new one from it each time."""
    cls = module.DataFrame
    if "_jdf" not in getattr(getattr(cls.__init__, "__code__", None), "co_names", ()):
        return []  # the front of Spark 4, which has both kinds behind it
    rdd = cls.__dict__.get("rdd")
    if not hasattr(rdd, "__get__"):
        raise Unknown(f"{cls.__module__}.DataFrame.rdd is missing")

    def lazily(self: Any) -> Any:
        hooks.kept.frame(self, hooks.token())
        return rdd.__get__(self, cls)

    actions = ("collect", "toLocalIterator", "checkpoint", "localCheckpoint")
    return [*(_planning(cls, name, hooks) for name in actions), _replace(cls, "rdd", property(lazily))]


def arrow(module: ModuleType, hooks: Hooks) -> list[Undo]:
    return [_planning(module.PandasConversionMixin, "_collect_as_arrow", hooks)]


def _planning(cls: Any, name: str, hooks: Hooks) -> Undo:
    original = getattr(cls, name, None)
    if not callable(original):
        raise Unknown(f"{cls.__module__}.{cls.__qualname__}.{name} is missing")

    @functools.wraps(original)
    def planning(self: Any, *arguments: Any, **named: Any) -> Any:
        hooks.kept.frame(self, hooks.token())
        return original(self, *arguments, **named)

    return _replace(cls, name, planning)


def sessions(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """Every session is told the state, whichever thread uses it: ``newSession`` starts with a conf of its own."""
    cls = getattr(module, "SparkSession", None)
    original = _known(cls, "__init__", "self", "sparkContext", "jsparkSession", "options")

    @functools.wraps(original)
    def made(self: Any, sparkContext: Any, *arguments: Any, **named: Any) -> None:
        original(self, sparkContext, *arguments, **named)
        hooks.sessions.add(self)
        state = hooks.active_for(sparkContext)
        if state is not None:
            self.conf.set(PROPERTY, wire(state))

    return [_replace(cls, "__init__", made)]


def _renewed(cls: Any, name: str, placeholder: str, hooks: Hooks) -> Undo:
    """Make a frozen Java function anew once the state has moved: with equal bytes Spark would take a new query for one
    that it has cached under older code.
    """
    original = cls.__dict__.get(name)
    code = getattr(getattr(original, "fget", None), "__code__", None)
    if code is None or placeholder not in code.co_names:
        raise Unknown(f"{cls.__module__}.{cls.__qualname__}.{name} does not keep {placeholder}")

    def renewed(self: Any) -> Any:
        if getattr(self, _STAMP, None) != hooks.token():
            setattr(self, placeholder, None)
        java = original.__get__(self)
        setattr(self, _STAMP, hooks.token())  # pickling may have moved the state itself
        return java

    return _replace(cls, name, property(renewed))


def udf(module: ModuleType, hooks: Hooks) -> list[Undo]:
    renewed = _renewed(module.UserDefinedFunction, "_judf", "_judf_placeholder", hooks)
    names = _registering(
        module.UDFRegistration,
        ("name", "f", "returnType"),
        lambda given, returned: registered.function(given[0], returned),
        hooks,
    )
    return [*commands(module, hooks), renewed, names]


def udtf(module: ModuleType, hooks: Hooks) -> list[Undo]:
    renewed = _renewed(module.UserDefinedTableFunction, "_judtf", "_judtf_placeholder", hooks)
    names = _registering(
        module.UDTFRegistration,
        ("name", "f"),
        lambda given, returned: registered.table_function(given[0], returned),
        hooks,
    )
    return [renewed, names]


def data_source(module: ModuleType, hooks: Hooks) -> list[Undo]:
    names = _registering(
        module.DataSourceRegistration,
        ("dataSource",),
        lambda given, returned: registered.data_source(given[0].name(), given[0]),
        hooks,
    )
    return [names]


def _registering(
    cls: Any,
    parameters: tuple[str, ...],
    registration: Callable[[tuple[Any, ...], Any], registered.Registration],
    hooks: Hooks,
) -> Undo:
    """Remember what is registered, so that it can be registered anew when the state moves."""
    original = _known(cls, "register", "self", *parameters)
    signature = inspect.signature(original)

    @functools.wraps(original)
    def register(self: Any, *arguments: Any, **named: Any) -> Any:
        returned = original(self, *arguments, **named)
        given = signature.bind(self, *arguments, **named).args[1:]
        hooks.registered.add(self.sparkSession, registration(given, returned), hooks.token())
        return returned

    return _replace(cls, "register", register)


def pickler(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """What is pickled by value is noted; nothing depends on it but what a person is told."""
    found = []
    for name in ("Pickler", "CloudPickler"):  # Spark 4, Spark 3.5
        cls = module.__dict__.get(name)
        original = cls.__dict__.get("_dynamic_function_reduce") if isinstance(cls, type) else None
        if original is not None:
            found.append((cls, original))
    return [_replace(cls, "_dynamic_function_reduce", _noting(original, hooks)) for cls, original in found]


def _noting(original: Any, hooks: Hooks) -> Any:
    @functools.wraps(original)
    def reduce(self: Any, func: Any) -> Any:
        hooks.copies.note(func)
        return original(self, func)

    return reduce


def foreach_batch(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """The callback of a stream runs in the driver, so its code moves with the driver's: what it submits must too.

    The stream's own operators keep the state that the query started with.
    """
    cls = getattr(module, "ForeachBatchFunction", None)
    original = _known(cls, "call", "self", "jdf", "batch_id")

    @functools.wraps(original)
    def call(self: Any, jdf: Any, batch_id: int) -> None:
        context = self.session.sparkContext
        state = hooks.active_for(context)
        if state is None:
            return original(self, jdf, batch_id)  # type: ignore[no-any-return]
        conf = jdf.sparkSession().conf()
        before = conf.getOption(PROPERTY)
        conf.set(PROPERTY, wire(state))
        try:
            with hooks.on_this_thread(context, state):
                return original(self, jdf, batch_id)  # type: ignore[no-any-return]
        finally:
            conf.set(PROPERTY, before.get()) if before.isDefined() else conf.unset(PROPERTY)

    return [_replace(cls, "call", call)]


def broadcasts(module: ModuleType, hooks: Hooks) -> list[Undo]:
    original = _known(module.Broadcast, "dump", "self", "value", "f")
    sealing = encrypted.sealing(original, lambda context: hooks.state_for(context) is not None)
    return [_replace(module.Broadcast, "dump", sealing)]


POINTS: dict[str, Callable[[ModuleType, Hooks], list[Undo]]] = {
    "pyspark.broadcast": broadcasts,
    "pyspark.core.broadcast": broadcasts,
    "pyspark.rdd": rdds,
    "pyspark.core.rdd": rdds,
    "pyspark.accumulators": accumulators,
    "pyspark.cloudpickle.cloudpickle": pickler,
    "pyspark.cloudpickle.cloudpickle_fast": pickler,
    "pyspark.context": contexts,
    "pyspark.core.context": contexts,
    "pyspark.sql.dataframe": frames,
    "pyspark.sql.classic.dataframe": frames,
    "pyspark.sql.pandas.conversion": arrow,
    "pyspark.sql.session": sessions,
    "pyspark.sql.udf": udf,
    "pyspark.sql.udtf": udtf,
    "pyspark.sql.datasource": data_source,
    "pyspark.sql.utils": foreach_batch,
}
