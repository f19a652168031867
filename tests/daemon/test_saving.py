"""Every way in which editors, version control and generators change files; and systems that do not tell of changes."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autoegg.daemon.link import DaemonLink
from autoegg.protocol import LibrarySpec


def in_place(path: Path, text: str) -> None:  # VS Code, nano, JupyterLab
    path.write_text(text)


def in_pieces(path: Path, text: str) -> None:
    with path.open("r+") as file:
        file.truncate(0)
        file.flush()
        file.write(text)


def renamed(path: Path, text: str) -> None:  # Sublime Text, gedit, `sed -i`
    fresh = path.with_name(f".{path.name}.tmp123")
    fresh.write_text(text)
    fresh.replace(path)


def vim(path: Path, text: str) -> None:
    (path.parent / "4913").touch()
    (path.parent / "4913").unlink()
    path.with_name(f".{path.name}.swp").write_bytes(b"b0VIM")
    path.rename(path.with_name(f"{path.name}~"))
    path.write_text(text)
    path.with_name(f"{path.name}~").unlink()
    path.with_name(f".{path.name}.swp").unlink()


def emacs(path: Path, text: str) -> None:
    lock = path.with_name(f".#{path.name}")
    lock.symlink_to("user@host.123:456")
    path.with_name(f"#{path.name}#").write_text(text)
    shutil.copy(path, path.with_name(f"{path.name}~"))
    path.write_text(text)
    path.with_name(f"#{path.name}#").unlink()
    lock.unlink()


def pycharm(path: Path, text: str) -> None:
    fresh, old = (path.with_name(f"{path.name}___jb_{kind}___") for kind in ("tmp", "old"))
    fresh.write_text(text)
    path.rename(old)
    fresh.rename(path)
    old.unlink()


def exchanged(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text)


def with_old_time(path: Path, text: str) -> None:  # rsync, unpacking, `git stash` of some
    path.write_text(text)
    os.utime(path, (1_000_000_000, 1_000_000_000))


STYLES = [in_place, in_pieces, renamed, vim, emacs, pycharm, exchanged, with_old_time]


@pytest.mark.parametrize("save", STYLES, ids=lambda style: style.__name__)
def test_a_save_is_one_change_of_one_file(
    opened: Any, reading: Any, save: Callable[[Path, str], None]
) -> None:
    path = opened.root / "scrape.py"
    for turn in range(4):
        text = f"def tags():\n    return {turn + 10}\n"
        save(path, text)
        answer = opened.barrier()
        assert answer.failure is None
        assert (answer.changed, answer.removed) == (("tagscrape/scrape.py",), ())
        assert reading.files_of(opened.whole().delivery)["tagscrape/scrape.py"] == text.encode()
        assert opened.barrier().delivery is None


def test_stashes_and_rebases_of_a_thousand_files_are_seen_whole(opened: Any, reading: Any) -> None:
    root = opened.root

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=root.parent, check=True, capture_output=True)
        assert opened.barrier().failure is None
        assert reading.files_of(opened.whole().delivery) == reading.on_disk(root)

    def fill(value: int, step: int = 1) -> None:
        for number in range(0, 1_000, step):
            path = root / f"group{number % 20}" / f"m{number}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"VALUE = {value}\n")

    git("init", "-q", "-b", "main")
    fill(1)
    git("add", ".")
    git("commit", "-q", "-m", "one")
    fill(2)
    git("stash")
    git("stash", "pop")
    git("checkout", "-q", "-b", "side")
    git("commit", "-q", "-a", "-m", "two")
    git("checkout", "-q", "main")
    (root / "scrape.py").write_text("A = 1\n")
    git("commit", "-q", "-a", "-m", "three")
    git("rebase", "-q", "main", "side")


def test_a_formatter_that_rewrites_every_file_changes_only_what_it_changes(opened: Any) -> None:
    for number in range(50):
        (opened.root / f"m{number}.py").write_text(f"VALUE = {number}\n")
    opened.barrier()
    for path in opened.root.rglob("*.py"):
        renamed(path, path.read_text())
    assert opened.barrier().delivery is None
    for path in opened.root.glob("m?.py"):
        renamed(path, path.read_text() + "\n")
    assert opened.barrier().changed == tuple(f"tagscrape/m{number}.py" for number in range(10))


@pytest.fixture
def notices(link: DaemonLink) -> Iterator[Callable[[str], bool]]:
    """Waits until the daemon tells of a version by itself, without being asked; gives False when it does not."""
    told = threading.Event()
    versions: list[str] = []

    def noticed(status: dict[str, Any], _delivery: Any) -> None:
        versions.append(status["version"])
        told.set()

    link.subscribe(noticed)

    def another_than(version: str) -> bool:
        for _ in range(600):
            if any(found != version for found in versions):
                return True
            told.wait(0.1)
            told.clear()
        return False

    yield another_than


def test_where_nothing_is_trusted_to_tell_a_save_is_found_by_looking(
    monkeypatch: pytest.MonkeyPatch, store: Path, package: Path, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("AUTOEGG_POLL", "1")
    link: DaemonLink = request.getfixturevalue("link")
    key = link.open(LibrarySpec("tagscrape", "package", str(package)))
    version = link.barrier({key: None})[key].version
    another_than: Callable[[str], bool] = request.getfixturevalue("notices")
    (package / "scrape.py").write_text("A = 1\n")
    assert another_than(str(version))
    assert link.barrier({key: version})[key].changed == ("tagscrape/scrape.py",)


def test_with_too_few_inotify_watches_every_save_is_still_seen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, package: Path, request: pytest.FixtureRequest
) -> None:
    """The limit is that of a user namespace of the daemon's own, so that nobody else on the machine has less."""
    for number in range(40):
        (package / f"part{number}").mkdir()
        (package / f"part{number}" / "x.py").write_text("X = 0\n")
    node = shutil.which("node")
    wrapper = tmp_path / "bin" / "node"
    wrapper.parent.mkdir()
    limit = "echo 20 > /proc/sys/user/max_inotify_watches"
    wrapper.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && exec {node} --version\n'
        f'exec unshare --user --map-root-user sh -c \'{limit}; exec {node} "$@"\' node "$@"\n'
    )
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}")
    link: DaemonLink = request.getfixturevalue("link")
    key = link.open(LibrarySpec("tagscrape", "package", str(package)))
    version = link.barrier({key: None})[key].version
    another_than: Callable[[str], bool] = request.getfixturevalue("notices")
    for number in (0, 20, 39):
        (package / f"part{number}" / "x.py").write_text(f"X = {number + 1}\n")
        answer = link.barrier({key: version})[key]
        assert answer.changed == (f"tagscrape/part{number}/x.py",)
        version = answer.version
    (package / "part39" / "x.py").write_text("X = 'found by looking'\n")
    assert another_than(str(version))
