"""The points in classic PySpark's SQL side: sessions, functions, DataFrames, and what is registered by name."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from ..guard import PROPERTY, wire
from ..points import STAMP, Undo, Unknown, before_reading, known, replace
from . import registered
from .commands import Hooks, commands


def frames(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """Whoever runs a DataFrame asks it for its Java side: its own actions, and all who take a DataFrame (``pyspark.ml``).

    So there is no list of actions that a later PySpark could add to.
    """
    cls = module.DataFrame
    if "_jdf" not in getattr(getattr(cls.__init__, "__code__", None), "co_names", ()):
        return []  # the front of Spark 4, which has both kinds behind it
    rdd = cls.__dict__.get("rdd")
    if not hasattr(rdd, "__get__"):
        raise Unknown(f"{cls.__module__}.DataFrame.rdd is missing")

    def look(self: Any) -> None:
        hooks.kept.frame(self, hooks.token())

    def lazily(self: Any) -> Any:
        look(self)  # the RDD is kept, so the Java side is not asked for a second time
        return rdd.__get__(self, cls)

    return [before_reading(cls, "_jdf", look), replace(cls, "rdd", property(lazily))]


def handed_out(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """Java objects of ``pyspark.ml`` keep DataFrames, and hand them out again (``summary.predictions``)."""
    original = known(module, "_java2py", "sc", "r", "encoding")

    @functools.wraps(original)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        found = original(*arguments, **named)
        if "_jdf" in getattr(found, "__dict__", {}):
            hooks.kept.ran_before(found)
        return found

    return [replace(module, "_java2py", wrapped)]


def sessions(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """Every session gets the state, whichever thread uses it: ``newSession`` starts with a conf of its own."""
    cls = getattr(module, "SparkSession", None)
    original = known(cls, "__init__", "self", "sparkContext", "jsparkSession", "options")

    @functools.wraps(original)
    def made(self: Any, sparkContext: Any, *arguments: Any, **named: Any) -> None:
        original(self, sparkContext, *arguments, **named)
        hooks.sessions.add(self)
        state = hooks.active_for(sparkContext)
        if state is not None:
            self.conf.set(PROPERTY, wire(state))

    return [replace(cls, "__init__", made)]


def _renewed(cls: Any, name: str, placeholder: str, hooks: Hooks) -> Undo:
    """Recreate a frozen Java function once the state has moved: with equal bytes Spark would take a new query for one
    that it has cached under older code.
    """
    original = cls.__dict__.get(name)
    code = getattr(getattr(original, "fget", None), "__code__", None)
    if code is None or placeholder not in code.co_names:
        raise Unknown(f"{cls.__module__}.{cls.__qualname__}.{name} does not keep {placeholder}")

    def renewed(self: Any) -> Any:
        if getattr(self, STAMP, None) != hooks.token():
            setattr(self, placeholder, None)
        java = original.__get__(self)
        setattr(self, STAMP, hooks.token())  # pickling may have moved the state itself
        return java

    return replace(cls, name, property(renewed))


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
    """Remember what is registered, so that it can be registered again when the state moves."""
    original = known(cls, "register", "self", *parameters)
    signature = inspect.signature(original)

    @functools.wraps(original)
    def register(self: Any, *arguments: Any, **named: Any) -> Any:
        returned = original(self, *arguments, **named)
        given = signature.bind(self, *arguments, **named).args[1:]
        hooks.registered.add(self.sparkSession, registration(given, returned), hooks.token())
        return returned

    return replace(cls, "register", register)


def foreach_batch(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """The callback of a stream runs in the driver, so its code moves with the driver's: what it submits must too.

    The stream's own operators keep the state that the query started with.
    """
    cls = getattr(module, "ForeachBatchFunction", None)
    original = known(cls, "call", "self", "jdf", "batch_id")

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

    return [replace(cls, "call", call)]


POINTS: dict[str, Callable[[ModuleType, Hooks], list[Undo]]] = {
    "pyspark.sql.dataframe": frames,
    "pyspark.sql.classic.dataframe": frames,
    "pyspark.ml.common": handed_out,
    "pyspark.mllib.common": handed_out,
    "pyspark.sql.session": sessions,
    "pyspark.sql.udf": udf,
    "pyspark.sql.udtf": udtf,
    "pyspark.sql.datasource": data_source,
    "pyspark.sql.utils": foreach_batch,
}
