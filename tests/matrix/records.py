"""What each cell of the matrix gave, one JSON object a line and one file a column, for ``page.py``."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = "MATRIX_RECORDS"
"""Environment variable: the folder that records are added to. Without it nothing is recorded."""


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
        if FOLDER in os.environ:
            folder = Path(os.environ[FOLDER])
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / f"{line['spark']}-{python}-{mode}.jsonl").open("a") as file:
                file.write(json.dumps(line) + "\n")
