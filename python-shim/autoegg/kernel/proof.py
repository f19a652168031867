"""``verify``: asks the driver and every executor which version they really run."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from typing import Any

from autoegg.errors import ShipFailed
from autoegg.kernel.loaded import current
from autoegg.kernel.same_values import SameValues, compare
from autoegg.kernel.status import SHORT
from autoegg.spark import Row, target_of
from autoegg.spark import verify as ask_executors


class Proof(list[Row]):
    """The rows of driver and executors; truthful at a glance when printed.

    Args:
        strangers: sentences on what the driver has loaded under a library's name and from elsewhere.
        same: whether the modules that tasks have imported are the same things here and there.
        has_spark: whether there was a Spark session to ask.
    """

    def __init__(
        self,
        rows: Iterable[Row] = (),
        strangers: Iterable[str] = (),
        same: SameValues | None = None,
        has_spark: bool = True,
    ) -> None:
        super().__init__(rows)
        self._strangers = list(strangers)
        self.same = same or SameValues()
        self._has_spark = has_spark

    @property
    def agree(self) -> bool:
        """Whether every executor answered and runs what the driver runs, for each library."""
        return not any(self._problems())

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        from html import escape

        cells = ["".join(f"<th>{name}</th>" for name in ("where", "host", "pid", "library", "version", ""))]
        for row in self:
            cells.append("".join(f"<td>{escape(text)}</td>" for text in self._texts(row)))
        body = "".join(f"<tr>{row}</tr>" for row in cells)
        return f"<table>{body}</table>" + "".join(
            f"<p>{escape(line)}</p>" for line in (*self.verdict, *self.same.lines())
        )

    def _lines(self) -> Iterator[str]:
        for row in self:
            widths = (14, 20, 8, 20, 12, 0)
            yield "  ".join(
                text.ljust(width) for text, width in zip(self._texts(row), widths, strict=True)
            ).rstrip()
        yield from self.verdict
        yield from self.same.lines()

    @property
    def verdict(self) -> list[str]:
        """One sentence, and one for each thing that is not as it should be."""
        if not self:
            return ["no library of yours has been imported yet, so there is nothing to compare"]
        problems = list(self._problems())
        if not problems and not self._has_spark:
            return ["the driver runs the code on disk; there is no Spark session yet"]
        if not problems:
            return ["driver and executors agree"]
        whole = (
            "driver and executors do not agree:"
            if self._has_spark
            else "the driver does not run the code on disk:"
        )
        return [whole, *problems]

    def _wanted(self, row: Row) -> str | None:
        driver = (other for other in self if other.role == "driver" and other.library == row.library)
        return next((other.version for other in driver), None)

    def _problems(self) -> Iterator[str]:
        """One sentence for each thing that is not as it should be, with what to do."""
        yield from self._strangers
        silent = []
        for row in self:
            wanted = self._wanted(row)
            name = f"{row.library} {(row.version or '')[:SHORT]}".rstrip()
            if row.role == "driver":
                if row.version is None:
                    yield f"the driver has modules from different versions of {row.library} loaded: run `%autoegg ship`, then verify again"
            elif not row.reached:
                silent.append(row)
            elif row.version is None:
                yield f"{_executor(row)} (process {row.pid} on {row.host}) has not loaded {row.library}: restart the Spark session"
            elif row.version != wanted:
                yield (
                    f"{_executor(row)} (process {row.pid} on {row.host}) runs {name}, the driver {(wanted or 'no version')[:SHORT]}: "
                    "run `%autoegg ship` and verify again; if that does not help, restart the Spark session"
                )
        for executor in dict.fromkeys(row.executor for row in silent):
            rows = [row for row in silent if row.executor == executor]
            last = ", ".join(f"{row.library} {row.last[:SHORT]}" for row in rows if row.last)
            if rows[0].why is not None:
                yield f"executor {executor} on {rows[0].host} cannot answer: {rows[0].why}"
                continue
            yield (
                f"executor {executor} on {rows[0].host} did not answer in time"
                + (f" (its last finished task ran {last})" if last else "")
                + ": it is busy or lost; verify again when its tasks have ended"
            )

    def _texts(self, row: Row) -> tuple[str, str, str, str, str, str]:
        where = "driver" if row.role == "driver" else _executor(row)
        version = (row.version[:SHORT] if row.version else "not loaded") if row.reached else "not reached"
        note = ""
        if row.last:
            note = f"last task: {row.last[:SHORT]}"
        elif row.reached and row.role == "executor" and row.version != self._wanted(row):
            note = "not the driver's"
        return where, row.host or "", str(row.pid or ""), row.library, version, note


def _executor(row: Row) -> str:
    """As the panel names it: in local mode Spark calls its one executor ``driver``, which a person would take for the notebook."""
    return "workers" if row.executor == "driver" else f"executor {row.executor}"


def verify(spark: Any, timeout: float = 10.0) -> Proof:
    """Runs small tasks until every executor that Spark lists has answered or ``timeout`` seconds have passed.

    Args:
        spark: the notebook's session or context; None for the one that is live (the SparkContext before a Connect session).

    Without a live session only the driver is looked at.

    Raises:
        ShipFailed: ``spark`` has been stopped.
    """
    sync = current().sync
    target = target_of(spark)
    if target is None and spark is not None:
        raise ShipFailed("this Spark session has been stopped; pass the live one")
    sync.ship()
    if target is not None and sync.delivering.state is None:
        return Proof()
    # By the digests of the bytes that the driver executed: no version where those are not of one.
    driver = {
        library.name: library.version.name if sync.driver_runs(library) else None
        for library in sync.libraries
        if library.version is not None
    }
    strangers = [
        f"the driver has loaded {module} from {file}, which does not belong to {library.name} ({library.spec.path}): restart the kernel"
        for library, module, file in sync.strangers()
    ]
    if target is None or sync.delivering.state is None:
        host, pid = socket.gethostname(), os.getpid()
        found = [Row("driver", "driver", host, pid, name, version, True) for name, version in driver.items()]
        return Proof(found, strangers, has_spark=False)
    rows, had = ask_executors(target, sync.delivering.state, timeout, driver)
    roots = [os.path.dirname(library.spec.path) for library in sync.libraries]
    return Proof(rows, strangers, compare(had, sync.reloader.changed_by_the_run(), roots))
