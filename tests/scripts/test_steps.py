"""A step of the set-up says what it is doing: one line that moves in a terminal, one line for each step elsewhere."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_STEP = """
import { step, exitWith } from './scripts/setup/run.mjs';
const wait = "console.log('fetching parts'); setTimeout(() => {}, 1500)";
await exitWith(() => step('packages (install)', 'packages', [[process.execPath, '-e', wait]]));
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    (tmp_path / "step.mjs").write_text(_STEP)
    return tmp_path / "step.mjs"


def test_in_a_terminal_one_line_moves(script: Path) -> None:
    terminal, end = pty.openpty()
    process = subprocess.Popen(["node", script], cwd=script.parent, stdout=end, stderr=end)
    os.close(end)
    shown = b""
    try:
        while part := os.read(terminal, 4096):
            shown += part
    except OSError:
        pass  # the other end was closed
    assert process.wait(60) == 0
    os.close(terminal)
    lines = shown.decode().split("\r\x1b[2K")
    assert any(
        line.startswith("packages (install) ") and line.endswith("s: fetching parts") for line in lines
    )
    assert lines[-1].strip().startswith("packages (install): ")


def test_elsewhere_each_step_has_its_lines(script: Path) -> None:
    done = subprocess.run(
        ["node", script], cwd=script.parent, capture_output=True, text=True, timeout=60, check=True
    )
    begun, ended = done.stdout.splitlines()
    assert begun == "- packages (install) …"
    assert ended.startswith("  packages (install): ") and ended.endswith(" s")
