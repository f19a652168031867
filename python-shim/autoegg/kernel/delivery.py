"""What Spark gets and runs: first the eggs, which have no effect yet; then one state that names them, for all libraries together."""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from autoegg.errors import ShipFailed
from autoegg.kernel.library import Library, Shipped
from autoegg.protocol import Egg, LibrarySpec, LibraryState, State
from autoegg.spark import Shipper, Target, setting
from autoegg.versions.version import Version

_log = logging.getLogger("autoegg")

# Jobs that are just being submitted may carry a state before the present one; what runs is asked for (spark/classic/retention.py).
_STATES_KEPT = 4

# Saves that were delivered early and are not a state yet.
_DELIVERIES_KEPT = 4

# Taking eggs off Spark's list costs several round trips to the JVM, too many to pay with every save.
_DELIVERIES_BETWEEN_PRUNES = 8


class Delivering:
    """Owns the session's state and its generation counter.

    Args:
        session: identifies this kernel's states among those of other drivers on shared workers.
        folder: private directory for the eggs given to Spark.
    """

    def __init__(self, session: str, folder: Path) -> None:
        self.state: State | None = None
        self.generation = 0
        self.check: bool | None = None
        """Whether tasks check what they have loaded; None until the user chooses: the Spark session's setting applies."""
        self._session = session
        self._shipper = Shipper(folder)
        self._active: dict[str, int] = {}
        self._gone: set[str] = set()
        self._kept: deque[frozenset[str]] = deque(maxlen=_STATES_KEPT)
        self._early: deque[frozenset[str]] = deque(maxlen=_DELIVERIES_KEPT)
        self._since_prune: Counter[str] = Counter()
        self._names: dict[str, str] = {}
        """Eggs that Spark is given under another name, because an executor has spoiled what it had under theirs."""

    def is_active(self, target: Target, libraries: Iterable[Library]) -> bool:
        """Whether this Spark session's state is exactly what the driver runs, in no older generation."""
        wanted = self._states(libraries)
        if not wanted and self.state is None:
            return True
        if self.state is None or self.state.libraries != wanted:
            return False
        if self.check is not None and self.state.check != self.check:
            return False
        return self._active.get(target.key) == self.state.generation

    def reachable(self, targets: Iterable[Target]) -> list[Target]:
        """Without those that did not answer: they are tried again when something is run there (``before_pickle``)."""
        return [target for target in targets if target.key not in self._gone]

    def present(self, targets: Iterable[Target]) -> tuple[list[Target], list[str]]:
        """The sessions as they are now: those that a server has lost in silence are new ones, to be shipped to again."""
        found: list[Target] = []

        def look(target: Target) -> None:
            found.append(self._shipper.present(target) if target.key in self._active else target)

        return found, self.with_each(self.reachable(targets), look)

    def with_each(self, targets: Iterable[Target], step: Callable[[Target], None]) -> list[str]:
        """Does ``step`` with each. A target that does not answer cannot run code either, so it is reported and does not block the cell."""
        lines = []
        for target in targets:
            try:
                step(target)
            except ShipFailed as failure:
                if not failure.gone:
                    raise
                self._gone.add(target.key)
                lines.append(str(failure))
        return lines

    def give(
        self, target: Target, libraries: Iterable[Library], versions: Mapping[LibrarySpec, Version]
    ) -> None:
        """Delivers the eggs of these libraries, in ``versions`` where it names one, else as the driver runs them.

        Raises ShipFailed; nothing that Spark runs has changed then.
        """
        libraries = list(libraries)
        now: set[str] = set()
        for library in libraries:
            version = versions.get(library.spec, library.version)
            if version is None:
                continue
            eggs = self._eggs(version)
            now |= {egg.name for egg in eggs}
            started = time.perf_counter()
            library.shipping = True
            try:
                size = self._shipper.deliver(target, eggs)
            finally:
                library.shipping = False
            if size or library.shipped is None:
                library.shipped = Shipped(version.name, (time.perf_counter() - started) * 1e3, size)
            if size:
                self._since_prune[target.key] += 1
                self._early.append(frozenset(egg.name for egg in eggs))
        if self._since_prune[target.key] >= _DELIVERIES_BETWEEN_PRUNES:
            self._since_prune[target.key] = 0
            try:
                self._shipper.prune(target, now.union(*self._kept, *self._early))
            except ShipFailed as failure:
                _log.warning("eggs stay on Spark's list: %s", failure)

    def bring(self, target: Target, libraries: Iterable[Library]) -> None:
        """Delivers what is missing and names the state that the driver runs; from the next task on, workers follow."""
        libraries = list(libraries)
        self.give(target, libraries, {})
        wanted = self._states(libraries)
        check = self._checks(target)
        if self.state is None or (self.state.libraries, self.state.check) != (wanted, check):
            self.generation += 1
            self.state = State(self._session, self.generation, wanted, check=check)
        self._shipper.activate(target, self.state)
        self._active[target.key] = self.state.generation
        self._gone.discard(target.key)
        self._kept.append(frozenset(egg for state in wanted for egg in state.eggs))

    def _checks(self, target: Target) -> bool:
        if self.check is not None:
            return self.check
        # With several sessions the state is one for all: one that asks for it is enough.
        return setting.checks(target) or (self.state is not None and self.state.check)

    def renew(self, target: Target, libraries: Iterable[Library], spoiled: Collection[str] = ()) -> None:
        """Brings the eggs of these libraries to all executors once more, after one of them could not use them.

        Raises ShipFailed.

        Args:
            spoiled: eggs that Spark does not bring again under their names, because it writes over no file that differs.
        """
        for name in spoiled:
            self._names[name] = name.removesuffix(".egg") + "-again.egg"
        for library in libraries:
            if library.version is not None:
                self._shipper.renew(target, self._eggs(library.version), spoiled)

    def _eggs(self, version: Version) -> tuple[Egg, ...]:
        return tuple(replace(egg, name=self._named(egg.name)) for egg in version.delivery.eggs)

    def _named(self, egg: str) -> str:
        while egg in self._names:
            egg = self._names[egg]
        return egg

    def _states(self, libraries: Iterable[Library]) -> tuple[LibraryState, ...]:
        states = (library.version.state() for library in libraries if library.version is not None)
        return tuple(replace(state, eggs=tuple(map(self._named, state.eggs))) for state in states)
