"""Broadcast values under ``spark.io.encryption.enabled``.

A worker that gets its broadcasts decrypted unpickles them before the task's function, so before it is on any state
(pyspark's worker.py, broadcast.py). What is sent is therefore sealed: the worker keeps the bytes, and unpickles them when
the task asks for the value.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import Any

from ..guard import sealed


class _Kept(io.BytesIO):
    """PySpark closes what it has written to."""

    content = b""

    def close(self) -> None:
        self.content = self.getvalue()
        super().close()


def sealing(dump: Callable[[Any, Any, Any], None], guarded: Callable[[Any], bool]) -> Callable[..., None]:
    """``Broadcast.dump`` that seals what an encrypted ``context`` broadcasts, where ``guarded(context)`` says so."""

    @functools.wraps(dump)
    def dump_sealed(self: Any, value: Any, f: Any) -> None:
        context = self._sc
        # A large command is broadcast as bytes, which need no library.
        if type(value) is bytes or context is None or not context._encryption_enabled or not guarded(context):
            return dump(self, value, f)
        kept = _Kept()
        dump(self, value, kept)
        f.write(sealed(kept.content))
        f.close()

    return dump_sealed
