"""Results of one function on two versions, side by side: what only one of them has, without regard to order."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from autoegg.errors import AutoeggError
from autoegg.versions.lazy import lazy_kind

_SHOWN = 20
"""Rows of each side that are shown."""
_WIDEST = 300
"""Characters of a row that are shown."""


@dataclass(frozen=True)
class Result:
    """What a function gave, as text: later changes of the code, or of its objects, do not change it."""

    rows: Counter[str]
    columns: tuple[str, ...] | None
    """None: no table, so ``rows`` is the value."""


def taken(value: Any, limit: int) -> Result:
    """Computes what is lazy, now. Raises AutoeggError for a table with more rows than ``limit``: a part of it says nothing about the rest."""
    kind = lazy_kind(value, 0)
    if kind == "RDD":
        return Result(_counted(value.take(limit + 1), limit), ())
    if kind == "DataFrame":
        if hasattr(value, "to_pandas"):  # of the pandas API on Spark
            return taken(value.head(limit + 1).to_pandas(), limit)
        return Result(_counted(map(tuple, value.take(limit + 1)), limit), tuple(value.columns))
    if kind is not None:
        raise AutoeggError(f"a {kind} is not data: have the function return a DataFrame, or what it collects")
    if type(value).__module__.partition(".")[0] == "pandas" and type(value).__name__ == "DataFrame":
        plain = value if type(value.index).__name__ == "RangeIndex" else value.reset_index()
        rows = plain.head(limit + 1).itertuples(index=False, name=None)
        return Result(_counted(rows, limit), tuple(map(str, plain.columns)))
    if isinstance(value, list) and value and all(type(row).__name__ == "Row" for row in value):
        columns = getattr(value[0], "__fields__", ())
        return Result(_counted(map(tuple, value), limit), tuple(columns))
    return Result(Counter([_text(value)]), None)


def _counted(rows: Iterable[Any], limit: int) -> Counter[str]:
    found = Counter(map(_text, rows))
    if found.total() > limit:
        raise AutoeggError(
            f"the function gives more than {limit:,} rows, and a part of them says nothing about the rest: have it return an aggregate or a "
            "sample by key, or give `limit` a larger number"
        )
    return found


def _text(value: Any) -> str:
    """The same for equal values, whatever order a set or a dict has them in."""
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(map(_text, value))) + "}"
    if isinstance(value, dict):
        return "{" + ", ".join(sorted(f"{_text(key)}: {_text(found)}" for key, found in value.items())) + "}"
    if type(value) in (list, tuple):
        return "(" + ", ".join(map(_text, value)) + ")"
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return _text(value.tolist())
    return repr(value)


@dataclass(frozen=True)
class Compared:
    """Two results of ``function``; ``repeated`` is what the first version gave when it was run again."""

    function: str
    names: tuple[str, str]
    results: tuple[Result, Result] = field(repr=False)
    repeated: Result = field(repr=False)

    @property
    def same(self) -> bool:
        """Whether both versions give the same: the same columns, and each row as often."""
        return self.results[0] == self.results[1]

    @property
    def varies(self) -> bool:
        """Whether one version, run twice, gives different results: then a difference of versions may be none."""
        return self.results[0] != self.repeated

    @property
    def only_first(self) -> list[str]:
        """Rows, as text, that only the first version gives, or gives more often."""
        return list((self.results[0].rows - self.results[1].rows).elements())

    @property
    def only_second(self) -> list[str]:
        return list((self.results[1].rows - self.results[0].rows).elements())

    @property
    def verdict(self) -> list[str]:
        """Sentences: first whether results vary by themselves."""
        first, second = self.results
        lines = []
        if self.varies:
            differing = (first.rows - self.repeated.rows).total() or 1
            lines.append(
                f"{self.function} varies by itself: run twice on {self.names[0]}, {differing:,} of {first.rows.total():,} rows differ"
            )
        if self.same:
            of = f" ({first.rows.total():,} rows)" if first.columns is not None else ""
            return [*lines, f"{self.function} gives the same on {self.names[0]} and {self.names[1]}{of}"]
        lines.append(f"{self.function} gives different results on {self.names[0]} and {self.names[1]}")
        if first.columns != second.columns and None not in (first.columns, second.columns):
            lines.append(f"columns: {_list(first.columns)} and {_list(second.columns)}")
        if first.columns is not None or second.columns is not None:
            lines.append(
                f"rows: {first.rows.total():,} and {second.rows.total():,}; {len(self.only_first):,} only on {self.names[0]}, "
                f"{len(self.only_second):,} only on {self.names[1]}"
            )
        return lines

    def __repr__(self) -> str:
        lines = list(self.verdict)
        for name, rows in zip(self.names, (self.only_first, self.only_second), strict=True):
            lines += [f"  {name}  {_cut(row)}" for row in sorted(rows)[:_SHOWN]]
            if len(rows) > _SHOWN:
                lines.append(f"  {name}  and {len(rows) - _SHOWN:,} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self.verdict)
        if self.same:
            return said
        sides = [sorted(rows) for rows in (self.only_first, self.only_second)]
        heads = "".join(
            f"<th style='text-align:left'>only on {html.escape(name)}</th>" for name in self.names
        )
        cells = "".join(
            "<td style='text-align:left;vertical-align:top'>"
            + "<br>".join(html.escape(_cut(row)) for row in rows[:_SHOWN])
            + (f"<br>and {len(rows) - _SHOWN:,} more" if len(rows) > _SHOWN else "")
            + "</td>"
            for rows in sides
        )
        return f"{said}<table><tr>{heads}</tr><tr>{cells}</tr></table>"


def _list(columns: tuple[str, ...] | None) -> str:
    return ", ".join(columns or ()) or "none"


def _cut(row: str) -> str:
    return row if len(row) <= _WIDEST else f"{row[:_WIDEST]}…"
