"""A pin holds a library at a version that this kernel has run before. Which version that may be is decided here."""

from __future__ import annotations

from pathlib import Path

from autoegg.errors import AutoeggError, LibraryChanged
from autoegg.kernel.comparison import Comparison
from autoegg.kernel.history import History
from autoegg.kernel.library import Library, Version


def version_to_pin(library: Library, version: str, history: History, comparison: Comparison) -> Version:
    """The version that begins with these digits. Raises AutoeggError where it cannot be run in this kernel (any more)."""
    pinned = history.find(library.spec, version)
    if pinned is None or not all(Path(egg.path).exists() for egg in pinned.delivery.eggs):
        raise AutoeggError(
            f"version {version[:4]} of {library.name} is no longer kept, so it cannot be used; *Versions* in the panel lists those that are"
        )
    loaded = comparison.absent(library, pinned)
    if loaded:
        raise AutoeggError(
            f"{min(loaded)} is loaded, but version {version[:4]} of {library.name} does not contain it; a loaded module cannot "
            "be removed while its file exists, so that version cannot be used in this kernel",
            file=min(loaded),
        )
    return pinned


def check_pinned(library: Library, version: Version, comparison: Comparison) -> None:
    """Raises LibraryChanged if a cell has imported what the pinned version does not have."""
    strange = comparison.absent(library, version)
    if strange:
        raise LibraryChanged(
            f"{min(strange)} is not in version {version.name[:4]} of {library.name}, to which it is pinned: go back to the newest code",
            file=min(strange),
        )
