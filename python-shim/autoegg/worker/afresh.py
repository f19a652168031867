"""A worker process that cannot go to the next task's state becomes a fresh one, before it has read anything of the task.

That is one with a library that cannot be imported twice (``again``), or that left something in other packages (``outside``).

Spark would count an exit as a failed task, and local mode forgives none. So the process looks at what lies in its socket
without taking it, and, where it must, replaces itself: same process id, same connection, a new interpreter.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import pickle
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time
from typing import Any

from . import again, switch, values

WORKER = "pyspark.worker"

# What pyspark's daemon does in a child after its fork (pyspark/daemon.py, manager), on a connection that is there.
PROGRAM = """
import contextlib, gc, json, os, socket, sys
if sys.path[0] == "":
    sys.path[0] = os.getcwd()
import pyspark.daemon, pyspark.util
known = sys.modules[pyspark.Broadcast.__module__]._broadcastRegistry
with os.fdopen(int(sys.argv.pop())) as file:
    for number, path in json.load(file):
        known[number] = pyspark.Broadcast(path=path)
sock = socket.socket(fileno=int(sys.argv.pop()))
sock.set_inheritable(False)
with getattr(pyspark.util, "enable_faulthandler", contextlib.nullcontext)():
    code = 0
    while not code:
        code = pyspark.daemon.worker(sock, True)
        if not os.environ.get("SPARK_REUSE_WORKER"):
            break
        gc.collect()
    with contextlib.suppress(Exception):
        while sock.recv(1024):
            pass
os._exit(0)
"""

_PAUSE = 0.002
_LOOKS = 3
"""So often the same bytes are looked at, with a pause between, before the task counts as one without a state."""


def watch(names: tuple[str, ...], folder: str) -> None:
    """From the next task on, look for the state that the job carries under one of ``names`` before the task is read.

    :param folder: where the new interpreter starts.
    """
    worker = sys.modules.get(WORKER)
    main = getattr(sys.modules.get("__main__"), "__spec__", None)
    forked = getattr(main, "name", None) == "pyspark.daemon" or "pyspark.daemon" in sys.modules
    if worker is None or not forked or sys.argv[1:2] not in ([], [WORKER]):
        return  # a planner, or a process that serves one task
    original = worker.main

    @functools.wraps(original)
    def main_or_afresh(infile: Any, outfile: Any) -> Any:
        # Before there is a task, so that none waits for it. pyspark's daemon has just collected the last one's garbage.
        held = switch.held_outside(_forget_accumulators)
        # Not before there is a task: while this one idles, another process may find out that a module refuses.
        arrival = select.poll()
        arrival.register(infile.fileno(), select.POLLIN)
        arrival.poll()
        if held or again.refuses():
            state = _coming(infile.fileno(), [name.encode() for name in names])
            if state is not None and not (switch.is_present if held else switch.is_at_hand)(state):
                _start_afresh(infile.fileno(), folder)
        return original(infile, outfile)

    worker.main = main_or_afresh  # type: ignore[attr-defined]
    for name in ("__main__", "pyspark.daemon"):  # the daemon of 3.5 has a name of its own for it
        daemon = sys.modules.get(name)
        if getattr(daemon, "worker_main", None) is original:
            daemon.worker_main = main_or_afresh  # type: ignore[union-attr]


def _forget_accumulators() -> None:
    # As pyspark does when the next task begins; those of one that has ended were sent.
    for name in ("pyspark.accumulators", "pyspark.core.accumulators"):
        getattr(sys.modules.get(name), "_accumulatorRegistry", {}).clear()


def _coming(descriptor: int, names: list[bytes]) -> dict[str, Any] | None:
    """The state that the next task's job carries. Waits for that task, and takes nothing of it."""
    with socket.socket(fileno=os.dup(descriptor)) as peer:
        before, looks, found = -1, 0, []
        while looks < _LOOKS:
            seen = peer.recv(1 << 20, socket.MSG_PEEK)
            found = [_state_in(seen, name) for name in names]
            if found[0] is not None or not seen:
                return found[0]
            before, looks = len(seen), looks + 1 if len(seen) == before else 0
            time.sleep(_PAUSE)
    return next((state for state in found if state is not None), None)


def _state_in(seen: bytes, name: bytes) -> dict[str, Any] | None:
    """Local properties are names and values with their lengths, or (since 4.2) one JSON object."""
    at = -1
    while (at := seen.find(name, at + 1)) >= 0:
        rest = seen[at + len(name) :]
        with contextlib.suppress(ValueError, struct.error, TypeError, LookupError):
            if rest[:1] == b'"':
                value = json.JSONDecoder().raw_decode(rest[1:].decode("utf-8", "ignore").lstrip(" :"))[0]
            else:
                (length,) = struct.unpack(">i", rest[:4])
                value = rest[4 : 4 + length].decode()
            state = json.loads(value)
            if isinstance(state["libraries"], list):
                return state  # type: ignore[no-any-return]
    return None


def _start_afresh(descriptor: int, folder: str) -> None:
    flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    with contextlib.suppress(OSError):
        os.chdir(folder)
    # If anything here fails, the process continues as it is, and what cannot be imported says so.
    with contextlib.suppress(OSError, AttributeError, pickle.PicklingError), contextlib.ExitStack() as opened:
        kept = _inherited(opened, os.dup(descriptor))
        listed = opened.enter_context(tempfile.TemporaryFile("w+"))
        json.dump(_broadcasts(opened), listed)
        listed.flush()
        listed.seek(0)
        os.set_inheritable(listed.fileno(), True)
        program = [sys.executable, *flags, "-c", PROGRAM, WORKER, str(kept), str(listed.fileno())]
        os.execv(sys.executable, program)


def _inherited(opened: contextlib.ExitStack, descriptor: int) -> int:
    opened.callback(os.close, descriptor)
    os.set_inheritable(descriptor, True)
    return descriptor


def _broadcasts(opened: contextlib.ExitStack) -> list[tuple[int, str]]:
    """Numbers and files of the broadcasts that Spark has sent to this process, and will not send again.

    One that came encrypted has no file. It stays in memory, where ``/proc`` makes a file of it.

    :raises AttributeError: where that does not exist (macOS).
    """
    known: dict[int, Any] = {}
    for name in ("pyspark.core.broadcast", "pyspark.broadcast"):
        known |= getattr(sys.modules.get(name), "_broadcastRegistry", {})
    listed = []
    for number, broadcast in known.items():
        attributes = broadcast.__dict__
        path = attributes.get("_path")
        if path is None:
            sealed = attributes.get("_sealed", attributes.get("_value"))
            pickled = sealed.pickled if type(sealed) is values.Sealed else pickle.dumps(sealed)
            memory = _inherited(opened, os.memfd_create(f"broadcast-{number}"))
            with os.fdopen(os.dup(memory), "wb") as file:
                file.write(pickled)
            path = f"/proc/self/fd/{memory}"
        listed.append((number, path))
    return listed
