"""Fixtures: the same kernels and libraries as in tests/kernel, in an environment with nbdime."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "kernel"))

from kernel_fixtures import daemon_is_built, environment, tagger

__all__ = ["daemon_is_built", "environment", "tagger"]
