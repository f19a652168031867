"""Fixtures: real kernels, and libraries to edit beside them. No test here starts Spark: those are in tests/session."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from kernel_fixtures import daemon_is_built, environment, notebook, open_notebook, tagger

__all__ = ["daemon_is_built", "environment", "notebook", "open_notebook", "tagger"]
