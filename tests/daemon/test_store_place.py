"""Where a store that somebody has named lies: in a folder that is private to this user, and no other folder's mode is changed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from autoegg.daemon.link import DaemonLink
from autoegg.errors import DaemonUnavailable
from autoegg.protocol import LibrarySpec


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def egg(store: Path, spec: LibrarySpec) -> Path:
    """Where a daemon with this store puts an egg."""
    link = DaemonLink(store=store)
    try:
        key = link.open(spec)
        delivery = link.barrier({key: None})[key].delivery
        assert delivery is not None
        return Path(delivery.base.path)
    finally:
        link.close()


def test_a_folder_that_others_may_read_keeps_its_mode_and_gets_one_of_this_user_alone(
    tmp_path: Path, spec: LibrarySpec
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    scratch.chmod(0o775)
    made = egg(scratch, spec).parent.parent
    assert mode(scratch) == 0o775
    assert made.parent == scratch and mode(made) == 0o700
    assert egg(scratch, spec).parent.parent == made


def test_a_folder_of_this_user_alone_is_the_store(tmp_path: Path, spec: LibrarySpec) -> None:
    for store in (tmp_path / "there", tmp_path / "new"):
        if store.name == "there":
            store.mkdir(mode=0o700)
        assert egg(store, spec).parent.parent == store
        assert mode(store) == 0o700


def test_a_place_that_somebody_else_has_made_is_refused(tmp_path: Path, spec: LibrarySpec) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    made = egg(scratch, spec).parent.parent
    made.chmod(0o777)
    with pytest.raises(DaemonUnavailable, match="not private to this user"):
        egg(scratch, spec)
    made.rename(scratch / "away")
    made.symlink_to(scratch / "away")
    with pytest.raises(DaemonUnavailable, match="not private to this user"):
        egg(scratch, spec)
