"""Functions of the library that read one of its data files after import, and may have kept what they read."""

from __future__ import annotations

import dis
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from .inspection import class_dict, home, instance_dict, is_class
from .records import Record, Signature, signature

FRAMES = 40


@dataclass
class Reader:
    """One function that read ``path``: ``names`` are the module's globals that reach it, ``kept`` those that it assigns."""

    path: str
    module: str
    code: CodeType
    names: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)


class Readers:
    def __init__(self, records: Mapping[str, Record]) -> None:
        self._records = records
        self._signatures: dict[str, Signature | None] = {}
        self._readers: dict[str, dict[tuple[str, int], Reader]] = {}

    def note(self, path: str, frame: FrameType) -> None:
        """A file of a library is being opened; ``frame`` is who opens it."""
        modules = {record.path: name for name, record in list(self._records.items())}
        current: FrameType | None = frame
        for _ in range(FRAMES):
            if current is None:
                return
            code = current.f_code
            module = modules.get(code.co_filename)
            if module is not None and code.co_name != "<module>":
                self._signatures[path] = signature(path)
                self._readers.setdefault(path, {})[(module, id(code))] = Reader(path, module, code)
            current = current.f_back

    def of_changed(self, paths: Collection[str] | None) -> list[Reader]:
        """The readers of files that are not as they were read; ``paths``: only of these."""
        found = []
        for path, before in list(self._signatures.items()):
            asked = paths is None or not {path, os.path.realpath(path)}.isdisjoint(paths)
            if not asked or signature(path) == before:
                continue
            for reader in self._readers[path].values():
                namespace = self._namespace(reader.module)
                reader.names = {name for name, value in namespace.items() if _reaches(value, reader)}
                reader.kept = {name for name in _assigned(reader.code) if name in namespace}
                found.append(reader)
        return found

    def settled(self, readers: Collection[Reader]) -> None:
        """What these had kept is gone."""
        for reader in readers:
            self._signatures.pop(reader.path, None)
            self._readers.pop(reader.path, None)

    def _namespace(self, module: str) -> dict[str, Any]:
        record = self._records.get(module)
        return dict(record.module.__dict__) if record is not None else {}


def _assigned(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname == "STORE_GLOBAL":
            yield instruction.argval


def _reaches(value: Any, reader: Reader, depth: int = 4) -> bool:
    """Is it that function, a wrapper of it, or a class that has it?"""
    if depth == 0:
        return False
    if is_class(value):
        return home(value) == reader.module and any(
            _reaches(part, reader, depth - 1) for part in class_dict(value).values()
        )
    if getattr(type(value), "__module__", "") not in ("builtins", "functools"):
        return False
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    if getattr(value, "__code__", None) is reader.code:
        return True
    wrapped = (instance_dict(value) or {}).get("__wrapped__") or getattr(value, "func", None)
    return wrapped is not None and _reaches(wrapped, reader, depth - 1)
