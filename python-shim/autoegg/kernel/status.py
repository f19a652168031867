"""The kernel's state in the form of ``src/protocol/kernel.ts``, and the same as text for ``%autoegg``."""

from __future__ import annotations

import platform
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from autoegg.errors import AutoeggError
from autoegg.kernel.history import Past
from autoegg.kernel.library import Library
from autoegg.protocol import PROTOCOL
from autoegg.spark import heard, live_target

if TYPE_CHECKING:
    from autoegg.kernel.cached import CachedData
    from autoegg.kernel.cells import Cells
    from autoegg.kernel.sync import Synchroniser

# As many characters of a version as tell two apart on sight; the page shows as many (`shortVersion` in src/lab/rows.ts).
SHORT = 4

_WORDS = {"current": "up to date", "waiting": "changed"}
"""Conditions that the panel names otherwise (``src/lab/librarySentences.ts``)."""


def kernel_state(
    sync: Synchroniser, cells: Cells, cached: CachedData, starting_spark: bool = False
) -> dict[str, Any]:
    """A ``KernelState`` message."""
    target = live_target()
    return {
        "protocol": PROTOCOL,
        "enabled": sync.enabled,
        "reshipOnSave": sync.reship_on_save,
        "configured": sync.configured,
        "spark": {
            "kind": target.kind if target else "starting" if starting_spark else "none",
            "application": target.application if target else None,
            "master": target.master if target else None,
            "web": target.web if target else None,
            "version": spark_version(),
        },
        "python": platform.python_version(),
        "generation": sync.delivering.generation,
        "daemon": {
            "condition": "fallback" if sync.daemon_message else "connected",
            "message": sync.daemon_message,
        },
        "libraries": [_library(library, sync) for library in sync.libraries],
        "removed": [{"name": spec.name, "path": sync.received.own_path(spec.path)} for spec in sync.removed],
        "receiving": sync.received.progress.to_json(),
        "refusal": _failure(sync.refusal, sync),
        "lastReload": sync.journal.last.to_json() if sync.journal.last else None,
        "runs": cells.to_json(),
        "workers": _workers(target.master) if target and target.kind == "classic" else [],
        "cached": cached.to_json(),
    }


def spark_version() -> str | None:
    """The version of PySpark, if it is imported."""
    return getattr(sys.modules.get("pyspark"), "__version__", None)


def status_text(sync: Synchroniser) -> str:
    """A few lines for a person: one per library."""
    lines = [f"autoegg is {'on' if sync.enabled else 'off'}"]
    target = live_target()
    lines[0] += f"; Spark: {target.kind}, {target.master}" if target else "; no Spark session yet"
    if sync.daemon_message:
        lines.append(sync.daemon_message)
    if not sync.enabled and (last := sync.received.last()) is not None:
        lines.append(last)
    if not sync.libraries and not sync.removed:
        lines.append("no local library imported yet")
    for library in sync.libraries:
        state = _library(library, sync)
        lines.append(f"{library.name}  {_what_runs(library, state, sync)}  {state['path']}")
        if library.failure is not None:
            lines.append(f"    {type(library.failure).__name__}: {library.failure}")
    lines += [
        f"{spec.name}  not kept up to date; `%autoegg add {spec.path}` resumes" for spec in sync.removed
    ]
    return "\n".join(lines)


def _what_runs(library: Library, state: dict[str, Any], sync: Synchroniser) -> str:
    """What is known of the version that the driver runs."""
    if library.version is None:
        if not state["imported"]:
            return "not imported yet"
        if sync.daemon_message and library.enabled and sync.enabled:
            return "loaded; kept up to date in the driver only"
        return "loaded; its version is known when the next cell starts"
    count = state["files"]
    files = f"{count} file" if count == 1 else f"{count} files"
    shipped = (
        f"shipped in {library.shipped.milliseconds:.0f} ms" if library.shipped else "not sent to Spark yet"
    )
    return f"{library.version.name[:SHORT]}  {_WORDS.get(library.condition, library.condition)}  {files}, {shipped}"


def _library(library: Library, sync: Synchroniser) -> dict[str, Any]:
    files, size = library.version.size if library.version else (0, 0)
    shipped = library.shipped
    return {
        "name": library.name,
        "kind": library.spec.kind,
        "path": sync.received.own_path(library.spec.path),
        "library": sync.received.server_key(library.spec.path) or library.key,
        "enabled": library.enabled,
        "version": library.version.name if library.version else None,
        "files": files,
        "bytes": size,
        "condition": library.condition,
        "imported": library.name in sys.modules,
        "pinned": library.pinned.name if library.pinned else None,
        "history": [_past(past, sync) for past in sync.history.of(library.spec)],
        "failure": _failure(library.failure, sync),
        "shipped": None
        if shipped is None
        else {
            "version": shipped.version,
            "at": _moment(shipped.at),
            "milliseconds": round(shipped.milliseconds, 1),
            "bytes": shipped.bytes,
        },
    }


def _past(past: Past, sync: Synchroniser) -> dict[str, Any]:
    return {
        "version": past.version.name,
        "at": _moment(past.at),
        "cell": past.cell,
        "files": list(past.files),
        "changes": past.changes,
        "git": sync.git_mark(past.version.name),
    }


def _workers(master: str) -> list[dict[str, Any]]:
    """Processes that ran the same on one executor are one entry; those whose last task is latest come last.

    In local mode the one executor is the driver's, and Spark need not be asked for it.
    """
    is_local = master == "local" or master.startswith("local[")
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for ran in heard():
        executor = "driver" if is_local else ran.executor
        key = (executor, ran.host, *sorted(ran.versions.items()))
        group = groups.pop(key, None)
        groups[key] = {
            "executor": executor,
            "host": ran.host,
            "processes": 1 if group is None else group["processes"] + 1,
            "versions": ran.versions,
            "at": _moment(datetime.fromtimestamp(ran.at, timezone.utc)),
        }
    return list(groups.values())


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _failure(error: Exception | None, sync: Synchroniser) -> dict[str, Any] | None:
    if error is None:
        return None
    file, line = (error.file, error.line) if isinstance(error, AutoeggError) else (None, None)
    return {
        "name": type(error).__name__,
        "message": sync.received.own_paths(str(error)),
        "file": None if file is None else sync.received.own_paths(file),
        "line": line,
    }
