"""Folders of killed processes go with the next process of the same user; nobody else's do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autoegg.daemon.folder import claim, private_folder, remove, restore, sweep

SHIM = Path(__file__).parents[2] / "python-shim"

OWNER = """
import sys
sys.path.insert(0, sys.argv[1])
from autoegg.daemon.folder import private_folder, remove
folder = private_folder()
(folder / "eggs").mkdir()
(folder / "eggs" / "an.egg").touch()
print(folder, flush=True)
sys.stdin.read()
remove(folder)
"""


def owner(place: Path) -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(SHIM)],
        env={**os.environ, "TMPDIR": str(place)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_what_a_killed_process_left_goes_with_the_next_and_a_living_one_keeps_its_own(tmp_path: Path) -> None:
    killed, left = owner(tmp_path)
    living, kept = owner(tmp_path)
    try:
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        assert (left / "eggs" / "an.egg").exists()
        third, another = owner(tmp_path)
        assert not left.exists()
        assert (kept / "eggs" / "an.egg").exists()
        third.communicate("")
        assert third.returncode == 0 and not another.exists()
    finally:
        living.communicate("")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "owner_file",
    [None, b"", b"{", b"[]", b'{"pid": 1, "locked": true}', b'{"machine": "elsewhere x", "locked": true}'],
)
def test_a_folder_whose_owner_is_not_known_stays(tmp_path: Path, owner_file: bytes | None) -> None:
    folder = tmp_path / "autoegg-unknown"
    folder.mkdir()
    if owner_file is not None:
        (folder / "owner.json").write_bytes(owner_file)
    sweep(tmp_path)
    assert folder.exists()


def test_only_folders_of_our_own_go_and_no_link_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    killed, left = owner(tmp_path)
    killed.kill()
    killed.communicate()
    (place / "autoegg-link").symlink_to(left)
    (place / "other").mkdir()
    (place / "other" / "owner.json").write_bytes((left / "owner.json").read_bytes())
    inside = place / "autoegg-owner-is-a-link"
    inside.mkdir()
    (inside / "owner.json").symlink_to(left / "owner.json")
    sweep(place)
    assert {path.name for path in place.iterdir()} == {"autoegg-link", "other", "autoegg-owner-is-a-link"}
    assert left.exists()
    uid = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: uid + 1)
    sweep(tmp_path)
    assert left.exists()
    monkeypatch.undo()
    sweep(tmp_path)
    assert not left.exists()


def test_a_fork_removes_nothing_of_its_parents(tmp_path: Path) -> None:
    folder = tmp_path / "autoegg-mine"
    folder.mkdir()
    claim(folder)
    child = os.fork()
    if child == 0:
        remove(folder)
        os._exit(0)
    os.waitpid(child, 0)
    assert json.loads((folder / "owner.json").read_text())["pid"] == os.getpid()
    remove(folder)
    assert not folder.exists()


def test_a_private_folder_is_this_users_alone() -> None:
    folder = private_folder()
    try:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (folder / "owner.json").stat().st_mode & 0o777 == 0o600
    finally:
        remove(folder)


def test_a_folder_that_came_back_with_the_path_to_a_file_is_this_users_alone_again() -> None:
    mine = private_folder()
    try:
        shutil.rmtree(mine)
        (mine / "below").mkdir(parents=True)
        mine.chmod(0o755)
        assert restore(mine)
        assert mine.stat().st_mode & 0o777 == 0o700
        mine.chmod(0o777)
        with pytest.raises(PermissionError, match="no longer private to this user"):
            restore(mine)
    finally:
        mine.chmod(0o700)
        remove(mine)
