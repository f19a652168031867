"""A short soak: what `npm run test:soak` does for half an hour, for 100 steps of a seed that is printed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

STEPS = 100


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("seed", [7])
def test_edits_and_faults_lead_to_no_wrong_version_needless_refusal_or_hang(seed: int) -> None:
    program = str(Path(__file__).with_name("soak.py"))
    done = subprocess.run(
        [sys.executable, program, "--seed", str(seed), "--steps", str(STEPS), "--master", "local[2]"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert f"{STEPS} steps" in done.stdout
