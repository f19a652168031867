"""Which loaded modules no longer are what is on disk."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from types import ModuleType

from ..errors import RestartNeeded
from .finder import LibraryFinder
from .records import Record, listing, signature
from .source import SourceCache


@dataclass
class Findings:
    stale: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    rerun: set[str] = field(default_factory=set)
    """Those of ``stale`` whose top level must run again whatever their text says: found in another file."""
    lines: dict[str, set[int]] = field(default_factory=dict)
    """module -> lines of its top level that looked at files or directories which have changed"""
    imports: dict[str, set[str]] = field(default_factory=dict)
    """module -> imports that failed and may succeed now"""

    def __bool__(self) -> bool:
        return bool(self.stale or self.gone or self.lines or self.imports)


def detect(
    records: Mapping[str, Record],
    finder: LibraryFinder,
    sources: SourceCache,
    changed: Collection[str] | None,
    removed: Collection[str],
) -> Findings:
    """Compare with the disk: only what ``changed`` and ``removed`` name, or everything when ``changed`` is None."""
    paths = None if changed is None else {form for path in {*changed, *removed} for form in _forms(path)}
    if paths is not None:
        _refuse_extensions(paths)
    found = Findings()
    known: set[str] = set()
    missing = False
    for name, record in records.items():
        known.update((record.path, record.real_path))
        if paths is None or record.path in paths or record.real_path in paths:
            digest = sources.digest(record.path)
            missing = missing or digest is None
            if record.source is None or digest != record.source.digest:
                found.stale.add(name)
        lines = _data_changed(record, paths)
        if lines:
            found.lines[name] = lines
    if missing or paths is None or any(path not in known and path.endswith(".py") for path in paths):
        _structure(records, finder, found, None if paths is None else paths - known)
    return found


def _forms(path: str) -> tuple[str, str]:
    return os.path.abspath(path), os.path.realpath(path)


def _refuse_extensions(paths: Collection[str]) -> None:
    suffixes = tuple(EXTENSION_SUFFIXES)
    compiled = {path for path in paths if path.endswith(suffixes)}
    if not compiled:
        return
    for name, module in list(sys.modules.items()):
        file = module.__dict__.get("__file__") if type(module) is ModuleType else None
        if isinstance(file, str) and compiled.intersection(_forms(file)):
            raise RestartNeeded(
                f"{os.path.basename(file)} changed: {name} is an extension module, which a running interpreter cannot"
                " load again; restart the kernel.",
                file=file,
            )


def _data_changed(record: Record, paths: Collection[str] | None) -> set[int]:
    lines: set[int] = set()
    for path, before in record.reads.items():
        if (paths is None or not {path, os.path.realpath(path)}.isdisjoint(paths)) and signature(
            path
        ) != before:
            lines |= record.looked_at.get(path, {0})
    for directory, before_names in record.listings.items():
        asked = paths is None or any(os.path.dirname(path) == os.path.realpath(directory) for path in paths)
        if asked and listing(directory) != before_names:
            lines |= record.looked_at.get(directory, {0})
    return lines


def _structure(
    records: Mapping[str, Record], finder: LibraryFinder, found: Findings, new: Collection[str] | None
) -> None:
    """Files came or went: modules may be gone, or found in another file, and imports that failed may succeed."""
    importlib.invalidate_caches()
    leaves = None if new is None else {_leaf(path) for path in new}
    for name, record in records.items():
        parent = name.rpartition(".")[0]
        if parent and parent in found.gone:
            found.gone.add(name)
            continue
        spec = find(finder, name)
        if spec is None or spec.origin is None:
            found.gone.add(name)
        elif os.path.abspath(spec.origin) != record.path:
            found.stale.add(name)
            found.rerun.add(name)
    found.stale -= found.gone
    for name, record in records.items():
        if name in found.stale or name in found.gone or record.source is None:
            continue
        if leaves is not None and not any(record.mentions(leaf.encode()) for leaf in leaves):
            continue
        for imported in record.imports():
            if imported in sys.modules or (leaves is not None and imported.rpartition(".")[2] not in leaves):
                continue
            if _shadowed_by_attribute(imported):
                continue
            spec = find(finder, imported)
            if spec is not None and spec.origin and finder.owns(spec.origin):
                found.imports.setdefault(name, set()).add(imported)


def _leaf(path: str) -> str:
    directory, file = os.path.split(path)
    return os.path.basename(directory) if file == "__init__.py" else file.partition(".")[0]


def _shadowed_by_attribute(module: str) -> bool:
    """``from a import b`` means the attribute b where ``a`` has one."""
    parent, _, leaf = module.rpartition(".")
    holder = sys.modules.get(parent)
    return holder is not None and leaf in getattr(holder, "__dict__", {})


def find(finder: LibraryFinder, name: str) -> ModuleSpec | None:
    parent = name.rpartition(".")[0]
    try:
        if not parent:
            return finder.find_spec(name)
        path = sys.modules[parent].__path__
        return finder.find_spec(name, path)
    except Exception:
        return None
