"""What Spark is given and told to run: eggs first, inert; then one state that names them, for all libraries together."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path

from autoegg.kernel.library import Library, Shipped, Version
from autoegg.protocol import LibrarySpec, LibraryState, State
from autoegg.spark import Shipper, Target

# Running jobs may still need the eggs of the states before the present one.
_STATES_KEPT = 4

# Taking eggs off Spark's list costs several round trips to the JVM, too many to pay with every save.
_STATES_BETWEEN_PRUNES = 8


class Delivering:
    """Owns the session's state and its generation counter.

    Args:
        session: identifies this kernel's states among those of other drivers on shared workers.
        folder: private directory for the eggs given to Spark.
    """

    def __init__(self, session: str, folder: Path) -> None:
        self.state: State | None = None
        self.generation = 0
        self._session = session
        self._shipper = Shipper(folder)
        self._target_key: str | None = None
        self._kept: deque[frozenset[str]] = deque(maxlen=_STATES_KEPT)
        self._states_since_prune = 0

    def is_active(self, target: Target, libraries: Iterable[Library]) -> bool:
        """Whether this Spark session is told to run exactly what the driver runs."""
        wanted = _states(libraries)
        if not wanted and self.state is None:
            return True
        return self.state is not None and self._target_key == target.key and self.state.libraries == wanted

    def give(
        self, target: Target, libraries: Iterable[Library], versions: Mapping[LibrarySpec, Version]
    ) -> None:
        """Delivers the eggs of these libraries, in ``versions`` where it names one, else as the driver runs them.

        Raises ShipFailed; nothing that Spark runs has changed then.
        """
        for library in libraries:
            version = versions.get(library.spec, library.version)
            if version is None:
                continue
            started = time.perf_counter()
            library.shipping = True
            try:
                size = self._shipper.deliver(target, version.delivery.eggs)
            finally:
                library.shipping = False
            if size or library.shipped is None:
                library.shipped = Shipped(version.name, (time.perf_counter() - started) * 1e3, size)

    def bring(self, target: Target, libraries: Iterable[Library]) -> None:
        """Delivers what is missing and names the state that the driver runs; from the next task on, workers follow."""
        libraries = list(libraries)
        self.give(target, libraries, {})
        wanted = _states(libraries)
        if self.state is None or self.state.libraries != wanted:
            self.generation += 1
            self.state = State(self._session, self.generation, wanted)
        self._shipper.activate(target, self.state)
        self._target_key = target.key
        self._kept.append(frozenset(egg for library in wanted for egg in library.eggs))
        self._states_since_prune += 1
        if self._states_since_prune >= _STATES_BETWEEN_PRUNES:
            self._states_since_prune = 0
            self._shipper.prune(target, set().union(*self._kept))


def _states(libraries: Iterable[Library]) -> tuple[LibraryState, ...]:
    return tuple(library.version.state() for library in libraries if library.version is not None)
