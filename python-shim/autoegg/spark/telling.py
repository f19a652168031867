"""Prints one-line warnings to the cell's stderr."""

from __future__ import annotations

import sys


def tell(sentence: str) -> None:
    """Print ``sentence``, as the kernel prints what a reload has to say."""
    print(f"autoegg: {sentence}", file=sys.stderr)
