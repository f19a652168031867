"""``verify``: asks the driver and every executor which version they really run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autoegg.errors import ShipFailed
from autoegg.kernel.loaded import current
from autoegg.kernel.status import SHORT
from autoegg.spark import Row, target_of
from autoegg.spark import verify as ask_executors


class Proof(list[Row]):
    """The rows of driver and executors; truthful at a glance when printed."""

    @property
    def agree(self) -> bool:
        """Whether every executor answered and runs what the driver runs, for each library."""
        wanted = {row.library: row.version for row in self if row.role == "driver"}
        return all(row.reached and row.version == wanted.get(row.library) for row in self)

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        from html import escape

        cells = ["<th>where</th><th>host</th><th>pid</th><th>library</th><th>version</th>"]
        for row in self:
            cells.append("".join(f"<td>{escape(text)}</td>" for text in _texts(row)))
        body = "".join(f"<tr>{row}</tr>" for row in cells)
        return f"<table>{body}</table><p>{escape(self._verdict())}</p>"

    def _lines(self) -> Iterator[str]:
        for row in self:
            yield "  ".join(
                text.ljust(width) for text, width in zip(_texts(row), (14, 20, 8, 20, 12), strict=True)
            ).rstrip()
        yield self._verdict()

    def _verdict(self) -> str:
        return "driver and executors agree" if self.agree else "driver and executors do not agree"


def verify(spark: Any, timeout: float = 10.0) -> Proof:
    """Runs small tasks until every executor that Spark lists has answered or ``timeout`` seconds have passed.

    Args:
        spark: the notebook's session or context; None for the one that is live (the SparkContext before a Connect session).

    Raises:
        ShipFailed: there is no live Spark session.
    """
    sync = current().sync
    target = target_of(spark)
    if target is None:
        raise ShipFailed(
            "there is no live Spark session to ask; start one with SparkSession.builder.getOrCreate()"
        )
    sync.ship()
    if sync.delivering.state is None:
        return Proof()
    # By the digests of the bytes that the driver executed: no version where those are not of one.
    driver = {
        library.name: library.version.name if sync.driver_runs(library) else None
        for library in sync.libraries
        if library.version is not None
    }
    return Proof(ask_executors(target, sync.delivering.state, timeout, driver))


def _texts(row: Row) -> tuple[str, str, str, str, str]:
    where = "driver" if row.role == "driver" else f"executor {row.executor}"
    version = (row.version or "not loaded")[:SHORT] if row.reached else "not reached"
    return where, row.host or "", str(row.pid or ""), row.library, version
