"""Functions that run where a session's files are not: they bring their libraries along.

A ``foreachBatch`` callback, and on 3.5 a query listener, is unpickled in a process next to the server that Spark gives no
files (``foreach_batch_worker.py`` and ``listener_worker.py`` in connect/streaming/worker never call
``setup_spark_files``). So the eggs and the worker's modules go in front of the pickle, and are put into a folder of that
process's own before its state is entered. So it is with the operators of a stream on Spark 4, whose workers have a folder
that belongs to no session.
"""

from __future__ import annotations

import functools
import marshal
import pkgutil
from pathlib import Path

from ...errors import ShipFailed
from ...protocol import State
from ...worker import opcodes
from ..guard import prologue

MOST = 100 << 20
"""Bytes of eggs that one command may carry; the server takes messages of up to 128 MiB (``maxInboundMessageSize``)."""

_folders: dict[Path, None] = {}


def lie_in(folder: Path) -> None:
    """The eggs that are given to Spark lie in ``folder``."""
    _folders[folder] = None


def carrying(state: State) -> bytes:
    """What precedes a pickle that the server unpickles.

    :raises ShipFailed: if the eggs are missing, or too large for a message.
    """
    eggs = {name: _content(name) for library in state.libraries for name in library.eggs}
    size = sum(map(len, eggs.values()))
    if size > MOST:
        raise ShipFailed(
            f"A function of a Spark Connect stream has to carry its libraries, and their eggs "
            f"({size >> 20} MiB) exceed the {MOST >> 20} MiB that one command can carry: exclude data files with "
            "[tool.autoegg] exclude, or remove libraries that it does not need with `%autoegg remove NAME`."
        )
    # What the function submits from there has the same state as the function.
    names = {"G": keeping(state), **eggs}
    return opcodes.run(_program(), names) + prologue(state, inline=True, keeps=True)


def keeping(state: State) -> bytes:
    """What precedes a pickle that runs on behalf of a stream, which keeps the state that it started with."""
    return prologue(state, keeps=True)


def _content(name: str) -> bytes:
    for folder in _folders:
        path = folder / name
        if path.is_file():
            return path.read_bytes()
    raise ShipFailed(
        f"The egg {name} is missing from the folder that Spark was given it from; run the cell again."
    )


@functools.cache
def _program() -> bytes:
    source = pkgutil.get_data("autoegg.worker", "beside.py")
    assert source is not None
    return marshal.dumps(compile(source, "<autoegg beside>", "exec", dont_inherit=True))
