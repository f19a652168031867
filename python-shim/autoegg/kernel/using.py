"""``%autoegg versions`` and ``%autoegg use``: which versions there are, and running one of them."""

from __future__ import annotations

from collections.abc import Collection

from autoegg.errors import AutoeggError
from autoegg.kernel import sentences
from autoegg.kernel.library import Library
from autoegg.kernel.pins import Wanted, of_libraries
from autoegg.kernel.sync import Synchroniser
from autoegg.versions.index import SHORTEST
from autoegg.versions.listing import lines_of

NOW = "now"
"""What stands for the code on disk where a version is named."""


def versions_text(sync: Synchroniser, name: str | None = None) -> str:
    """The versions of the notebook's libraries, or of one of them, that this or an earlier kernel has run."""
    libraries = sync.libraries if name is None else sync.find(name)
    if not libraries:
        raise AutoeggError(sentences.unknown(name) if name else "no library of yours is imported")
    kept = sync.pins.kept()
    lines = []
    for library, versions in of_libraries(kept, libraries):
        lines.append(f"{library.name}  {sync.received.own_path(library.spec.path)}")
        runs = {library.version.name: "pinned" if library.pinned else "running"} if library.version else {}
        found = lines_of(versions, kept, runs)
        lines += [
            f"  {line}" for line in found or ["no version is kept yet; the next cell that uses it keeps one"]
        ]
    return "\n".join(lines)


def use(sync: Synchroniser, versions: Collection[str]) -> str:
    """Puts each library on the version that is named of it, all or none; ``now`` puts all back on the disk. Returns a sentence."""
    wanted = wanted_by(sync, versions)
    sync.put(wanted)
    if NOW in versions:
        return "driver and workers run the code on disk again"
    return f"driver and workers run {names(list(wanted))} until `%autoegg use now`"


def wanted_by(sync: Synchroniser, versions: Collection[str]) -> Wanted:
    """Which library each version is of. Raises VersionMissing, or AutoeggError where two are of one library."""
    if NOW in versions:
        if len(versions) > 1:
            raise AutoeggError("`now` stands for all libraries: name it alone, or versions only")
        return {library: None for library in sync.libraries}
    wanted: dict[Library, str | None] = {}
    for digits in versions:
        library = sync.pins.library_of(digits)
        if library in wanted:
            raise AutoeggError(
                f"{wanted[library]} and {digits} are both versions of {library.name}: name one"
            )
        wanted[library] = digits
    return wanted


def names(libraries: Collection[Library]) -> str:
    """Each of these libraries with the version that it runs."""
    return ", ".join(
        f"{library.name} {library.version.name[:SHORTEST]}" for library in libraries if library.version
    )
