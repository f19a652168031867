"""Records below each cell what it ran on, where no page does it: nbconvert, papermill, nbclient. Off until the user or the project wants it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from IPython.display import display

from autoegg.import_statements import names_in
from autoegg.kernel.status import spark_version
from autoegg.kernel.sync import Synchroniser
from autoegg.versions.index import SHORTEST
from autoegg.versions.recorded import KEY, SCHEMA

VARIABLE = "AUTOEGG_RECORD"


class Recording:
    """The record is the metadata of an output, which every program that runs notebooks keeps; its text is one line for people."""

    def __init__(self, sync: Synchroniser, is_shown: Callable[[], bool]) -> None:
        """``is_shown``: whether a page shows the notebook, which asks its user and records by itself."""
        said = os.environ.get(VARIABLE)
        self.on: bool | None = None if not said else said != "0"
        """What the user has said; None: the libraries' projects decide."""
        self._sync = sync
        self._is_shown = is_shown

    def cell_ended(self, versions: Mapping[str, str], at: bool) -> None:
        """``versions``: library → version, of those that the cell has used; ``at``: it named them itself."""
        if not versions or not self._is_wanted_for(versions):
            return
        text = ", ".join(f"{name} {version[:SHORTEST]}" for name, version in versions.items())
        display(
            {"text/plain": f"autoegg: ran on {text}"}, raw=True, metadata={KEY: self._record(versions, at)}
        )

    def _is_wanted_for(self, libraries: Collection[str]) -> bool:
        if self.on is not None:
            return self.on
        return not self._is_shown() and any(
            library.recorded for library in self._sync.libraries if library.name in libraries
        )

    def _record(self, versions: Mapping[str, str], at: bool) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "libraries": {name: self._library(version) for name, version in versions.items()},
            "python": platform.python_version(),
            "spark": spark_version(),
            "packages": self._packages(versions),
            **({"at": True} if at else {}),
        }

    def _library(self, version: str) -> dict[str, Any]:
        mark = self._sync.git_mark(version)
        kept = (
            None
            if mark is not None
            else next((it for it in self._sync.pins.kept() if it.name == version), None)
        )
        if kept is not None and kept.entry.commit is not None:
            mark = {"commit": kept.entry.commit, "dirty": kept.entry.dirty}
        if mark is None:  # in no repository, or git has not answered yet; the store's index will know
            return {"version": version, "commit": None, "clean": False}
        return {"version": version, "commit": mark["commit"], "clean": not mark["dirty"]}

    def _packages(self, libraries: Mapping[str, str]) -> dict[str, str]:
        """The distributions that the libraries' loaded modules import, with their versions."""
        imported: set[str] = set()
        for name, path in self._sync.reloader.modules.items():
            if any(f"{name}.".startswith(f"{library}.") for library in libraries):
                imported |= _imported_by(path, os.stat(path).st_mtime_ns if os.path.exists(path) else 0)
        distributions = _distributions()
        names = {found for top in imported for found in distributions.get(top, ())}
        return {name: importlib.metadata.version(name) for name in sorted(names)}


@cache
def _distributions() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


@cache
def _imported_by(path: str, changed: int) -> frozenset[str]:
    """The top-level names that a file's import statements name. ``changed``: when it was last changed."""
    try:
        return frozenset(name.partition(".")[0] for name in names_in(Path(path).read_bytes()))
    except OSError:
        return frozenset()
