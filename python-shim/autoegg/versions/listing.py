"""Kept versions as text: one line for each, in the order in which they were last run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autoegg.errors import StoreDamaged
from autoegg.versions.files import exists
from autoegg.versions.index import SHORTEST, Kept
from autoegg.versions.version import member_of

_MOST_FILES = 3


def short(kept: Kept, among: Iterable[Kept]) -> str:
    """The first digits that tell it from the others."""
    others = {other.name for other in among if other.name != kept.name}
    count = SHORTEST
    while any(other.startswith(kept.name[:count]) for other in others):
        count += 1
    return kept.name[:count]


def lines_of(versions: list[Kept], among: list[Kept], marks: Mapping[str, str]) -> list[str]:
    """A line for each version of one library, newest first. ``marks``: version → a word on it (``running``)."""
    rows = []
    for at, kept in enumerate(versions):
        earlier = versions[at + 1] if at + 1 < len(versions) else None
        state = marks.get(kept.name) or ("" if exists(kept) else f"gone ({kept.entry.gone or 'removed'})")
        rows.append(
            (
                short(kept, among),
                kept.ran.astimezone().strftime("%Y-%m-%d %H:%M"),
                state,
                git_text(kept),
                changes(kept, earlier),
            )
        )
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(5)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def git_text(kept: Kept) -> str:
    if kept.entry.commit is None:
        return "-"
    return f"git {kept.entry.commit[:8]}{' and changes' if kept.entry.dirty else ''}"


def changes(kept: Kept, earlier: Kept | None) -> str:
    """The names of the files that differ from an earlier version."""
    if earlier is None:
        return ""
    try:
        now, before = kept.version.digests, earlier.at(kept.spec).digests
    except StoreDamaged:
        return ""
    differing = {path for path in now.keys() | before.keys() if now.get(path) != before.get(path)}
    names = sorted(member_of(kept.spec, path).rpartition("/")[2] for path in differing)
    shown = ", ".join(names[:_MOST_FILES])
    return shown + (f" and {len(names) - _MOST_FILES} more" if len(names) > _MOST_FILES else "")


def by_library(versions: Iterable[Kept]) -> dict[tuple[str, str], list[Kept]]:
    """Name and kind → its versions, in the order given."""
    groups: dict[tuple[str, str], list[Kept]] = {}
    for kept in versions:
        groups.setdefault((kept.spec.name, kept.spec.kind), []).append(kept)
    return groups
