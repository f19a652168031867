"""What the browser may ask of a kernel, as expressions of a silent request: it waits for the running cell (``src/protocol/kernel.ts``)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from autoegg.errors import AutoeggError
from autoegg.kernel.loaded import current
from autoegg.kernel.status import SHORT, kernel_state


class ActionResult:
    """An answer whose MIME type is ``application/json``."""

    def __init__(self, ok: bool, message: str, milliseconds: float) -> None:
        self.data = {
            "ok": ok,
            "message": message,
            "milliseconds": round(milliseconds, 1),
            "state": kernel_state(current().sync),
        }

    def _repr_json_(self) -> dict[str, Any]:
        return self.data

    def __repr__(self) -> str:
        return str(self.data["message"])


def ship() -> ActionResult:
    """Builds, reloads and ships now."""
    return _timed(lambda: ship_sentence())


def set_enabled(enabled: bool) -> ActionResult:
    """The master switch."""

    def switch() -> str:
        current().sync.enabled = bool(enabled)
        return "on: every cell runs the code on disk" if enabled else "off: cells run what is loaded"

    return _timed(switch)


def set_library(name: str, enabled: bool) -> ActionResult:
    """Pauses or resumes one library, by import name."""

    def switch() -> str:
        found = current().sync.find(name)
        for library in found:
            library.enabled = bool(enabled)
        if not found:
            raise AutoeggError(
                f"no library named {name} is kept current here; `%autoegg` lists those that are"
            )
        return (
            f"{name} is kept current again"
            if enabled
            else f"{name} is paused: driver and workers keep the version they have"
        )

    return _timed(switch)


def configure(*, reship_on_save: bool | None = None, enabled: bool | None = None) -> ActionResult:
    """Takes over the browser's settings."""

    def apply() -> str:
        sync = current().sync
        if reship_on_save is not None:
            sync.reship_on_save = reship_on_save
        if enabled is not None:
            sync.enabled = enabled
        return "settings taken over"

    return _timed(apply)


def state() -> ActionResult:
    """Nothing but the state."""
    return _timed(lambda: "")


def ship_sentence() -> str:
    """Ships and says what driver and workers run now, in one sentence."""
    sync = current().sync
    generation = sync.delivering.generation
    lines = sync.ship()
    libraries = [library for library in sync.libraries if library.enabled and library.version is not None]
    if not libraries:
        return "no local library has been imported yet, so there is nothing to ship"
    names = ", ".join(
        f"{library.name} {library.version.name[:SHORT]}" for library in libraries if library.version
    )
    if sync.delivering.state is None:
        return "\n".join([f"the driver runs {names}; it goes to Spark when a session is there", *lines])
    verb = "shipped" if sync.delivering.generation != generation else "already on driver and workers:"
    return "\n".join([f"{verb} {names}", *lines])


def _timed(action: Callable[[], str]) -> ActionResult:
    started = time.perf_counter()
    try:
        message, ok = action(), True
    except AutoeggError as refusal:
        message, ok = str(refusal), False
    current().comm.publish()
    return ActionResult(ok, message, (time.perf_counter() - started) * 1e3)
