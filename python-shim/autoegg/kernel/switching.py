"""Takes the driver from one version of its libraries to another, and Spark with it: all of it, or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

from autoegg.errors import DaemonUnavailable, LibraryChanged, StoreUnwritable
from autoegg.kernel.barrier import Moved
from autoegg.kernel.blame import blaming
from autoegg.kernel.comparison import Comparison
from autoegg.kernel.delivery import Delivering
from autoegg.kernel.fallback import DiskCheck
from autoegg.kernel.foreign import ForeignModules
from autoegg.kernel.history import History
from autoegg.kernel.journal import Journal
from autoegg.kernel.library import Library
from autoegg.kernel.moves import Moves
from autoegg.kernel.pins import check_pinned
from autoegg.kernel.reading import Reading
from autoegg.kernel.unimported import Unimported
from autoegg.kernel.waiting import told_when_slow
from autoegg.protocol import LibrarySpec
from autoegg.reload import Reloader, Report
from autoegg.spark import Target, live_target
from autoegg.versions.version import Version


class Switching:
    """Not thread-safe: its owner lets one change happen at a time."""

    def __init__(
        self,
        reloader: Reloader,
        reading: Reading,
        comparison: Comparison,
        moves: Moves,
        foreign: ForeignModules,
        delivering: Delivering,
    ) -> None:
        self.journal = Journal()
        self.history = History()
        self.unimported = Unimported(reloader, reading, self.journal.remark)
        self.changes = 0
        """How often the driver has switched from one version of its libraries to another."""
        self._reloader = reloader
        self._reading = reading
        self._comparison = comparison
        self._moves = moves
        self._foreign = foreign
        self._delivering = delivering

    def switch(
        self, watched: list[Library], moved: dict[LibrarySpec, Moved], targets: list[Target]
    ) -> list[str]:
        """Gives the eggs to Spark, inert, and reloads the driver; naming the new state is what remains to be done.

        Returns sentences for the user; whatever it raises, the driver and the libraries' versions are as they were.
        """
        changed: set[str] = set()
        removed: set[str] = self._moves.vanished
        versions = {spec: move.version for spec, move in moved.items()}
        for library in watched:
            if library.spec in moved:
                changed |= moved[library.spec].changed
                removed |= moved[library.spec].removed
            version = versions.get(library.spec, library.version)
            if version is not None:
                changed |= self._comparison.differing(library, version)
                removed |= self._comparison.deleted(library, version)
        lines, report, started = self._reload(watched, versions, changed, removed, targets)
        self._moves.settled()
        if (report is not None and report.changed) or any(
            library.version is not None and library.version.name != versions[library.spec].name
            for library in watched
            if library.spec in moved
        ):
            self.changes += 1
        names = {}
        for library in watched:
            if library.spec in moved:
                before = library.version
                self._now_at(library, moved[library.spec])
                names[library.name] = (before.name if before else None, versions[library.spec].name)
        return [*lines, *(self.journal.note(report, started, names) if report else ())]

    def run_again_whole(self, libraries: list[Library]) -> Report:
        """Runs all modules of these libraries again, as a whole; the version that the driver is on stays."""
        resolve = self._reading.resolve
        modules = [
            module
            for module, path in self._reloader.modules.items()
            if any(library.holds(resolve(path)) for library in libraries)
        ]
        started = time.perf_counter()
        with blaming(libraries), told_when_slow(", ".join(library.name for library in libraries)):
            report = self._reloader.run_again_whole(modules)
        self.journal.note(report, started)
        return report

    def refuse_unimported(self, watched: list[Library]) -> None:
        """Nothing has moved: raises LibraryBroken if the cell wants a file that does not compile."""
        with blaming(watched):
            self.unimported.refuse(watched)

    def _reload(
        self,
        watched: list[Library],
        versions: dict[LibrarySpec, Version],
        changed: set[str],
        removed: set[str],
        targets: list[Target],
    ) -> tuple[list[str], Report | None, float]:
        """Sentences of Spark's side, the driver's report (None where it had nothing to do), and when the reload began."""
        report: Report | None = None
        with (
            self._reading.pending(versions),
            blaming([library for library in watched if library.spec in versions]),
        ):
            if changed:
                self._foreign.refuse(changed)
                self.unimported.check(changed)
            self.unimported.refuse(watched)
            lines = self._delivering.with_each(
                targets, lambda target: self._delivering.give(target, watched, versions)
            )
            started = time.perf_counter()
            if changed or removed:
                with told_when_slow(", ".join(spec.name for spec in versions) or "the libraries"):
                    report = self._reloader.reload(changed, removed)
        return lines, report, started

    def _now_at(self, library: Library, move: Moved) -> None:
        first = library.version is None
        library.version, library.failure = move.version, None
        if library.pinned is None:
            library.ahead = None
        self.history.note(move.version, () if first else move.changed | move.removed)

    def settle(
        self, libraries: list[Library], ask: Callable[[list[Library]], dict[LibrarySpec, Moved]]
    ) -> None:
        """In a running cell: finds for each library the version that the driver's modules came from, without reloading."""
        unsettled = [
            library
            for library in libraries
            if library.version is None
            or self._comparison.differing(library, library.version)
            or self._comparison.absent(library, library.version)
        ]
        moved = ask(unsettled) if unsettled else {}
        for library in unsettled:
            version = moved[library.spec].version if library.spec in moved else library.version
            if library.pinned is not None and version is not None:
                check_pinned(library, version, self._comparison)
            if version is None or self._comparison.differing(library, version):
                raise LibraryChanged(
                    f"{library.name} changed on disk after this cell had imported it, so its code cannot be shipped "
                    "as one version; run the cell again",
                    file=library.spec.path,
                )
            library.version = version
            self.history.note(version, ())

    def without_daemon(
        self, disk: DiskCheck, unavailable: DaemonUnavailable, watched: list[Library]
    ) -> list[str]:
        """Brings the driver alone to the disk; raises where a live Spark session would be left behind."""
        sentence = disk.daemon_is_gone(str(unavailable))
        watched = [library for library in watched if library.pinned is None]
        executed = [item for library in watched for item in self._comparison.executed(library).items()]
        changed, removed = disk.differing(executed)
        lines = [sentence] if sentence else []
        if live_target() is not None:
            self._refuse_left_behind(disk, unavailable, watched, [*changed, *removed])
            return lines
        changed += self._comparison.old_data(watched)
        if changed or removed:
            for library in watched:
                library.version = None
            started = time.perf_counter()
            with told_when_slow("the libraries"):
                report = self._reloader.reload(changed, removed)
            self.changes += 1
            lines += self.journal.note(report, started)
        return lines

    def _refuse_left_behind(
        self, disk: DiskCheck, unavailable: DaemonUnavailable, watched: list[Library], moved: list[str]
    ) -> None:
        """Raises where workers have, or may have, something else than what is on disk; they may have imported any file by now."""
        for library in watched:
            if moved or library.version is None:
                continue
            if isinstance(unavailable, StoreUnwritable):
                moved = [library.spec.path]  # only a new version has to be written
            else:
                moved = disk.moved_from(library.version)
        if moved:
            raise DaemonUnavailable(
                f"{unavailable} {moved[0]} has changed and cannot be shipped to the live Spark session, so the cell was not run.",
                file=moved[0],
            )
