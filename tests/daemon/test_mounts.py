"""What is mounted in a library is part of it: ``docker -v ./settings.py:/app/lib/settings.py``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CASES = {
    "a_file": [["lib/settings.py"]] * 4,
    "a_file_that_was_mounted_before": [["lib/settings.py"]],
    "a_folder": [["lib/parts/__init__.py"]] * 3,
    "another_file_system": [["lib/parts/__init__.py"], ["lib/parts/new.py"]],
    "a_module": [["helpers.py"]] * 2,
    "the_whole_library": [["lib/settings.py"]],
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What ``mounting.py`` prints in a mount namespace, which ends with it and with everything that it has mounted."""
    namespace = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    done = subprocess.run(
        [*namespace, sys.executable, Path(__file__).with_name("mounting.py")],
        cwd=tmp_path_factory.mktemp("mounts"),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", CASES)
def test_the_barrier_says_what_the_disk_shows(said: Any, case: str) -> None:
    assert [step["named"] for step in said[case]] == CASES[case]
    assert all(step["as on disk"] for step in said[case])
