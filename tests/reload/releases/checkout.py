"""A library's folder that goes from release to release, as a checkout does: only what differs is written."""

from __future__ import annotations

import ast
import os
import re
import zipfile
from pathlib import Path

KEPT = "\n_driver_lock = __import__('threading').Lock()\n_driver_state = {}\n"
"""Below the text of every module: what a driver has and changes, and an edit elsewhere must leave alone."""
KEPT_NAMES = ("_driver_lock", "_driver_state")

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
                files[name] += KEPT.encode()
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
                dotted = name[:-3].replace("/", ".").removesuffix(".__init__")
                inside = dotted.partition(".")[0] in tops and all(part.isidentifier() for part in dotted.split("."))  # fmt: skip
                if inside and not SKIPPED.search(dotted) and dotted not in leave:
                    found.append(dotted)
        return sorted(found)


def module_of(name: str) -> str:
    return name[:-3].replace("/", ".").removesuffix(".__init__")


def steady(before: dict[str, bytes], after: dict[str, bytes]) -> list[tuple[str, str]]:
    """(module, name) of functions and classes that are defined plainly, and in the same way, in both releases: they stay who they are."""
    found = []
    for name in before.keys() & after.keys():
        if name.endswith(".py"):
            old, new = _plain(before[name]), _plain(after[name]) if before[name] != after[name] else None
            new = old if new is None else new
            found += [(module_of(name), key) for key in old.keys() & new.keys() if old[key] == new[key]]
    return found


def _plain(source: bytes) -> dict[str, str]:
    """Name -> what decides who it is, of what a module defines at its top level, once, and without decorators."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return {}
    found: dict[str, str] = {}
    text = source.decode("utf-8", "replace")
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.decorator_list:
            found[node.name] = type(node).__name__
        elif isinstance(node, ast.ClassDef) and not node.decorator_list:
            found[node.name] = "class" + "".join(map(ast.dump, [*node.bases, *node.keywords]))
    bound = re.findall(r"(?m)^\s*(?:async\s+def|def|class)\s+(\w+)|^\s*(\w+)\s*(?::[^=\n]+)?=[^=]|\b(?:as|import)\s+(\w+)", text)  # fmt: skip
    count: dict[str, int] = {}
    for names in bound:
        for name in filter(None, names):
            count[name] = count.get(name, 0) + 1
    return {name: told for name, told in found.items() if count.get(name) == 1}
