"""What the driver has run since the kernel started: which version, since when, and by which cell."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timezone

from autoegg.protocol import LibrarySpec
from autoegg.versions.version import Version, member_of

_MOST = 20
_MOST_FILES = 12


@dataclass
class Past:
    """A version that the driver went to.

    ``files`` are those that differ from the version before (relative to the directory on ``sys.path``), at most some of
    them; ``changes`` says how many there were. ``cell`` is None for an action of the browser, and until the cell has
    ended: which number it has, IPython says the same way in all its versions only then.
    """

    version: Version
    files: tuple[str, ...] = ()
    changes: int = 0
    cell: int | None = None
    at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))


class History:
    """Of all libraries of one kernel, newest first."""

    def __init__(self) -> None:
        self._of_cell: list[Past] | None = None
        """What the running cell has changed; None between cells."""
        self._past: dict[LibrarySpec, deque[Past]] = {}

    def of(self, spec: LibrarySpec) -> list[Past]:
        return list(self._past.get(spec, ()))

    def find(self, spec: LibrarySpec, version: str) -> Version | None:
        """The newest delivery of a version that the driver has run; ``version`` may be its first digits."""
        for past in self.of(spec):
            if past.version.name.startswith(version):
                return past.version
        return None

    def note(self, version: Version, differing: Collection[str]) -> None:
        """The driver runs ``version`` now; ``differing`` are the absolute paths of what was added, changed or removed."""
        past = self._past.setdefault(version.spec, deque(maxlen=_MOST))
        if past and past[0].version.name == version.name:
            return
        files = sorted(member_of(version.spec, path) for path in differing)
        newest = Past(version, tuple(files[:_MOST_FILES]), len(files))
        past.appendleft(newest)
        if self._of_cell is not None:
            self._of_cell.append(newest)

    def cell_begins(self) -> None:
        self._of_cell = []

    def cell_ended(self, number: int | None) -> None:
        for past in self._of_cell or ():
            past.cell = number
        self._of_cell = None
