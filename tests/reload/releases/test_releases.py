"""Releases of real distributions, one after the other, under one driver: after each it has what a fresh process has.

`npm test` takes a few steps of some distributions, `npm run test:reload` all of them; ``run.py`` says more of each step.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from steps import distributions, replay

WHOLE = bool(os.environ.get("RELOAD_RELEASES"))
SLICE = {"click": 4, "flask": 3, "httpx": 3, "marshmallow": 4, "attrs": 3, "structlog": 3}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", distributions() if WHOLE else SLICE)
def test_a_driver_follows_from_release_to_release(name: str, tmp_path: Path) -> None:
    distribution = distributions()[name]
    skip, steps = (0, None) if WHOLE else (len(distribution.versions) - SLICE[name] - 1, SLICE[name])
    found = list(replay(distribution, tmp_path, steps, skip))
    counts = Counter(step.verdict for step in found)
    failures = [str(step) for step in found if step.verdict not in ("right", "told", "broken")]
    assert not failures, "\n".join(failures)
    assert counts["told"] <= 1 + 0.02 * len(found), "\n".join(str(s) for s in found if s.verdict == "told")
    assert counts["right"] >= counts["broken"], "nothing was tried"
