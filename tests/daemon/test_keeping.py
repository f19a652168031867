"""How much and how long the store keeps, as a server says it to its daemon."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from autoegg.daemon.launch import command


def test_a_server_names_the_limits_that_differ_from_the_usual_ones(tmp_path: Path) -> None:
    usual = command(tmp_path / "daemon.json")
    assert command(tmp_path / "daemon.json", keep_megabytes=5.0, keep_days=0.5) == [
        *usual,
        *("--keep-megabytes", "5.0", "--keep-days", "0.5"),
    ]


@pytest.mark.parametrize("days", ["2", "ever"])
def test_a_daemon_starts_with_them_and_says_what_is_none(tmp_path: Path, days: str) -> None:
    line = [*command(tmp_path / "daemon.json", tmp_path / "store", tmp_path / "log"), "--keep-days", days]
    # It ends with its standard input.
    ended = subprocess.run(
        line, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True
    )
    sentence = 'AUTOEGG_KEEP_DAYS must be a number above zero, not \\"ever\\"; 90 is used.'
    assert (sentence in ended.stdout) == (days == "ever")
