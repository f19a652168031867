"""Libraries on disk and their eggs, as the daemon builds them (base and patch), for tests of the Spark side."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autoegg.protocol import Egg, LibraryKind, LibraryState

Files = Mapping[str, str | bytes]


class Library:
    """A library in ``root`` whose eggs go to ``store``; ``edit`` makes its next version."""

    def __init__(
        self, name: str, root: Path, store: Path, files: Files, kind: LibraryKind = "package"
    ) -> None:
        self.name = name
        self.kind: LibraryKind = kind
        self.root = root
        self.store = store
        self.files: dict[str, bytes] = {}
        store.mkdir(parents=True, exist_ok=True)
        self._base: tuple[Egg, dict[str, bytes], str] | None = None
        self._patch: Egg | None = None
        self._write(files)
        self.rebase()

    @property
    def version(self) -> str:
        lines = sorted(f"{path}\0{_digest(content)}\n" for path, content in self.files.items())
        return _digest("".join(lines).encode())

    def edit(self, files: Files, deleted: tuple[str, ...] = ()) -> None:
        """The next version, on disk and as a patch of the base."""
        self._write(files)
        for path in deleted:
            (self.root / path).unlink()
            del self.files[path]
        assert self._base is not None
        _, base, base_version = self._base
        changed = {path: content for path, content in self.files.items() if base.get(path) != content}
        gone = sorted(set(base) - set(self.files))
        head = {"base": base_version, "changed": _entries(changed), "deleted": gone}
        self._patch = self._egg(".patch", changed, head) if changed or gone else None

    def rebase(self) -> None:
        """The present version as a base egg of its own."""
        egg = self._egg("", self.files, {"files": _entries(self.files)})
        self._base = (egg, dict(self.files), self.version)
        self._patch = None

    def eggs(self) -> list[Egg]:
        assert self._base is not None
        return [self._base[0], *([self._patch] if self._patch else [])]

    def state(self) -> LibraryState:
        return LibraryState(self.name, self.kind, self.version, tuple(egg.name for egg in self.eggs()))

    def _write(self, files: Files) -> None:
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            self.files[path] = data
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)

    def _egg(self, ending: str, files: Mapping[str, bytes], head: Mapping[str, Any]) -> Egg:
        manifest = {"format": 1, "library": self.name, "kind": self.kind, "version": self.version, **head}
        path = self.store / f"{self.name}-{self.version[:16]}-1{ending}.egg"
        write_egg(path, files, manifest)
        return Egg(str(path), path.name, _digest(path.read_bytes()), path.stat().st_size)


def write_egg(path: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> None:
    """A zip with fixed times and directory entries, as reproducible eggs are."""
    name = manifest["library"]
    content = {
        "EGG-INFO/PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n".encode(),
        "EGG-INFO/top_level.txt": f"{name}\n".encode(),
        "EGG-INFO/autoegg.json": json.dumps(manifest).encode(),
        **files,
    }
    folders = {str(parent) + "/" for entry in content for parent in Path(entry).parents if str(parent) != "."}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as egg:
        for entry in sorted({*content, *folders}):
            egg.writestr(zipfile.ZipInfo(entry), content.get(entry, b""))


def _entries(files: Mapping[str, bytes]) -> dict[str, Any]:
    return {path: {"digest": _digest(data), "size": len(data)} for path, data in files.items()}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
