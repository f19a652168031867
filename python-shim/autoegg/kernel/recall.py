"""Brings back what brings a version: its eggs from the store, else packed anew from what git and other versions have of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from autoegg.errors import AutoeggError, VersionMissing
from autoegg.kernel.library import Library
from autoegg.kernel.watch import Watch
from autoegg.protocol import LibrarySpec
from autoegg.versions.files import digests_of, files_of, has_sound_eggs, write
from autoegg.versions.index import Kept
from autoegg.versions.version import Version, place_of


class Recall:
    """Args: watch: the daemon, which packs. folder: private directory of this kernel."""

    def __init__(self, watch: Watch, folder: Path) -> None:
        self._watch = watch
        self._folder = folder

    def version(self, library: Library, kept: Kept, others: Iterable[Kept]) -> Version:
        """The version as one of this library, with sound eggs. Raises VersionMissing, or DaemonUnavailable where it has to be packed."""
        digests_of(kept)
        if has_sound_eggs(kept):
            kept.ran_now()
            return kept.at(library.spec)
        return self._packed(library, kept, files_of(kept, others))

    def _packed(self, library: Library, kept: Kept, files: dict[str, bytes]) -> Version:
        """The same files make the same version, so the daemon packs it as it packs any library."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            write(files, folder)
            name, kind = library.spec.name, library.spec.kind
            first = name.replace(".", "/") + (".py" if kind == "module" else "")
            spec = LibrarySpec(name, kind, str(folder / first))
            assert all(Path(place_of(spec, member)).is_file() for member in files)
            key = self._watch.open(spec)
            try:
                delivery = self._watch.barrier({key: None})[key].delivery
            finally:
                self._watch.forget(key)
        except (OSError, ValueError) as error:
            raise AutoeggError(
                f"version {kept.name[:4]} of {library.name} cannot be packed ({error})"
            ) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if delivery is None or delivery.version != kept.name:
            raise VersionMissing(
                f"version {kept.name[:4]} of {library.name} cannot be packed as it was, because settings of its project decided which of "
                f"its files belong to it; `autoegg restore {kept.name[:8]} -o FOLDER` gives them"
            )
        return Version(library.spec, delivery)
