"""One local library as the kernel sees it: which version the driver runs, and what became of the last change."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime, timezone

from autoegg.protocol import LibrarySpec
from autoegg.versions.version import Version


@dataclass
class Shipped:
    """When Spark was last given eggs of a library."""

    version: str
    milliseconds: float
    bytes: int
    at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))


@dataclass(eq=False)
class Library:
    """A local library that this kernel keeps up to date."""

    spec: LibrarySpec
    key: str | None = None
    """The daemon's key, None until the daemon has opened it."""
    enabled: bool = True
    version: Version | None = None
    """What the driver runs."""
    pinned: Version | None = None
    """Pinned to this version, whatever is on disk, until the user releases it."""
    ahead: str | None = None
    """A newer version that the daemon has reported; the next cell switches to it."""
    shipping: bool = False
    failure: Exception | None = None
    shipped: Shipped | None = None
    warnings: tuple[str, ...] = ()
    """The daemon's warnings about the contents of the newest version that it has reported."""
    recorded: bool = False
    """The project wants to have recorded which version made each result (``record`` under ``[tool.autoegg]``)."""

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def condition(self) -> str:
        if not self.enabled:
            return "paused"
        if self.failure is not None:
            return "broken"
        if self.shipping:
            return "shipping"
        if self.pinned is not None:
            return "pinned"
        if self.version is None or (self.ahead is not None and self.ahead != self.version.name):
            return "waiting"
        return "current"

    def holds(self, path: str) -> bool:
        """Whether a resolved absolute path lies in this library."""
        return path == self.spec.path or path.startswith(self.spec.path + os.sep)
