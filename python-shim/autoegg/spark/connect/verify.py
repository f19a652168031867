"""Proof by asking, on Spark Connect: the client knows no executors, so rounds of tasks until no new process answers."""

from __future__ import annotations

import contextlib
import json
import threading
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from ..guard import MODULE
from . import clients

_TASKS = 8
_MOST_TASKS = 64
_PAUSE = 0.05
"""Seconds that a probe task stays, so that the tasks of one round spread over the free cores."""

Answer = tuple[str, int, dict[str, str]]
"""Host, pid, library to version."""


def answers(
    client: Any, timeout: float, pickling: Callable[[], AbstractContextManager[None]]
) -> list[Answer]:
    """What each worker process that answered within ``timeout`` seconds runs.

    :param pickling: a context in which functions are pickled with the state to ask for.
    """
    session = clients.session_of(client)
    found: dict[tuple[str, int], dict[str, str]] = {}
    end = threading.Event()
    tag = f"autoegg-verify-{uuid.uuid4().hex}"

    def rounds() -> None:
        tasks, before = _TASKS, -1
        # Interrupted, or the server has gone: what has answered counts.
        with contextlib.suppress(Exception), pickling():
            session.addTag(tag)
            while not end.is_set() and before < len(found):
                before = len(found)
                for row in _asked(session, tasks).collect():
                    host, pid, runs = json.loads(row[0])
                    found[host, pid] = runs
                tasks = min(2 * tasks, _MOST_TASKS)

    thread = threading.Thread(target=rounds, name="autoegg-verify", daemon=True)
    thread.start()
    thread.join(timeout)
    end.set()
    if thread.is_alive():
        with contextlib.suppress(Exception):
            session.interruptTag(tag)
        thread.join(2.0)
    return [(host, pid, runs) for (host, pid), runs in sorted(found.items())]


def _asked(session: Any, tasks: int) -> Any:
    from pyspark.sql.connect.functions import udf
    from pyspark.sql.types import StringType

    probe: Any = udf(_probe(_PAUSE), StringType())
    probe = probe.asNondeterministic()
    return session.range(0, tasks, 1, tasks).select(probe("id"))


def _probe(pause: float) -> Callable[[Any], str]:
    # A function made here, so that it is pickled by value: workers may have no ``autoegg``.
    name = MODULE

    def probe(row: Any) -> str:
        import json
        import os
        import socket
        import sys
        import time

        worker = sys.modules.get(name)
        runs = {library: version for library, version, _ in worker.bootstrap.report()} if worker else {}
        time.sleep(pause)
        return json.dumps([socket.gethostname(), os.getpid(), runs])

    return probe
