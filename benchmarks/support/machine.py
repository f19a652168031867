"""What the figures depend on, and no more: nothing that names a person's machine."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path


def machine() -> str:
    """One line: cores, processor, memory, system, and the versions of what was measured."""
    parts = [
        f"{os.cpu_count()} cores ({_processor()})",
        f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB",
        platform.system(),
        f"Python {platform.python_version()}",
        f"IPython {version('ipython')}",
        f"Spark {version('pyspark')}",
        f"Node {_node()}",
    ]
    return ", ".join(parts)


def load() -> float:
    """Processes that want to run, over the last minute: above the number of cores, times say little."""
    return os.getloadavg()[0]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(": ")[2] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def _node() -> str:
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True, timeout=30)
    return answer.stdout.strip().lstrip("v")
