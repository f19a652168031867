"""``python gateway.py FOLDER HIDDEN``: a kernel gateway whose kernels see the folder HIDDEN empty, as on another machine.

Prints its address once it answers, and ends with its standard input. ``tests/remote`` does the same for its tests.
"""

from __future__ import annotations

import sys
from pathlib import Path

_TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(_TESTS / folder) for folder in ("remote", "server", "cluster", "kernel")]

from remote_notebook import Gateway  # noqa: E402

folder, hidden = map(Path, sys.argv[1:])
gateway = Gateway(folder, hidden)
try:
    print(gateway.url, flush=True)
    sys.stdin.read()
finally:
    gateway.close()
