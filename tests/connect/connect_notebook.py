"""Stands for a kernel whose Spark sessions are Connect sessions: it owns libraries, and brings sessions to their state."""

from __future__ import annotations

import importlib
import itertools
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eggs import Files, Library

from autoegg.protocol import State
from autoegg.spark import Shipper, Target, install, live_targets, target_of

_numbers = itertools.count(1)


def tag_files(name: str, word: str) -> dict[str, str]:
    """A package whose ``words.tag()`` says ``word``."""
    return {f"{name}/__init__.py": "", f"{name}/words.py": f"def tag(*_):\n    return {word!r}\n"}


class Notebook:
    """One kernel's libraries and state. ``install`` makes it the one that functions are pickled for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shipper = Shipper(folder / "given")
        self.libraries: list[Library] = []
        self.state: State | None = None
        self.generation = 0
        self.name = uuid.uuid4().hex
        self.active: dict[str, int] = {}

    def install(self) -> None:
        install(self.prepare)

    def library(self, files: Callable[[str], Files], name: str | None = None) -> Any:
        """A new library, importable here; the module ``words`` of it. ``files`` gets its name."""
        name = name or f"conn{next(_numbers)}"
        library = Library(name, self.folder / "src" / name, self.folder / "store", files(name))
        sys.path.insert(0, str(library.root))
        importlib.invalidate_caches()
        self.libraries.append(library)
        self.changed()
        return importlib.import_module(f"{name}.words")

    def say(self, word: str) -> None:
        """Edit the first library, and ship. (The reload of the driver is tested elsewhere: functions go by reference.)"""
        library = self.libraries[0]
        library.edit(tag_files(library.name, word))
        self.ship()

    def changed(self) -> None:
        self.generation += 1
        self.state = State(self.name, self.generation, tuple(library.state() for library in self.libraries))

    def ship(self) -> None:
        self.changed()
        for target in live_targets():
            self.bring(target)

    def prepare(self, target: Target) -> State | None:
        if self.libraries and self.active.get(target.key) != self.generation:
            self.bring(target)
        return self.state

    def bring(self, target: Target) -> None:
        assert self.state is not None
        for library in self.libraries:
            self.shipper.deliver(target, library.eggs())
        self.shipper.activate(target, self.state)
        self.active[target.key] = self.generation

    def proof(self, session: Any, timeout: float = 60) -> Any:
        from autoegg.spark import verify

        target = target_of(session)
        assert target is not None and self.state is not None
        return verify(target, self.state, timeout)[0]

    def clear(self) -> None:
        for library in self.libraries:
            sys.path.remove(str(library.root))
            for name in [name for name in sys.modules if name.split(".")[0] == library.name]:
                del sys.modules[name]
        self.libraries.clear()
        self.state = None
