"""A reload that takes long says what it is doing: which module it runs, or for which class it looks through all objects."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from autoegg.reload import progress

PATIENCE = 1.0
"""Seconds before the first word; each that follows waits twice as long as the one before."""


@contextmanager
def told_when_slow(libraries: str) -> Iterator[None]:
    """Prints into the cell, from a thread of its own, until the block ends; ``libraries`` are those that are reloaded."""
    progress.doing(f"reloading {libraries}")
    ended = threading.Event()
    started = time.monotonic()

    def tell() -> None:
        wait = PATIENCE
        while not ended.wait(wait):
            seconds = time.monotonic() - started
            print(f"autoegg: still {progress.now} ({seconds:.0f} s)", file=sys.stderr, flush=True)
            wait *= 2

    teller = threading.Thread(target=tell, name="autoegg-waiting", daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()
        progress.doing("")
