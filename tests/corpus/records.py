"""What each row gave, one JSON object a line, for ``page.py``."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = "CORPUS_RECORDS"
"""Environment variable: the folder that records are added to. Without it nothing is recorded."""


@contextlib.contextmanager
def record(release: str) -> Iterator[dict[str, Any]]:
    """Gives what is to be filled in; ``right`` is set when the test has come to its end."""
    said: dict[str, Any] = {"release": release, "right": False}
    started = time.monotonic()
    try:
        yield said
        said["right"] = True
    except BaseException as error:
        said["why"] = str(error)[-1000:]
        raise
    finally:
        said["seconds"] = round(time.monotonic() - started, 1)
        if FOLDER in os.environ:
            folder = Path(os.environ[FOLDER])
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / "rows.jsonl").open("a") as file:
                file.write(json.dumps(said) + "\n")
