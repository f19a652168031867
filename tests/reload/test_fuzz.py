"""A hundred random edits in the default run; ``python tests/reload/fuzz.py SEED STEPS SEEDS`` for thousands."""

from pathlib import Path

import pytest
from fuzz import run


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_random_edits_give_what_a_fresh_process_gives(seed: int, tmp_path: Path) -> None:
    run(seed, 25, tmp_path)
