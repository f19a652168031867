"""The store's index of versions: what kernels and programs have run, whichever kernel that was (``src/daemon/versionIndex.ts``)."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from pathlib import Path

from autoegg.errors import AutoeggError, VersionMissing
from autoegg.protocol import KeptVersion, LibrarySpec
from autoegg.versions.version import Version

SHORTEST = 4
"""Digits that name a version at least; notebooks and the panel show as many."""

_NAMED = 6
"""Versions that a sentence names."""


@dataclass(frozen=True)
class Kept:
    """A version of the index. ``last`` is when it was last run, as a time stamp."""

    entry: KeptVersion
    store: Path
    last: float

    @property
    def name(self) -> str:
        return self.entry.version

    @property
    def spec(self) -> LibrarySpec:
        return self.entry.spec

    @cached_property
    def version(self) -> Version:
        return self.at(self.spec)

    def at(self, spec: LibrarySpec) -> Version:
        """The version as one of the library that lies there now."""
        return Version(spec, self.entry.delivery(str(self.store)))

    @property
    def ran(self) -> datetime:
        return datetime.fromtimestamp(self.last, timezone.utc)

    def ran_now(self) -> None:
        """Dates it anew: what was run last is let go last. Of no consequence where the store cannot be written."""
        try:
            os.utime(self.store / "versions" / self.entry.file_name)
        except OSError:
            return


def usual_store() -> Path:
    """Where all daemons of this user keep their eggs, unless the server's configuration says otherwise (``src/daemon/home.ts``)."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    caches = Path(named) if named.startswith("/") else Path("~/.cache").expanduser()
    return caches / "jupyterlab-autoegg" / "store"


def kept_in(store: Path) -> list[Kept]:
    """What the index of a store names, newest first; entries that are damaged are none.

    Raises AutoeggError where the store belongs to others too, so that its contents may be anybody's.
    """
    own = store / f"jupyterlab-autoegg-{os.geteuid()}"
    place = own if own.is_dir() else store
    try:
        found = place.stat()
        names = os.listdir(place / "versions")
    except OSError:
        return []
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise AutoeggError(f"{place} is not private to this user, so nothing in it is used as code")
    kept = [_read(place, name) for name in names if not name.startswith(".")]
    return sorted((it for it in kept if it is not None), key=lambda it: it.last, reverse=True)


def _read(store: Path, name: str) -> Kept | None:
    path = store / "versions" / name
    try:
        entry = KeptVersion.from_json(json.loads(path.read_bytes()))
        if entry.file_name != name or any("/" in egg["name"] for egg in (entry.base, entry.patch) if egg):
            return None
        return Kept(entry, store, path.stat().st_mtime)
    except (OSError, ValueError, LookupError, TypeError):
        return None


def find(kept: Iterable[Kept], digits: str) -> Kept:
    """The one version that begins with these digits. Raises VersionMissing with what to do where it is none or not the only one."""
    check_digits(digits)
    found = [it for it in kept if it.name.startswith(digits.lower())]
    if not found:
        raise unknown(digits)
    if len(found) > 1:
        raise VersionMissing(f"{digits} is the beginning of {named(found)}: give more digits")
    return found[0]


def check_digits(text: str) -> None:
    if not re.fullmatch(rf"[0-9a-fA-F]{{{SHORTEST},64}}", text):
        raise VersionMissing(
            f"{text!r} names no version: give its first {SHORTEST} digits or more (0-9, a-f)"
        )


def unknown(digits: str) -> VersionMissing:
    return VersionMissing(
        f"no version that begins with {digits} is known here: `autoegg versions` lists those that are; a version is kept on the "
        "machine, and for the user, that ran it"
    )


def named(versions: list[Kept]) -> str:
    shown = ", ".join(f"{it.name[:8]} of {it.spec.name}" for it in versions[:_NAMED])
    more = len(versions) - _NAMED
    return f"{len(versions)} versions ({shown}{f' and {more} more' if more > 0 else ''})"
