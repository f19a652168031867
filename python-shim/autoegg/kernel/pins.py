"""A pin holds a library at one version, whatever is on disk. Which version that may be is decided here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from autoegg.errors import AutoeggError, LibraryChanged, VersionMissing
from autoegg.kernel.comparison import Comparison
from autoegg.kernel.history import History
from autoegg.kernel.library import Library
from autoegg.kernel.recall import Recall
from autoegg.versions.index import SHORTEST, Kept, check_digits, kept_in, named, unknown, usual_store
from autoegg.versions.requirements import absent_imports
from autoegg.versions.version import Version

Wanted = Mapping[Library, "str | None"]
"""Library → the first digits of a version, or None for what is on disk."""

Way = Mapping[Library, "tuple[Version | None, Version | None]"]
"""Library → what it ran, and what it was held at."""


class Pins:
    """Puts libraries on versions that this kernel or another one has run. Not thread-safe: its owner lets one change happen at a time.

    Args:
        libraries: gives those that are kept up to date.
        recall: makes sure that what brings a kept version is there.
        bring: brings driver and Spark to what the libraries say; raises what a cell would be refused with.
    """

    def __init__(
        self,
        libraries: Callable[[], list[Library]],
        history: History,
        comparison: Comparison,
        recall: Recall,
        bring: Callable[[], Any],
    ) -> None:
        self._libraries = libraries
        self._history = history
        self._comparison = comparison
        self._recall = recall
        self._bring = bring

    def put(self, wanted: Wanted) -> None:
        """All of these libraries, or none: then it raises, and each is on what it was on."""
        self._hold(
            {
                library: None if digits is None else self._version(library, digits)
                for library, digits in wanted.items()
            }
        )

    def go(self, wanted: Wanted) -> Way:
        """Like ``put``; returns the way ``back``."""
        before = {library: (library.version, library.pinned) for library in wanted}
        self.put(wanted)
        return before

    def back(self, way: Way) -> None:
        """Puts libraries on what they ran before ``go``, also if the code on disk has become broken meanwhile."""
        self._hold({library: version for library, (version, _) in way.items() if version is not None})
        # The next cell asks the disk, as each cell does.
        for library, (_, pinned) in way.items():
            library.pinned = pinned

    def _hold(self, versions: Mapping[Library, Version | None]) -> None:
        before = {library: library.pinned for library in versions}
        for library, version in versions.items():
            library.pinned = version
        try:
            self._bring()
        except BaseException:
            for library, version in before.items():
                library.pinned = version
            raise

    def kept(self) -> list[Kept]:
        """What the store's index names, newest first."""
        return kept_in(self._store())

    def library_of(self, digits: str) -> Library:
        """The library that has a version which begins with these digits. Raises VersionMissing with what to do where none has, or several."""
        check_digits(digits)
        kept = [it for it in self.kept() if it.name.startswith(digits.lower())]
        libraries = self._libraries()
        found = [
            library
            for library in libraries
            if self._history.find(library.spec, digits.lower()) or any(_is_of(it, library) for it in kept)
        ]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(library.name for library in found)
            raise VersionMissing(
                f"{digits} is the beginning of versions of several libraries ({names}): give more digits"
            )
        if not kept:
            raise unknown(digits)
        there = ", ".join(library.name for library in libraries) or "no library"
        raise VersionMissing(
            f"version {digits} is one of {kept[0].spec.name}, which this notebook has not imported ({there} is here): import it first; "
            f"if it was renamed, `autoegg restore {digits} -o FOLDER` gives the files that it had"
        )

    def _version(self, library: Library, digits: str) -> Version:
        if not library.enabled:
            raise AutoeggError(
                f"{library.name} is paused, so it stays on what it runs: switch it on in the panel first"
            )
        pinned = self._found(library, digits.lower())
        loaded = self._comparison.absent(library, pinned)
        if loaded:
            raise AutoeggError(
                f"{min(loaded)} is loaded, but version {pinned.name[:SHORTEST]} of {library.name} does not contain it; a loaded module "
                "cannot be removed while its file exists, so that version cannot be used in this kernel",
                file=min(loaded),
            )
        absent = absent_imports(pinned, self._comparison.executed_in(library, pinned))
        if absent:
            module, file, line = absent[0]
            raise VersionMissing(
                f"version {pinned.name[:SHORTEST]} of {library.name} imports {module} ({file}, line {line}), which is not there: install "
                "it in this kernel's environment, or put it on sys.path, and try again",
                file=file,
                line=line,
            )
        return pinned

    def _found(self, library: Library, digits: str) -> Version:
        check_digits(digits)
        found: dict[str, Version | Kept] = {
            it.name: it for it in self.kept() if _is_of(it, library) and it.name.startswith(digits)
        }
        ran = self._history.find(library.spec, digits)
        if ran is not None and ran.is_there:
            found[ran.name] = ran
        if len(found) > 1:
            kept = [it for it in found.values() if isinstance(it, Kept)]
            raise VersionMissing(f"{digits} is the beginning of {named(kept)}: give more digits")
        for version in found.values():
            return (
                version
                if isinstance(version, Version)
                else self._recall.version(library, version, self.kept())
            )
        if ran is not None:
            raise VersionMissing(
                f"version {digits[:SHORTEST]} of {library.name} cannot be had any more: its eggs were removed from autoegg's store"
            )
        raise unknown(digits)

    def _store(self) -> Path:
        """The store of the daemon that has answered, else the usual one."""
        for library in self._libraries():
            if library.version is not None:
                return Path(library.version.delivery.manifest).parent.parent
        return usual_store()


def _is_of(kept: Kept, library: Library) -> bool:
    """Whether it is a version of this library, wherever that lay."""
    return (kept.spec.name, kept.spec.kind) == (library.spec.name, library.spec.kind)


def check_pinned(library: Library, version: Version, comparison: Comparison) -> None:
    """Raises LibraryChanged if a cell has imported what the pinned version does not have."""
    strange = comparison.absent(library, version)
    if strange:
        raise LibraryChanged(
            f"{min(strange)} is not in version {version.name[:4]} of {library.name}, to which it is pinned: go back to the newest code",
            file=min(strange),
        )


def of_libraries(kept: Iterable[Kept], libraries: Iterable[Library]) -> list[tuple[Library, list[Kept]]]:
    """Each library with its versions, in the order given."""
    versions = list(kept)
    return [(library, [it for it in versions if _is_of(it, library)]) for library in libraries]
