"""Tables for people and JSON for ``benchmarks/README.md``; a ratio that misses its aim is said, never a failure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .machine import load, machine
from .places import BENCH


@dataclass
class Aim:
    """What was hoped for in one line of the issue, and what came out."""

    what: str
    limit: float
    found: float
    unit: str

    @property
    def kept(self) -> bool:
        return self.found <= self.limit

    def __str__(self) -> str:
        return f"{self.what}: {self.found:.2f} {self.unit}, aim {self.limit:g} {self.unit}: {'kept' if self.kept else 'missed'}"


@dataclass
class Result:
    """One benchmark's outcome: a title, a table, what it aimed at, and the series themselves."""

    name: str
    title: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    aims: list[Aim] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    series: dict[str, list[float]] = field(default_factory=dict)
    load_before: str = field(default_factory=lambda: f"{load():.1f}")

    def save(self) -> None:
        """Prints the table and writes ``.cache/bench/<name>.json``."""
        self.notes.append(f"Load of the machine: {self.load_before} before, {load():.1f} after.")
        print("\n".join(self._lines()))
        data: dict[str, Any] = asdict(self)
        data["aims"] = [{**asdict(aim), "kept": aim.kept, "text": str(aim)} for aim in self.aims]
        data["machine"] = machine()
        BENCH.mkdir(parents=True, exist_ok=True)
        Path(BENCH / f"{self.name}.json").write_text(json.dumps(data, indent=1) + "\n")

    def _lines(self) -> list[str]:
        table = [self.columns, *self.rows]
        widths = [max(len(row[column]) for row in table) for column in range(len(self.columns))]
        lines = ["", self.title]
        for row in table:
            first, *rest = (
                text.ljust(width) if column == 0 else text.rjust(width)
                for column, (text, width) in enumerate(zip(row, widths, strict=True))
            )
            lines.append("  ".join(["", first, *rest]))
        return [*lines, *map(str, self.aims), *self.notes]
