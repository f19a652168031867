"""Runs worker code as workers do: in a process of its own, with the standard library only."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SHIM = Path(__file__).parents[2] / "python-shim"

_HEAD = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
arguments = json.loads(sys.argv[2])
from autoegg.worker import bootstrap, places, switch, tidy, unpack
def say(value):
    print(json.dumps(value), flush=True)
"""


def start(code: str, options: Sequence[str] = (), **arguments: Any) -> subprocess.Popen[str]:
    """``code`` under ``python -I -S``; it finds ``arguments`` and answers with ``say(value)``."""
    command = [sys.executable, "-I", "-S", *options, "-c", _HEAD + code]
    command += [str(SHIM), json.dumps(arguments, default=str)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def answer(process: subprocess.Popen[str], told: str = "") -> Any:
    """What it said last; ``told`` goes to its stdin."""
    try:
        out, error = process.communicate(told, timeout=120)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert process.returncode == 0, error
    return json.loads(out.splitlines()[-1])


def run(code: str, **arguments: Any) -> Any:
    return answer(start(code, **arguments))
