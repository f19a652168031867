"""A library's folder that goes from release to release, as a checkout does: only what differs is written."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

from holdings import STATE, module_of

SKIPPED = re.compile(r"(^|\.)(__main__|conftest|tests?|testing|test_\w+|setup)(\.|$)")
"""Modules that are programs, or need what only the tests of a library need."""


class Checkout:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, bytes] = {}
        self._time = 1_700_000_000

    def take(self, wheel: Path) -> tuple[list[str], list[str]]:
        """Put the files of a release there; absolute paths (changed, removed)."""
        with zipfile.ZipFile(wheel) as archive:
            names = [n for n in archive.namelist() if not n.endswith("/") and not re.match(r"[^/]+\.(dist-info|data)/", n)]  # fmt: skip
            files = {name: archive.read(name) for name in names}
        for name in files:
            if name.endswith(".py"):
                files[name] += STATE.encode()
        self._time += 10  # .pyc files go by seconds
        changed = [name for name, data in files.items() if self.files.get(name) != data]
        removed = sorted(self.files.keys() - files.keys())
        for name in changed:
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[name])
            os.utime(path, (self._time, self._time))
        for name in removed:
            (self.root / name).unlink()
        for folder in sorted({(self.root / name).parent for name in removed}, reverse=True):
            while folder != self.root and folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
                folder = folder.parent
        self.files = files
        return [str(self.root / name) for name in changed], [str(self.root / name) for name in removed]

    def modules(self, tops: list[str], leave: list[str]) -> list[str]:
        """All modules that can be imported, the packages first."""
        found = []
        for name in self.files:
            if name.endswith(".py"):
                dotted = module_of(name)
                inside = dotted.partition(".")[0] in tops and all(part.isidentifier() for part in dotted.split("."))  # fmt: skip
                if inside and not SKIPPED.search(dotted) and dotted not in leave:
                    found.append(dotted)
        return sorted(found)


def metadata(wheel: Path, folder: Path) -> Path:
    """A folder with what ``importlib.metadata`` reads of a release: it stays as it was installed, as for a checkout."""
    folder.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if re.match(r"[^/]+\.dist-info/", name):
                archive.extract(name, folder)
    return folder
