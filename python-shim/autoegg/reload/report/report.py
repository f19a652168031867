"""What a reload did, and the few sentences that a person should read about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

SHOWN = 4

KIN, NEW = "its text has changed", "it is new"
UNWATCHED = "its import was not observed"
ASKED = "its module was to run as a whole"
BLIND = "what it ran could not be observed"
WORLD = "it looked at what cannot be tracked"
NEEDLESS = frozenset([UNWATCHED, ASKED, BLIND, WORLD])
"""Reasons other than that a statement's text or inputs have changed."""


class Execution(NamedTuple):
    """A statement of a module's top level that ran, and why."""

    module: str
    line: int
    why: str
    text: str
    """Its first line."""

    def __str__(self) -> str:
        return f"{self.module}, line {self.line}: {self.text} ({self.why})"


@dataclass
class Report:
    """``modules`` ran again (wholly or in part) or took new code; everything else is what a user may be surprised by."""

    modules: list[str] = field(default_factory=list)
    executed: list[str] = field(default_factory=list)
    """Those of ``modules`` whose top level ran again."""
    ran: list[Execution] = field(default_factory=list)
    """The statements that ran, in order."""
    whole: list[str] = field(default_factory=list)
    """Modules of which all statements ran, because it is not known what each has to do with."""
    imported_before: list[str] = field(default_factory=list)
    """Those of them that were imported before anybody watched."""
    removed_modules: list[str] = field(default_factory=list)
    dropped: list[tuple[str, str]] = field(default_factory=list)
    """(module, why): still on disk, but no import needs it, and it can no longer be imported."""
    vanished: list[str] = field(default_factory=list)
    """Qualified names of functions and classes that the library no longer has."""
    unbound: list[str] = field(default_factory=list)
    """Names removed from the notebook, because what they were imported from is gone."""
    reset: list[str] = field(default_factory=list)
    """Values changed at run time that were reset from the source."""
    old_layout: list[tuple[str, int]] = field(default_factory=list)
    """(class, number of instances that keep the old memory layout)"""
    remade: list[str] = field(default_factory=list)
    """Classes that are new objects and may have instances that cannot be found."""
    lacking: list[tuple[str, int, list[str]]] = field(default_factory=list)
    """(class, number of instances, attributes that an instance gets now and these have not)"""
    old_bases: list[tuple[str, str]] = field(default_factory=list)
    """(class of the notebook, library class whose old version it still derives from)"""
    old_code: list[str] = field(default_factory=list)
    """Live functions, made by a library function, whose closure has changed so that they keep the old code."""
    remembered: list[tuple[str, str]] = field(default_factory=list)
    """(module of another package, class that it keeps something of by the class)"""
    threads: list[tuple[str, str]] = field(default_factory=list)
    """(thread, function that it is still in)"""

    @property
    def statements(self) -> int:
        """How many statements ran."""
        return len(self.ran)

    @property
    def needed(self) -> int:
        """How many of them because their text or what they read has changed."""
        return sum(one.why not in NEEDLESS for one in self.ran)

    @property
    def changed(self) -> bool:
        return bool(self.modules or self.removed_modules or self.dropped)

    @property
    def lines(self) -> list[str]:
        """Short sentences; empty when nothing is surprising."""
        lines = [f"{name} is no longer on disk." for name in sorted(self.removed_modules)]
        lines += [f"{name} can no longer be imported and was dropped ({why})." for name, why in self.dropped]
        if self.imported_before:
            lines.append(
                f"Imported before autoegg was loaded, and therefore run again as a whole: {_listing(self.imported_before)}."
            )
        if self.vanished:
            lines.append(f"No longer in the library: {_listing(self.vanished)}; using it raises NameError.")
        if self.unbound:
            lines.append(
                f"Removed from the notebook, because the import would now fail: {_listing(self.unbound)}."
            )
        if self.reset:
            lines.append(f"Run-time value discarded and reset from the source: {_listing(self.reset)}.")
        for name, count in self.old_layout:
            lines.append(
                _created(count, name, "keeps" if count == 1 else "keep", "the old memory layout and code")
            )
        if self.remade:
            lines.append(
                f"Recreated: {_listing(self.remade)}; instances created before this change, if any, still use the old class."
            )
        for name, count, attributes in self.lacking:
            lines.append(_created(count, name, "lacks" if count == 1 else "lack", _listing(attributes)))
        for name, base in self.old_bases:
            lines.append(f"{name} still derives from the old {base}; run its cell again.")
        if self.old_code:
            lines.append(
                f"Created before this change and still running the old code: {_listing(self.old_code)}."
            )
        for module, name in self.remembered:
            lines.append(
                f"{module} may still use what it stored about {name} before this change; recreate that, or restart the kernel."
            )
        for thread, function in self.threads:
            lines.append(f"Thread {thread} is still running the old {function}.")
        return lines


def _created(count: int, name: str, verb: str, what: str) -> str:
    """The sentence about instances that cannot follow their class."""
    noun, them = ("instance", "it") if count == 1 else ("instances", "them")
    return f"{count} {noun} of {name} created before this change {verb} {what}; recreate {them}."


def _listing(names: list[str]) -> str:
    names = sorted(set(names))
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"
