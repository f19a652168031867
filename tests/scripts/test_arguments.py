"""The scripts do nothing when a part of their command line names what there is not."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The scripts in a folder where they cannot install, run or remove anything of the real checkout."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    for name in ("tests", "benchmarks"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("src", "dist", ".venvs"):
        (tmp_path / name).mkdir()
    return tmp_path


def run(checkout: Path, script: str, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        ["node", f"scripts/{script}.mjs", *arguments],
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["jest", "pytest sprak"], 'There is no suite "pytest sprak"; there is: '),
        (["pytest sprak"], 'There is no suite "pytest sprak"'),
        (["a", "types", "b"], 'There is no suite "a" and no "b"'),
        (["types", "--quik"], 'There is no option "--quik"; there is: --quick'),
        (["--quick", "--sprak"], 'There is no option "--sprak"'),
        (["--quick", "types", "pytest spark"], 'There is no suite of --quick "pytest spark"'),
        (["--quick", "--spark"], "--quick and --spark are different sets of suites"),
    ],
)
def test_a_run_of_tests_with_an_unknown_name_or_option_fails_and_runs_nothing(
    checkout: Path, arguments: list[str], said: str
) -> None:
    status, output = run(checkout, "test", *arguments)
    assert status == 1
    assert said in output
    # Neither the set-up nor a suite has begun: each would show its title.
    assert "- " not in output
    assert "\n0 passed, 1 failed\n" in output


def test_known_names_are_taken(checkout: Path) -> None:
    status, output = run(checkout, "test", "--quick", "types", "jest")
    # There is nothing here that could be set up.
    assert status == 1 and "There is no" not in output


def test_an_unknown_option_removes_nothing(checkout: Path) -> None:
    status, output = run(checkout, "clean", "--al")
    assert status == 1 and 'There is no option "--al"' in output
    assert (checkout / "dist").is_dir()
    assert run(checkout, "clean")[0] == 0
    assert not (checkout / "dist").exists() and (checkout / ".venvs").is_dir()
    assert run(checkout, "clean", "--all")[0] == 0
    assert not (checkout / ".venvs").exists()


def test_an_unknown_benchmark_among_known_ones_runs_none(checkout: Path) -> None:
    status, output = run(checkout, "bench", "reload", "nonsense")
    assert status == 1 and "No benchmark is named like nonsense." in output
    assert "- " not in output
