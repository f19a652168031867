"""Functions of the libraries that read a data file after the import, and may have kept what they read."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from ..inspection import identity
from ..source.bytecode import stored_globals
from .files import signature
from .trace import Record

FRAMES = 40


@dataclass(frozen=True)
class FileReader:
    """One function that read ``path``."""

    path: str
    module: str
    code: CodeType

    @property
    def kept(self) -> frozenset[str]:
        """Globals that it assigns."""
        return stored_globals(self.code)


class FileReaders:
    def __init__(self, by_path: Mapping[str, list[Record]]) -> None:
        self._by_path = by_path
        self._signatures: dict[str, Any] = {}
        self._readers: dict[str, dict[tuple[str, int], FileReader]] = {}

    def note(self, path: str, frame: FrameType) -> None:
        """A file of a library is being opened; ``frame`` is who opens it."""
        current: FrameType | None = frame
        for _ in range(FRAMES):
            if current is None:
                return
            code = current.f_code
            if code.co_name != "<module>":
                for record in self._by_path.get(code.co_filename, ()):
                    self._signatures[path] = signature(path)
                    self._readers.setdefault(path, {})[record.name, identity(code)] = FileReader(
                        path, record.name, code
                    )
            current = current.f_back

    def of_changed(self, paths: Collection[str] | None) -> list[FileReader]:
        """The readers of files that have changed since they were read; ``paths``: only of these files."""
        return [
            reader
            for path, before in list(self._signatures.items())
            if (paths is None or not {path, os.path.realpath(path)}.isdisjoint(paths))
            and signature(path) != before
            for reader in self._readers[path].values()
        ]

    def settled(self, readers: Collection[FileReader]) -> None:
        """What these functions had stored has been removed."""
        for reader in readers:
            self._signatures.pop(reader.path, None)
            self._readers.pop(reader.path, None)
