"""The corpus uses the notebooks of the kernel tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "kernel"))

from kernel_notebook import SHIM


@pytest.fixture(scope="session", autouse=True)
def _daemon_is_built() -> None:
    if not (SHIM / "jupyterlab_autoegg" / "daemon.cjs").is_file():
        pytest.exit("the daemon is not built: run `npm run build:daemon` first", returncode=1)
