"""A minute of random edits, uses and kills on each kind of master; ``python tests/property/run.py`` goes on for hours."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from story import Story


@pytest.mark.parametrize(
    ("master", "seed", "steps", "seconds"), [("local", 7, 16, 45), ("cluster", 8, 8, 25)]
)
def test_whatever_runs_gives_what_a_fresh_process_gives(
    master: str, seed: int, steps: int, seconds: float, tmp_path: Path
) -> None:
    story = Story(seed, tmp_path, master, print)
    try:
        assert story.run(steps, seconds) >= 3
    finally:
        story.close()
