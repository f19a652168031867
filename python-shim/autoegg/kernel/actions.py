"""What the browser may ask of a kernel, as expressions of a silent request: it waits for the running cell (``src/protocol/kernel.ts``)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autoegg.errors import AutoeggError
from autoegg.kernel import sentences
from autoegg.kernel.loaded import current
from autoegg.kernel.proof import verify as ask_all
from autoegg.kernel.status import SHORT, kernel_state
from autoegg.spark import last_ran


class ActionResult:
    """An answer whose MIME type is ``application/json``."""

    def __init__(self, ok: bool, message: str, milliseconds: float) -> None:
        self.data = {
            "ok": ok,
            "message": message,
            "milliseconds": round(milliseconds, 1),
            "state": kernel_state(current().sync, current().cells, current().cached),
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
        sync = current().sync
        sync.enabled, sync.configured = bool(enabled), True
        return "on: every cell runs the code on disk" if enabled else "off: cells run what is loaded"

    return _timed(switch)


def set_library(name: str, enabled: bool) -> ActionResult:
    """Pauses or resumes one library, by import name."""

    def switch() -> str:
        found = current().sync.find(name)
        for library in found:
            library.enabled = bool(enabled)
        if not found:
            raise AutoeggError(sentences.unknown(name))
        return (
            f"{name} is kept up to date again"
            if enabled
            else f"{name} is paused: driver and workers keep the version they have"
        )

    return _timed(switch)


def configure(*, reship_on_save: bool | None = None, enabled: bool | None = None) -> ActionResult:
    """Applies the settings of a user's browser."""

    def apply() -> str:
        sync = current().sync
        if reship_on_save is not None:
            sync.reship_on_save = reship_on_save
        if enabled is not None:
            sync.enabled = enabled
        sync.configured = True
        return "settings applied"

    return _timed(apply)


def add(path: str) -> ActionResult:
    """Keeps the libraries at a path current: a package's or a project's directory, or a module's file."""

    def take() -> str:
        names = [library.name for library in current().sync.add_at(Path(path).expanduser().absolute())]
        return f"{', '.join(names)}: kept up to date from now on"

    return _timed(take)


def remove(name: str) -> ActionResult:
    """Stops keeping a library up to date."""

    def take_off() -> str:
        if not current().sync.remove(name):
            raise AutoeggError(sentences.unknown(name))
        return sentences.removed(name)

    return _timed(take_off)


def restore(name: str) -> ActionResult:
    """Undoes ``remove``."""

    def bring_back() -> str:
        if not current().sync.restore(name):
            raise AutoeggError(f"no library named {name} was removed here")
        return f"{name} is kept up to date again"

    return _timed(bring_back)


def pin(name: str, version: str) -> ActionResult:
    """Holds driver and workers at a version that this kernel has run before, until ``release``."""

    def hold() -> str:
        pinned = current().sync.pin(name, version)
        assert pinned is not None
        return f"driver and workers run {name} {pinned.name[:SHORT]} until you go back to the newest code"

    return _timed(hold)


def release(name: str) -> ActionResult:
    """Goes back to the code on disk."""

    def let_go() -> str:
        current().sync.pin(name, None)
        return f"{name} follows the code on disk again"

    return _timed(let_go)


def verify() -> ActionResult:
    """Asks the driver and every executor what they run; not ``ok`` where they do not agree."""

    def ask() -> str:
        proof = ask_all(None)
        last_ran()  # so that the page can name executors, not only hosts
        if not proof.agree:
            raise AutoeggError("; ".join(proof.verdict))
        return proof.verdict[0]

    return _timed(ask)


def unpersist(number: int) -> ActionResult:
    """Frees cached data, by Spark's number."""
    return _timed(lambda: current().cached.unpersist(number))


def recompute(number: int) -> ActionResult:
    """Recomputes cached data with the current code, by Spark's number."""

    def again() -> str:
        current().sync.ship()
        return current().cached.recompute(number)

    return _timed(again)


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
        return "\n".join([f"the driver runs {names}; it is sent to Spark once a session runs", *lines])
    verb = "shipped" if sync.delivering.generation != generation else "already on driver and workers:"
    return "\n".join([f"{verb} {names}", *lines])


def _timed(action: Callable[[], str]) -> ActionResult:
    started = time.perf_counter()
    try:
        message, ok = action(), True
    except AutoeggError as refusal:
        message, ok = str(refusal), False
    except KeyboardInterrupt:
        message, ok = "cancelled; driver and workers run what they ran before", False
    current().comm.publish()
    return ActionResult(ok, message, (time.perf_counter() - started) * 1e3)
