"""What each cell of the matrix gave, one JSON object a line, for ``page.py``."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILE = "MATRIX_RECORDS"
"""Environment variable: the file that records are added to. Without it nothing is recorded."""


@dataclass
class Outcome:
    """``newest``, ``kept``, ``absent``; ``failed`` until the test says otherwise."""

    cell: str = "failed"


@contextlib.contextmanager
def record(mode: str, api: str, spark: tuple[int, ...], python: str) -> Iterator[Outcome]:
    outcome = Outcome()
    started = time.monotonic()
    try:
        yield outcome
    except BaseException:
        outcome.cell = "failed"
        raise
    finally:
        line = {
            "spark": ".".join(map(str, spark)),
            "python": python,
            "mode": mode,
            "api": api,
            "cell": outcome.cell,
            "seconds": round(time.monotonic() - started, 1),
        }
        if FILE in os.environ:
            with Path(os.environ[FILE]).open("a") as file:
                file.write(json.dumps(line) + "\n")
