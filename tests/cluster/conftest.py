"""The fixtures of the Spark tests, and clusters whose nodes can be lost."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
