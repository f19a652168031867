"""The files of one library as the server's daemon has seen them, in a private folder of this kernel."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from ..errors import LibraryRefused, ShipFailed
from ..protocol import LibrarySpec

Fetch = Callable[[list[str]], Mapping[str, bytes]]
"""Gets contents by their sha256."""


class Replica:
    """``spec`` is the library's on the server's side, ``local`` the same here. ``folder`` belongs on ``sys.path``."""

    def __init__(self, spec: LibrarySpec, folder: Path) -> None:
        parts = spec.name.split(".")
        if not all(part.isidentifier() for part in parts):
            raise LibraryRefused(
                f"the Jupyter server offers a library with a name that is none: {spec.name!r}"
            )
        self.spec = spec
        self.folder = folder
        place = folder.joinpath(*parts)
        self.local = LibrarySpec(spec.name, spec.kind, f"{place}.py" if spec.kind == "module" else str(place))
        self.version: str | None = None
        """The version that the folder has; None while it has none, or only a part of one."""
        self.server_key: str | None = None
        """The server's daemon has this key for the library, once it was asked."""
        self._files: dict[str, str] = {}
        """Path to sha256 of what has been written."""

    def bring(
        self, version: str, files: Mapping[str, str], contents: Mapping[str, bytes], fetch: Fetch
    ) -> None:
        """Makes the folder what ``files`` (path to sha256) says. What it has already is neither fetched nor written again.

        ``contents`` are those that came along, by sha256; the rest comes from ``fetch``. Raises LibraryRefused for a path that leads out of
        the folder, and ShipFailed for content that is not what its digest says, or that cannot be written; the folder is as it was
        unless the writing itself failed.
        """
        for path in files:
            _refuse_outside(path, self.spec)
        missing = {path: digest for path, digest in files.items() if self._files.get(path) != digest}
        held = {digest: path for path, digest in self._files.items()}
        found: dict[str, bytes] = {}
        for digest in set(missing.values()):
            if digest in contents:
                found[digest] = contents[digest]
            elif digest in held and (content := self._unspoiled(held[digest], digest)) is not None:
                found[digest] = content
        wanted = sorted(set(missing.values()) - found.keys())
        if wanted:
            found.update(fetch(wanted))
        for path, digest in missing.items():
            if hashlib.sha256(found.get(digest, b"")).hexdigest() != digest:
                raise ShipFailed(
                    f"{self.spec.name}: {path} did not arrive from the Jupyter server as it was sent"
                )
        self.version = None
        try:
            if not self._files:
                self._remove_all()
            # First, as a folder may come where a file was.
            for path in self._files.keys() - files.keys():
                (self.folder / path).unlink(missing_ok=True)
                del self._files[path]
                self._remove_empty(path)
            for path, digest in missing.items():
                self._write(path, found[digest])
                self._files[path] = digest
        except OSError as error:
            raise ShipFailed(
                f"{self.spec.name} came from the Jupyter server and cannot be written on the kernel's machine: {error}"
            ) from error
        self.version = version

    def forget(self) -> None:
        """Somebody else has changed the folder: all of it is fetched and written again."""
        self.version = None
        self._files.clear()

    def _unspoiled(self, path: str, digest: str) -> bytes | None:
        """The content of a file that was written here; None where somebody else has removed or changed it since."""
        try:
            content = (self.folder / path).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == digest else None

    def _remove_all(self) -> None:
        """What lies here and was not written by us would be taken for a part of the library."""
        for entry in self.folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def _write(self, path: str, content: bytes) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(f".{place.name}.part")
        part.write_bytes(content)
        os.replace(part, place)

    def _remove_empty(self, path: str) -> None:
        with contextlib.suppress(OSError):
            for folder in (self.folder / path).parents:
                if folder == self.folder:
                    return
                with contextlib.suppress(FileNotFoundError):
                    for cache in (folder / "__pycache__").iterdir():
                        cache.unlink()
                    (folder / "__pycache__").rmdir()
                folder.rmdir()


def _refuse_outside(path: str, spec: LibrarySpec) -> None:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\0" in path:
        raise LibraryRefused(f"{spec.name}: the Jupyter server names a file outside of the library: {path!r}")
