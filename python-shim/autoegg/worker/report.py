"""Each task reports to the driver which versions it ran, in the section of accumulators that PySpark writes at its end anyway.

One more entry there costs no message of its own: Spark hands that section to the driver's Python for every Python task,
an empty one too (``PythonAccumulatorV2.merge``). A driver that does not know the number leaves it alone. Only tasks that
succeeded are reported: Spark drops what failed ones accumulated.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

from . import switch

ACCUMULATOR = -7301
"""Spark counts its accumulators from 0, PySpark has special ones from -1 down; ``spark/classic/tasks.py`` listens to this one."""

_TAGS = "spark.job.tags"
_CONNECT = "SparkConnect_"
"""How the tags of a Connect session's jobs begin: its server would keep the reports and send them all to the client."""


class Entry:
    """What PySpark takes for an accumulator."""

    _value: Any = None


_entry = Entry()
_host = socket.gethostname()
_told: Any = None
_runs = ""


def put(context: Any, properties: dict[str, str]) -> None:
    """Let the running task report: pid, host, stage, task, and the versions that this process is on."""
    global _told, _runs
    accumulators = sys.modules.get("pyspark.accumulators")
    if context is None or accumulators is None or _CONNECT in (properties.get(_TAGS) or ""):
        return
    if _told != switch.current:
        _told = switch.current
        _runs = ",".join(f"{name}={version[:16]}" for name, version, _ in switch.libraries)
    _entry._value = (os.getpid(), _host, context._stageId, context._taskAttemptId, _runs)
    accumulators._accumulatorRegistry[ACCUMULATOR] = _entry
