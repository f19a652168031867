"""The Python of the driver and that of the workers: PySpark fails each task where their minor versions differ.

If workers start on this machine, their Python can be checked before the first job; elsewhere the first failure shows it.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from typing import Any

_HERE = re.compile(r"local($|\[)|local-cluster\[")
_TOLD = re.compile(
    r"PYTHON_VERSION_MISMATCH.*?different version:? \(?(\d+)(?:\.|, )(\d+)\)? than that in driver:? (\d+\.\d+)"
)
_PATIENCE = 20.0
"""Seconds for an interpreter to start."""


def differing(context: Any) -> str | None:
    """One sentence with both versions and the remedy, if the workers of ``context`` run another Python; else None."""
    executable = context.pythonExec
    if not _HERE.match(context.master):
        return None
    path = shutil.which(executable)
    if path is None:
        return (
            f"this session starts its workers with {executable}, which is not on this machine, so no Python function can "
            f"run on them: {_cure()}"
        )
    if os.path.realpath(path) == os.path.realpath(sys.executable):
        return None
    found = _version_of(path)
    return None if found in (None, context.pythonVer) else _sentence(f"{found} ({path})", context.pythonVer)


def told_in(text: str) -> str | None:
    """The same sentence, for the text of a task's failure."""
    found = _TOLD.search(text)
    return None if found is None else _sentence(f"{found[1]}.{found[2]}", found[3])


def _sentence(workers: str, driver: str) -> str:
    return f"the workers run Python {workers} and the driver {driver}, so no Python function can run on them: {_cure()}"


def _cure() -> str:
    return (
        f'set os.environ["PYSPARK_PYTHON"] = "{sys.executable}" (on a cluster, a Python {sys.version_info[0]}.'
        f"{sys.version_info[1]} that every node has), stop the session and build it again"
    )


@functools.cache
def _version_of(path: str) -> str | None:
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run(
            [path, "-c", program],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
