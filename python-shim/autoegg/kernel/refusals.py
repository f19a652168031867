"""The daemon's failures as the exceptions that a cell shows."""

from __future__ import annotations

from autoegg.errors import AutoeggError, LibraryMissing, LibraryRefused, LibraryUnsettled, ShipFailed
from autoegg.protocol import Failure

_KINDS: dict[str, type[AutoeggError]] = {
    "refused": LibraryRefused,
    "missing": LibraryMissing,
    "unreadable": LibraryMissing,
    "unsettled": LibraryUnsettled,
}


def refusal_of(failure: Failure) -> AutoeggError:
    """The exception of a failure code; codes that concern packing and storing are failures to ship."""
    return _KINDS.get(failure.code, ShipFailed)(failure.message, file=failure.file)
