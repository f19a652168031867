"""The points in classic PySpark (3.5 and 4.x) where functions are pickled, or where an old pickle would be used again.

Those of its SQL side are in ``sql.py``.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any, Protocol

from .. import labels, points
from ..guard import prologue
from ..points import STAMP, Undo, Unknown, before_reading, known, replace
from . import copies, encrypted, kept, named, registered, returned


class Hooks(points.Hooks, Protocol):
    """What else the points of classic PySpark ask."""

    registered: registered.Registered
    kept: kept.Kept
    copies: copies.Copies


def commands(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """The one funnel of RDDs, UDFs, UDTFs and data sources; ``sql/udf.py`` of 3.5 has its own name for it."""
    if "_prepare_for_python_RDD" not in module.__dict__ and module.__name__ == "pyspark.sql.udf":
        return []
    original = known(module, "_prepare_for_python_RDD", "sc", "command")
    if hasattr(original, STAMP):  # imported from a module that has the hook already
        return [lambda: setattr(module, "_prepare_for_python_RDD", original.__wrapped__)]

    @functools.wraps(original)
    def guarded(sc: Any, command: Any) -> tuple[Any, ...]:
        # Before it is pickled: this may reload the library that the function comes from.
        state = hooks.state_for(sc)
        pickled, *rest = original(sc, command)
        return (pickled if state is None else prologue(state) + pickled, *rest)

    setattr(guarded, STAMP, True)
    return [replace(module, "_prepare_for_python_RDD", guarded)]


def rdds(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """The actions that submit an RDD as it was pickled earlier; all others pickle a function of their own first.

    The thread that submits may not have the present state: a pool's thread of an earlier cell.
    """
    rdd = getattr(module, "RDD", None)
    kinds = [getattr(module, name, None) for name in ("RDD", "PipelinedRDD")]

    def look(self: Any) -> None:
        hooks.kept.rdd(self, hooks.token())

    return [
        *commands(module, hooks),
        *(_carrying(rdd, name, hooks) for name in ACTIONS),
        *(before_reading(kind, "_jrdd", look) for kind in kinds),
    ]


ACTIONS = (
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
        with _loading(hooks):
            return original(self, *arguments, **named)

    return replace(cls, name, carrying)


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
        replace(module, "pickleSer", updates),
        replace(module.Accumulator, "value", property(checked, value.fset, value.fdel, value.__doc__)),
        updates.remove,
    ]


def contexts(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """``take`` and ``first`` submit by ``runJob``. What reads the labels of jobs tells the user of her own ones only."""
    cls = getattr(module, "SparkContext", None)
    original = known(cls, "runJob", "self", "rdd", "partitionFunc", "partitions", "allowLocal")

    @functools.wraps(original)
    def run(self: Any, rdd: Any, *arguments: Any, **named: Any) -> Any:
        hooks.state_for(self)
        with _loading(hooks):
            return original(self, rdd, *arguments, **named)

    local, tags = known(cls, "getLocalProperty", "self", "key"), known(cls, "getJobTags", "self")

    @functools.wraps(local)
    def get(self: Any, key: str) -> str | None:
        value: str | None = local(self, key)
        if key == labels.DESCRIPTION:
            return value if not value else labels.hers(value)
        return value if key != labels.TAGS or not value else labels.joined(labels.hers_of(value.split(",")))

    @functools.wraps(tags)
    def get_tags(self: Any) -> set[str]:
        return set(labels.hers_of(tags(self)))

    return [
        replace(cls, "runJob", run),
        replace(cls, "getLocalProperty", get),
        replace(cls, "getJobTags", get_tags),
    ]


def pickler(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """What would be pickled by value is pickled by its name if it has one; else it is recorded, so that it can be reported."""
    found = []
    for name in ("Pickler", "CloudPickler"):  # Spark 4, Spark 3.5
        cls = module.__dict__.get(name)
        original = cls.__dict__.get("reducer_override") if isinstance(cls, type) else None
        if original is not None:
            found.append((cls, original))
    return [replace(cls, "reducer_override", _by_name(original, hooks)) for cls, original in found]


def _by_name(original: Any, hooks: Hooks) -> Any:
    @functools.wraps(original)
    def override(self: Any, thing: Any) -> Any:
        reduced = original(self, thing)
        if isinstance(reduced, tuple) and isinstance(thing, (type, FunctionType)):
            seen = self.__dict__.setdefault("_autoegg_seen", set())
            with contextlib.suppress(Exception):
                # A copy that refers to itself comes here a second time, and needs no copy inside.
                again = id(thing) in seen
                seen.add(id(thing))
                return _named_or_noted(None if again else reduced, thing, hooks) or reduced
        return reduced

    return override


def _named_or_noted(reduced: tuple[Any, ...] | None, thing: Any, hooks: Hooks) -> tuple[Any, ...] | None:
    libraries = {library for state in hooks.active.values() for library in state.libraries}
    found = named.reference(reduced, thing, {library.name: library.version for library in libraries})
    if found is None and isinstance(thing, FunctionType):
        hooks.copies.note(thing)
    return found


def broadcasts(module: ModuleType, hooks: Hooks) -> list[Undo]:
    original = known(module.Broadcast, "dump", "self", "value", "f")
    sealing = encrypted.sealing(original, lambda context: hooks.state_for(context) is not None)
    return [replace(module.Broadcast, "dump", sealing)]


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
}
