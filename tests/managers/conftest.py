"""Where these tests find what they share with others."""

from __future__ import annotations

import sys
from pathlib import Path

_TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(_TESTS / folder) for folder in ("kernel", "cluster")] + [str(Path(__file__).parent)]
