"""Data that a SparkContext keeps because it was asked to: cached RDDs and DataFrames, with their sizes.

For a person to see. Only the calling thread's own connection is used, and nothing is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Kept:
    """One RDD with cached partitions; of a DataFrame, the RDD that holds its columns.

    ``holder`` is the notebook's object by which it can be dropped and recomputed, None if there is none.
    """

    id: int
    kind: Literal["rdd", "dataframe"]
    name: str
    memory: int
    disk: int
    partitions: int
    holder: Any = None


def kept_by(context: Any, namespace: Mapping[str, Any]) -> list[Kept]:
    """What this SparkContext has cached now. One question to Spark where that is nothing."""
    if context._jsc.getPersistentRDDs().isEmpty():
        return []
    listed = list(context._jsc.sc().getRDDStorageInfo())
    holders = _holders(namespace, context) if listed else {}
    found = []
    for info in listed:
        number = info.id()
        name, holder = holders.get(number, (None, None))
        columns = name is None and info.name().startswith(("In-memory table", "*(", "Scan", "InMemory"))
        kind: Literal["rdd", "dataframe"] = "dataframe" if columns or hasattr(holder, "_jdf") else "rdd"
        label = name or " ".join(info.name().split())[:80]
        found.append(
            Kept(number, kind, label, info.memSize(), info.diskSize(), info.numCachedPartitions(), holder)
        )
    return found


def throw_away(context: Any, kept: Kept) -> None:
    """Frees the data; who uses it later computes it."""
    if kept.holder is not None:
        kept.holder.unpersist()
        return
    rdd = context._jsc.getPersistentRDDs().get(kept.id)
    if rdd is not None:
        rdd.unpersist(True)


def make_again(kept: Kept) -> None:
    """Recomputes the data with the code that the session runs now, and caches it as before."""
    holder = kept.holder
    level = holder.storageLevel if hasattr(holder, "_jdf") else holder.getStorageLevel()
    holder.unpersist(True)
    holder.persist(level)
    holder.count()


def _holders(namespace: Mapping[str, Any], context: Any) -> dict[int, tuple[str, Any]]:
    found: dict[int, tuple[str, Any]] = {}
    for name, value in list(namespace.items()):
        if name.startswith("_") or not type(value).__module__.startswith("pyspark."):
            continue
        if not getattr(value, "is_cached", False):
            continue
        number = _columns_of(value) if hasattr(value, "_jdf") else value.id()
        if number is not None and getattr(value, "_sc", context) is not None:
            found.setdefault(number, (name, value))
    return found


def _columns_of(frame: Any) -> int | None:
    """The RDD that holds a cached DataFrame's columns; None if Spark does not say it the way we know."""
    try:
        session = frame._jdf.sparkSession()
        data = session.sharedState().cacheManager().lookupCachedData(frame._jdf)
        if data.isEmpty():
            return None
        builder = data.get().cachedRepresentation().cacheBuilder()
        if not builder.isCachedColumnBuffersLoaded():
            return None
        number: int = builder.cachedColumnBuffers().id()
        return number
    except Exception:
        return None  # private classes, which another Spark may have under other names
