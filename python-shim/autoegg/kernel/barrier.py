"""The question before each cell: what is on disk now, and what of it is not what the driver runs?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from autoegg.daemon.client import error_of
from autoegg.errors import LibraryMissing, StoreDamaged
from autoegg.kernel.library import Library
from autoegg.kernel.watch import Watch
from autoegg.protocol import BarrierAnswer, LibrarySpec
from autoegg.versions.version import Version


@dataclass(frozen=True)
class Moved:
    """A library that has another version on disk than the driver runs; absolute paths of what differs between the two."""

    version: Version
    changed: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


def ask(watch: Watch, libraries: Collection[Library]) -> dict[LibrarySpec, Moved]:
    """Has the daemon look at the disk; libraries that have not moved are not in the answer.

    Raises what is wrong with a library, which is marked with it, or DaemonUnavailable.
    """
    followed = [library for library in libraries if library.pinned is None]
    for library in followed:
        if library.key is None:
            library.key = watch.open(library.spec)
    # Without the files that bring it (a store that was cleared), a version is asked for as if it were new.
    known = {
        str(library.key): library.version.name if library.version and library.version.is_there else None
        for library in followed
    }
    answers = watch.barrier(known) if followed else {}
    moved = {}
    for library in libraries:
        if library.pinned is not None:
            library.failure = None
            move = moved_to(library.version, library.pinned)
            if move is not None:
                moved[library.spec] = move
            continue
        answer = answers[str(library.key)]
        if answer.failure is not None:
            library.failure = error_of(answer.failure)
            if isinstance(library.failure, LibraryMissing):
                hint = f"{answer.failure.message} (`%autoegg remove {library.name}` takes it off the list.)"
                library.failure = LibraryMissing(hint, file=answer.failure.file)
            raise library.failure
        library.recorded = answer.record
        if answer.delivery is None:
            library.failure, library.ahead = None, None
        else:
            version = Version(library.spec, answer.delivery)
            library.warnings = answer.warnings
            moved[library.spec] = Moved(version, *_difference(library.version, version, answer))
    return moved


def moved_to(old: Version | None, new: Version) -> Moved | None:
    """The way from one version to another; None where they are the same."""
    return None if old is not None and old.name == new.name else Moved(new, *_between(old, new))


def _difference(
    old: Version | None, new: Version, answer: BarrierAnswer
) -> tuple[frozenset[str], frozenset[str]]:
    """(changed or added, removed) from one version to the next; a restarted daemon may not know the old one."""
    if old is None or answer.changed is None or answer.removed is None:
        return _between(old, new)
    return frozenset(map(new.absolute, answer.changed)), frozenset(map(new.absolute, answer.removed))


def _between(old: Version | None, new: Version) -> tuple[frozenset[str], frozenset[str]]:
    if old is None or old.name == new.name:
        return frozenset(), frozenset()
    try:
        before = old.digests
    except StoreDamaged:  # what differs is not known any more: the reload compares everything
        return frozenset(new.digests), frozenset()
    return frozenset(new.files_that_differ_from(old)), frozenset(before.keys() - new.digests.keys())
