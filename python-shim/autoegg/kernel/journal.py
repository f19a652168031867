"""What reloads have done: one short line for the cell, all of it for ``%autoegg log`` and for the browser."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any

from autoegg.reload import Execution, Report

SHORT_LINE = 240
"""Characters that a cell's output gets at most; the rest is in the log."""

STATEMENTS = 20
"""Statements that an entry of the log names; after a checkout of another branch, thousands may have run."""

_LABELS = {
    "modules": "new code",
    "whole": "ran again as a whole",
    "ran": "statements that ran",
    "imported_before": "imported before autoegg was loaded",
    "removed_modules": "modules that are gone",
    "dropped": "modules that can no longer be imported",
    "vanished": "names that are gone",
    "unbound": "removed from the notebook",
    "reset": "run-time state that was reset",
    "old_layout": "instances that keep an old layout",
    "remade": "classes that were recreated",
    "lacking": "instances that lack attributes",
    "old_bases": "notebook classes on an old base",
    "old_code": "still running old code",
    "remembered": "what other packages may have stored",
    "threads": "threads inside old code",
}

_FORMS = {
    "dropped": "{0} ({1})",
    "old_layout": "{1} of {0}",
    "lacking": "{1} of {0} (no {2})",
    "remembered": "{1} (by {0})",
    "old_bases": "{0} (derives from the old {1})",
    "threads": "{0} (in {1})",
}


def short_line(report: Report) -> list[str]:
    """What is surprising about a reload, in one line; empty when nothing is."""
    sentences = report.lines
    shown: list[str] = []
    for sentence in sentences:
        if shown and sum(map(len, shown)) + len(shown) + len(sentence) > SHORT_LINE:
            break
        shown.append(sentence)
    if len(shown) < len(sentences):
        shown.append(f"({len(sentences) - len(shown)} more: `%autoegg log`)")
    return [" ".join(shown)] if shown else []


@dataclass(frozen=True)
class Entry:
    """One reload. ``moves``: library → (version before, version now), None where it is not known."""

    report: Report
    moves: Mapping[str, tuple[str | None, str | None]]
    milliseconds: float
    at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    def text(self) -> str:
        """A line for the save, and one below it for each kind of thing that happened, with every name; which statements ran, and why."""
        names = [
            f"{name} {(before or '?')[:4]} → {(now or '?')[:4]}" for name, (before, now) in self.moves.items()
        ]
        lines = [
            f"{_clock(self.at)} reloaded {', '.join(names) or 'what the driver had loaded'} in {self.milliseconds:.0f} ms"
        ]
        for label, found in self.details().items():
            if label == _LABELS["ran"]:
                lines += [f"    {label}:", *(f"        {statement}" for statement in found)]
            else:
                lines.append(f"    {label}: {', '.join(found)}")
        return "\n".join(lines)

    def details(self) -> dict[str, list[str]]:
        """What happened → whose names; kinds that did not happen are left out."""
        found = {}
        for kind in fields(self.report):
            values = getattr(self.report, kind.name)
            if kind.name == "executed":
                continue  # the statements name them
            if kind.name == "modules":
                values = [name for name in values if name not in self.report.executed]
            if values and isinstance(values, Iterable) and not isinstance(values, str):
                label = _LABELS.get(kind.name, kind.name.replace("_", " "))
                found[label] = [_text(kind.name, value) for value in values]
        ran = found.get(_LABELS["ran"], [])
        if len(ran) > STATEMENTS:
            ran[STATEMENTS:] = [f"and {len(ran) - STATEMENTS} more"]
        return found

    def to_json(self) -> dict[str, Any]:
        """``KernelReload`` of ``src/protocol/kernel.ts``."""
        return {
            "at": self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "milliseconds": round(self.milliseconds, 1),
            "lines": self.report.lines,
            "details": self.details(),
        }


def _clock(at: datetime) -> str:
    return at.astimezone().strftime("%H:%M:%S")


def _text(kind: str, value: Any) -> str:
    if not isinstance(value, tuple) or isinstance(value, Execution):
        return str(value)
    return _FORMS[kind].format(*value) if kind in _FORMS else " · ".join(map(str, value))


@dataclass(frozen=True)
class Refusal:
    """A save that no cell could run."""

    sentence: str
    at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    def text(self) -> str:
        return f"{_clock(self.at)} refused: {self.sentence}"


@dataclass(frozen=True)
class Remark:
    """Something worth knowing that stops no cell."""

    sentence: str
    at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    def text(self) -> str:
        return f"{_clock(self.at)} {self.sentence}"


class Journal:
    """The newest reloads, refusals and remarks of this kernel, in memory only."""

    def __init__(self, capacity: int = 100) -> None:
        self.last: Entry | None = None
        self._entries: deque[Entry | Refusal | Remark] = deque(maxlen=capacity)

    def note(
        self,
        report: Report,
        started: float,
        moves: Mapping[str, tuple[str | None, str | None]] = MappingProxyType({}),
    ) -> list[str]:
        """Keeps a reload that began at ``started`` (``perf_counter``); returns what the cell should say about it."""
        if report.changed:
            self.last = Entry(report, moves, (time.perf_counter() - started) * 1e3)
            self._entries.append(self.last)
        return short_line(report)

    def refused(self, refusal: Exception) -> None:
        """Keeps why a cell did not run, once, however often it is tried again."""
        sentence = f"{type(refusal).__name__}: {refusal}"
        newest = self._entries[-1] if self._entries else None
        if not isinstance(newest, Refusal) or newest.sentence != sentence:
            self._entries.append(Refusal(sentence))

    def remark(self, sentence: str) -> None:
        self._entries.append(Remark(sentence))

    @property
    def text(self) -> str:
        return "\n".join(entry.text() for entry in self._entries)
