"""A few hundred random edits in the default run; ``python tests/reload/fuzz.py SEED STEPS SEEDS`` for thousands."""

import os
from pathlib import Path

import pytest
from fuzz import run

SEEDS = int(os.environ.get("RELOAD_FUZZ_SEEDS", "8"))


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_random_edits_give_what_a_fresh_process_gives(seed: int, tmp_path: Path) -> None:
    run(seed, 25, tmp_path)
