"""A kernel that is started again remembers that a server has libraries for it; another kernel does not."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from autoegg.remote.expectation import Expectation
from autoegg.remote.messages import WILL_OFFER


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(WILL_OFFER, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / f"jupyterlab-autoegg-{os.geteuid()}"


def kernel(folder: Path, key: str) -> SimpleNamespace:
    file = folder / f"kernel-{key}.json"
    file.write_text(f'{{"key": "{key}"}}')
    return SimpleNamespace(parent=SimpleNamespace(abs_connection_file=str(file)))


def test_it_holds_for_the_next_life_of_the_same_kernel_alone(tmp_path: Path) -> None:
    one, other = kernel(tmp_path, "one"), kernel(tmp_path, "other")
    assert not Expectation(one).holds
    Expectation(one).keep()
    assert Expectation(one).holds and not Expectation(other).holds


def test_at_a_start_the_environment_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WILL_OFFER, "1")
    assert Expectation(None).holds
    Expectation(None).keep()


def test_marks_of_long_ago_are_removed(tmp_path: Path, place: Path) -> None:
    Expectation(kernel(tmp_path, "one")).keep()
    (old,) = place.iterdir()
    long_ago = time.time() - 366 * 24 * 3600
    os.utime(old, (long_ago, long_ago))
    Expectation(kernel(tmp_path, "other")).keep()
    assert not old.exists() and len(list(place.iterdir())) == 1


def test_in_a_folder_that_is_not_our_own_no_mark_is_left(tmp_path: Path, place: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    place.symlink_to(elsewhere)
    Expectation(kernel(tmp_path, "one")).keep()
    assert list(elsewhere.iterdir()) == []
