"""What a test starts on a leash ends with the test's process, also where that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from standalone import Leashed, processes

_START = """
import sys
from pathlib import Path
from standalone import Leashed
leashed = Leashed(Path(sys.argv[1]), "nap", ["sleep", "1000"])
print(leashed.pid, flush=True)
sys.stdin.read()
"""


def ended(pid: int) -> bool:
    deadline = time.monotonic() + 30
    while any(found == pid and "<defunct>" not in args for found, _, args in processes()):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_it_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    holder = subprocess.Popen(
        [sys.executable, "-c", _START, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None and holder.stdin is not None
    pid = int(holder.stdout.readline())
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    try:
        assert ended(pid)
    finally:
        holder.stdin.close()
        holder.stdout.close()


def test_it_ends_when_it_is_killed(tmp_path: Path) -> None:
    leashed = Leashed(tmp_path, "nap", ["sleep", "1000"])
    leashed.kill()
    assert ended(leashed.pid)
