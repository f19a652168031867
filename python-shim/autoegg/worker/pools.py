"""What runs in a process of a pool (``concurrent.futures``, ``multiprocessing``, loky) before a task is unpickled there.

A process that was forked from the notebook's has the driver's modules, and the notebook's names refer to them: it is
updated to the newest version in place, as the driver was. Any other has imported the library itself: it is switched as a
Spark worker is. Nothing here raises while a task is unpickled, because that would end the process, and
``multiprocessing.Pool`` would wait for its task for ever: ``call`` raises instead of the task.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from . import again, switch

in_place: Callable[[list[dict[str, Any]]], None] | None = None
"""Brings this process to the versions of a message, if it was forked from a notebook that has loaded the extension."""

_seen = ""


def enter(message: str) -> Exception | None:
    """Put this process on the versions that ``message`` names (``kernel/pools.py``), and return why that cannot be."""
    global _seen
    if message == _seen:
        return None
    said = json.loads(message)
    if said["pid"] == os.getpid():
        return None
    try:
        if in_place is not None:
            in_place(said["libraries"])
        elif _has_notebook():
            raise ImportError("it was started before autoegg was loaded")
        elif again.refuses():
            raise ImportError("it has loaded a module that cannot be imported twice")
        else:
            switch.to({"libraries": [_as_state(library) for library in said["libraries"]]}, said["folder"])
    except Exception as error:
        names = ", ".join(library["spec"]["name"] for library in said["libraries"])
        return ImportError(
            f"process {os.getpid()} of a pool could not switch to the new code of {names} "
            f"({error}); create the pool again"
        )
    _seen = message
    return None


def call(failure: Exception | None, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
    """Run the task, unless ``enter`` has failed."""
    if failure is not None:
        raise failure
    return function(*arguments, **named)


def _has_notebook() -> bool:
    shell = getattr(sys.modules.get("IPython.core.interactiveshell"), "InteractiveShell", None)
    return shell is not None and bool(shell.initialized())


def _as_state(library: dict[str, Any]) -> dict[str, Any]:
    delivery = library["delivery"]
    eggs = [egg["name"] for egg in (delivery["base"], delivery["patch"]) if egg is not None]
    spec = library["spec"]
    return {"name": spec["name"], "kind": spec["kind"], "version": delivery["version"], "eggs": eggs}
