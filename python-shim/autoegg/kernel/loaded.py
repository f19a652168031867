"""What is loaded into this kernel, for those who are called without knowing it: the browser's actions and ``autoegg``'s functions."""

from __future__ import annotations

from dataclasses import dataclass

from autoegg.kernel.cached import CachedData
from autoegg.kernel.cells import Cells
from autoegg.kernel.comm import StateComm
from autoegg.kernel.log import RecentRecords
from autoegg.kernel.recording import Recording
from autoegg.kernel.sync import Synchroniser


@dataclass(frozen=True)
class Loaded:
    """The parts that commands act on."""

    sync: Synchroniser
    comm: StateComm
    log: RecentRecords
    cells: Cells
    cached: CachedData
    recording: Recording


_loaded: Loaded | None = None


def current() -> Loaded:
    """What this kernel has loaded; raises RuntimeError with the remedy if it has loaded nothing."""
    if _loaded is None:
        raise RuntimeError("autoegg is not loaded in this kernel; run `%load_ext autoegg` first")
    return _loaded


def is_loaded() -> bool:
    return _loaded is not None


def set_loaded(parts: Loaded | None) -> None:
    """Called by the session when it is installed and when it is removed."""
    global _loaded
    _loaded = parts
