"""Where the benchmarks read and write: everything below ``.cache/bench`` of the checkout."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SHIM = CHECKOUT / "python-shim"
BENCH = CHECKOUT / ".cache" / "bench"
PEERS = CHECKOUT / ".cache" / "packages" / "peers" / "site-packages"
"""What ``requirements/peers.txt`` names; called site-packages so that it counts as installed code."""


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder of one benchmark, gone when it ends, well or not."""
    BENCH.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=BENCH))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
