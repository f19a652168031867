"""Which loaded modules, and which of their statements, no longer are what is on disk."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from types import ModuleType

from ...errors import RestartNeeded
from ..observe.files import signature
from ..observe.loader import LibraryFinder
from ..observe.trace import Record, Trace
from ..source.disk import SourceCache


@dataclass
class Findings:
    stale: set[str] = field(default_factory=set)
    """Modules whose text differs from what was executed, or for which this is unknown."""
    gone: set[str] = field(default_factory=set)
    moved: dict[str, ModuleSpec] = field(default_factory=dict)
    """Module -> how it is found now, in another file."""
    statements: set[Trace] = field(default_factory=set)
    """Those that looked at files which have changed, or failed to import something that exists now."""

    def __bool__(self) -> bool:
        return bool(self.stale or self.gone or self.statements)


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
            if record.digest is None or digest != record.digest:
                found.stale.add(name)
    _data(records, paths, found)
    if missing or paths is None or any(path not in known and path.endswith(".py") for path in paths):
        _structure(records, finder, found)
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


def _data(records: Mapping[str, Record], paths: Collection[str] | None, found: Findings) -> None:
    for record in records.values():
        for trace in record.traces:
            if trace is None or trace.more is None or not trace.more.files:
                continue
            for path, was in trace.more.files.items():
                real = os.path.realpath(path)
                asked = paths is None or path in paths or real in paths
                if not asked and paths is not None and isinstance(was, frozenset):
                    asked = any(os.path.dirname(other) in (path, real) for other in paths)
                if asked and signature(path) != was:
                    found.statements.add(trace)


def _structure(records: Mapping[str, Record], finder: LibraryFinder, found: Findings) -> None:
    """Files were created or removed: modules may be gone or found in another file, and imports that failed may succeed."""
    importlib.invalidate_caches()
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
            found.moved[name] = spec
    found.stale -= found.gone
    for name, record in records.items():
        if name in found.gone:
            continue
        for trace in record.traces:
            if trace is None or trace.more is None:
                continue
            for wanted, path in trace.more.absent:
                if wanted in sys.modules:
                    continue
                try:
                    spec = finder.find_spec(wanted, path)
                except Exception:
                    continue
                if spec is not None and spec.origin and finder.owns(spec.origin):
                    found.statements.add(trace)


def find(finder: LibraryFinder, name: str) -> ModuleSpec | None:
    parent = name.rpartition(".")[0]
    try:
        if not parent:
            return finder.find_spec(name)
        path = sys.modules[parent].__path__
        return finder.find_spec(name, path)
    except Exception:
        return None
