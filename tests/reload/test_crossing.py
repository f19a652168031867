"""A slice of the crossing of kinds of statements and edits in the default run; ``python tests/reload/cross.py`` for all of it."""

import os
import re

import pytest
from cross import crossings, one_seed

SEEDS = int(os.environ.get("RELOAD_CROSSING_SEEDS", "4"))
FAILURES = re.compile(r"wrong|refused|error")


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_modules_have_what_a_fresh_import_makes(seed: int) -> None:
    steps = 25
    counts = one_seed(seed, crossings()[(seed - 1) * steps : seed * steps])
    failures = {verdict: count for verdict, count in counts.items() if FAILURES.search(verdict)}
    assert not failures and counts["right"] > steps
