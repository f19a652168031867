"""Runs ``differing.py``: few at a time, each for a short time, ended when the browser no longer waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("differing.py")

AT_A_TIME = 2
PATIENCE = 10.0
"""Seconds that one comparison may take; the largest that are begun take less than one."""


class TooSlow(Exception):
    """Two texts could not be compared in time."""


class Comparing:
    """The comparisons of one server."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_A_TIME)

    async def difference(self, old: str, new: str) -> tuple[list[str], bool]:
        """Lines of a unified diff without its head, and whether they are only its beginning. Raises TooSlow.

        Whoever cancels this ends the process.
        """
        async with self._free:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", str(PROGRAM)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            try:
                said, _ = await asyncio.wait_for(
                    process.communicate(json.dumps([old, new]).encode()), PATIENCE
                )
            except asyncio.TimeoutError:
                raise TooSlow from None
            finally:
                if process.returncode is None:
                    with contextlib.suppress(ProcessLookupError):
                        process.kill()
                    await process.wait()
        lines, cut = json.loads(said)
        return lines, cut
