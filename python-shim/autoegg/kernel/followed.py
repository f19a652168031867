"""Which libraries are kept up to date in this kernel: those found by imports, and those added by hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from autoegg.errors import DaemonUnavailable, LibraryRefused
from autoegg.kernel.library import Library
from autoegg.kernel.moves import Moves
from autoegg.kernel.strangers import is_loaded_elsewhere
from autoegg.kernel.watch import Watch
from autoegg.protocol import LibrarySpec


class Followed:
    """The list of libraries, each opened with the daemon as far as there is one.

    Args: resolve: the real path of a loaded module's file.
    """

    def __init__(self, watch: Watch, resolve: Callable[[str], str]) -> None:
        self.by_spec: dict[LibrarySpec, Library] = {}
        self._notices: list[str] = []
        self._told: set[str] = set()
        self._ignored: set[LibrarySpec] = set()
        """Refused by the daemon."""
        self._removed: dict[LibrarySpec, Library] = {}
        """Removed from the list by the user: importing them again adds them back."""
        self._watch = watch
        self._resolve = resolve

    @property
    def all(self) -> list[Library]:
        return list(self.by_spec.values())

    @property
    def removed(self) -> list[LibrarySpec]:
        """Those that the user has removed from the list, by name."""
        return sorted(self._removed, key=lambda spec: (spec.name, spec.path))

    @property
    def enabled(self) -> list[Library]:
        """All but those that are paused."""
        return [library for library in self.all if library.enabled]

    def leaves_alone(self, path: str) -> bool:
        """Whether a file belongs to a library that was removed from the list, or refused."""
        real = os.path.realpath(path)
        left = {*self._ignored, *self._removed}
        return any(real == spec.path or real.startswith(spec.path + os.sep) for spec in left)

    def find(self, name: str) -> list[Library]:
        return [library for library in self.all if library.name == name]

    def news(self) -> list[str]:
        """Sentences that the user has not seen yet: what could not be added, and what to know about what was."""
        said = [*self._notices, *(line for library in self.enabled for line in library.warnings)]
        fresh = [line for line in dict.fromkeys(said) if line not in self._told]
        self._notices = []
        self._told.update(fresh)
        return fresh

    def add_at(self, path: Path) -> list[Library]:
        """Adds the libraries at an absolute path; raises LibraryRefused with the reason."""
        return [self._add(spec) for spec in self._watch.find(path)]

    def restore(self, name: str) -> list[Library]:
        """Adds back the libraries of this name that were removed from the list; raises LibraryRefused with the reason."""
        return [self._add(spec) for spec in self.removed if spec.name == name]

    def _add(self, spec: LibrarySpec) -> Library:
        self._ignored.discard(spec)
        library = self.by_spec.get(spec) or self._removed.pop(spec, None) or Library(spec)
        library.key = self._watch.open(spec)
        self.by_spec[spec] = library
        return library

    def remove(self, name: str) -> list[Library]:
        """Takes these libraries off the list until ``add``, or until they are imported again."""
        gone = self.find(name)
        for library in gone:
            self._removed[library.spec] = library
            self._told -= {_back(library.spec), _gone(library.spec)}
            del self.by_spec[library.spec]
            self._watch.forget(library.key)
        return gone

    def imported_again(self, specs: Iterable[LibrarySpec]) -> None:
        """Adds back those of these libraries that were removed from the list."""
        for spec in specs if self._removed else ():
            if spec not in self._removed:
                continue
            if os.path.exists(spec.path):
                library = self._removed.pop(spec)
                library.key = None
                self.by_spec.setdefault(spec, library)
                self._notices.append(_back(spec))
            else:
                self._notices.append(_gone(spec))

    def take_up(self, specs: Iterable[LibrarySpec]) -> None:
        """Opens those that are new."""
        specs = list(specs)
        self.imported_again(specs)
        for spec in specs:
            if spec not in self._removed and spec not in self.by_spec and spec not in self._ignored:
                library = Library(spec)
                try:
                    library.key = self._watch.open(spec)
                except DaemonUnavailable:
                    pass  # added anyway: the driver is kept up to date without a daemon
                except LibraryRefused as refusal:
                    # Found, not asked for: what must not be a library is none, and never in the way; but it is said.
                    self._notices.append(f"{spec.name} is not kept up to date: {refusal}")
                    self._ignored.add(spec)
                    continue
                self.by_spec[spec] = library
        self._leave()

    def _leave(self) -> None:
        """Leaves libraries in whose place the driver has loaded other code: workers must not run them under its name."""
        for library in self.all:
            file = is_loaded_elsewhere(library, self._resolve)
            if file is not None:
                del self.by_spec[library.spec]
                self._watch.forget(library.key)
                self._notices.append(
                    f"{library.name} now means {file}, which was imported instead of {library.spec.path}."
                )

    def follow(self, moves: Moves) -> None:
        """Libraries whose import leads somewhere else now."""
        for library in self.enabled:
            spec = moves.to(library)
            if spec is not None:
                moves.follow(library)
                del self.by_spec[library.spec]
                self._watch.forget(library.key)
                self.by_spec.setdefault(spec, Library(spec))


def _back(spec: LibrarySpec) -> str:
    return f"{spec.name} is kept up to date again, because it was imported again."


def _gone(spec: LibrarySpec) -> str:
    return f"{spec.name} was imported again but is not kept up to date: {spec.path} does not exist."
