"""Fixtures: the same kernels and libraries as in tests/kernel; and the store that outlives them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "kernel"))
sys.path.insert(0, str(Path(__file__).parent))

from kernel_fixtures import daemon_is_built, environment, notebook, open_notebook, tagger

__all__ = ["daemon_is_built", "environment", "notebook", "open_notebook", "tagger"]


@pytest.fixture
def store(environment: dict[str, str | None]) -> Path:
    return Path(str(environment["XDG_CACHE_HOME"])) / "jupyterlab-autoegg" / "store"
