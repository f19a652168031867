"""A notebook's process as seen from a benchmark: cells go in, times come out."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .places import SHIM

CELL_SECONDS = 180.0
_PROGRAM = Path(__file__).with_name("notebook_process.py")
_FOREIGN = ("SPARK", "PYSPARK", "AUTOEGG", "PYTHON")


@dataclass(frozen=True)
class Ran:
    """One cell. ``before``: seconds until its first statement ran; ``whole``: until it had ended.

    ``cpu``: seconds of CPU from the end of the cell before until its first statement.
    """

    before: float
    whole: float
    cpu: float
    answer: Any

    @property
    def body(self) -> float:
        return self.whole - self.before


class Notebook:
    """A real IPython shell in a process of its own, on this interpreter."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        """``folder``: working directory, caches and log; one per notebook."""
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "log.txt"
        env = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        env |= {
            "PYTHONPATH": str(SHIM),
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "XDG_CACHE_HOME": str(folder / "cache"),
            "IPYTHONDIR": str(folder / "ipython"),
            **(environment or {}),
        }
        with self._log.open("wb") as log:
            # A group of its own, so that `close` also ends the JVM and the workers that it has started.
            self._process = subprocess.Popen(
                [sys.executable, str(_PROGRAM)],
                cwd=folder,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )

    def run(self, source: str) -> Ran:
        """Runs a cell, which must succeed; ``answer`` is what it leaves in the name ``answer``."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # `_line` says what became of the process
            self._process.stdin.write(json.dumps({"cell": source}).encode() + b"\n")
            self._process.stdin.flush()
        reply = json.loads(self._line(source))
        if reply["error"] is not None:
            raise RuntimeError(f"the cell {source!r} failed: {reply['error']}\n{self._tail()}")
        return Ran(reply["before"], reply["whole"], reply["cpu"], reply["answer"])

    def close(self) -> None:
        """Ends the process, first by asking, so that Spark and the daemon can take their leave."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=30)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process.stdout.close()

    def _line(self, source: str) -> bytes:
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(CELL_SECONDS):
                raise TimeoutError(
                    f"the cell {source!r} did not end within {CELL_SECONDS:.0f} s\n{self._tail()}"
                )
        line: bytes = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the notebook's process ended in {source!r}\n{self._tail()}")
        return line

    def _tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-30:])


@contextmanager
def notebook(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Notebook]:
    opened = Notebook(folder, environment)
    try:
        yield opened
    finally:
        opened.close()
