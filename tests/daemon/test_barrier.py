"""The barrier's answer is what is on disk at the time of asking."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autoegg.daemon.link import DaemonLink
from autoegg.protocol import LibrarySpec


def check(opened: Any, reading: Any) -> Any:
    """Ask, and compare the whole version with the disk; returns the answer to what the user had."""
    answer = opened.barrier()
    assert answer.failure is None, answer.failure
    files = reading.files_of(opened.whole().delivery)
    assert files == reading.on_disk(opened.root)
    assert reading.version_of(files) == opened.version
    return answer


def test_a_first_barrier_delivers_the_files_on_disk(opened: Any, reading: Any) -> None:
    check(opened, reading)


def test_nothing_changed_is_unchanged(opened: Any) -> None:
    for _ in range(5):
        answer = opened.barrier()
        assert answer.delivery is None and answer.failure is None


def test_a_save_just_before_the_barrier_is_in_its_answer(opened: Any, reading: Any) -> None:
    for turn in range(20):
        (opened.root / "scrape.py").write_text(f"def tags():\n    return {turn + 10}\n")
        answer = check(opened, reading)
        assert (answer.changed, answer.removed) == (("tagscrape/scrape.py",), ())
        assert answer.delivery.patch is not None


def test_files_added_and_removed_are_named(opened: Any, reading: Any) -> None:
    (opened.root / "new.py").write_text("A = 1\n")
    (opened.root / "words.txt").unlink()
    answer = check(opened, reading)
    assert (answer.changed, answer.removed) == (("tagscrape/new.py",), ("tagscrape/words.txt",))


def test_an_edit_that_keeps_size_and_mtime_is_seen(opened: Any, reading: Any) -> None:
    path = opened.root / "scrape.py"
    before = path.stat()
    path.write_text(path.read_text().replace("1", "2"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert check(opened, reading).changed == ("tagscrape/scrape.py",)


def test_an_older_file_moved_into_place_is_seen(opened: Any, reading: Any, tmp_path: Path) -> None:
    older = tmp_path / "older.py"
    older.write_text("def tags():\n    return 0\n")
    os.utime(older, (1_000_000_000, 1_000_000_000))
    older.replace(opened.root / "scrape.py")
    assert check(opened, reading).changed == ("tagscrape/scrape.py",)


def test_touch_caches_and_swap_files_change_nothing(opened: Any) -> None:
    os.utime(opened.root / "scrape.py")
    (opened.root / "__pycache__").mkdir()
    (opened.root / "__pycache__" / "scrape.cpython-311.pyc").write_bytes(b"x")
    (opened.root / ".scrape.py.swp").write_bytes(b"x")
    (opened.root / "scrape.py~").write_text("x")
    (opened.root / "4913").write_text("")
    answer = opened.barrier()
    assert answer.delivery is None and answer.failure is None


def test_an_undone_edit_is_the_old_version_again(opened: Any, reading: Any) -> None:
    first = opened.version
    text = (opened.root / "scrape.py").read_text()
    (opened.root / "scrape.py").write_text("def tags():\n    return 5\n")
    check(opened, reading)
    (opened.root / "scrape.py").write_text(text)
    check(opened, reading)
    assert opened.version == first
    assert opened.whole().delivery.patch is None


def test_a_renamed_folder_and_edits_in_its_successor_are_seen(opened: Any, reading: Any) -> None:
    (opened.root / "parts" / "a.py").write_text("A = 1\n")
    check(opened, reading)
    (opened.root / "parts").rename(opened.root / "pieces")
    answer = check(opened, reading)
    assert answer.removed == ("tagscrape/parts/__init__.py", "tagscrape/parts/a.py")
    (opened.root / "pieces" / "a.py").write_text("A = 2\n")
    assert check(opened, reading).changed == ("tagscrape/pieces/a.py",)
    (opened.root / "parts").mkdir()
    (opened.root / "parts" / "a.py").write_text("A = 3\n")
    check(opened, reading)
    (opened.root / "parts" / "a.py").write_text("A = 4\n")
    assert check(opened, reading).changed == ("tagscrape/parts/a.py",)


def test_a_file_that_becomes_a_folder_and_back_is_followed(opened: Any, reading: Any) -> None:
    (opened.root / "words.txt").unlink()
    (opened.root / "words.txt").mkdir()
    (opened.root / "words.txt" / "b.txt").write_text("b")
    check(opened, reading)
    shutil.rmtree(opened.root / "words.txt")
    (opened.root / "words.txt").write_text("again")
    check(opened, reading)


@pytest.mark.parametrize("make", [lambda path: path.symlink_to(path.name), os.mkfifo], ids=["link", "fifo"])
def test_a_file_that_becomes_a_link_to_nowhere_or_a_fifo_is_gone(
    opened: Any, reading: Any, make: Callable[[Path], None]
) -> None:
    # Two changes in one folder: the second is looked at although the first has the folder read again.
    (opened.root / "words.txt").unlink()
    (opened.root / "scrape.py").unlink()
    make(opened.root / "scrape.py")
    check(opened, reading)


def test_a_git_checkout_of_many_files_is_seen_whole(opened: Any, reading: Any) -> None:
    root = opened.root

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=root.parent, check=True, capture_output=True)

    def fill(value: int) -> None:
        for number in range(400):
            path = root / f"group{number % 20}" / f"m{number}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"VALUE = {value}\n")

    git("init", "-q", "-b", "one")
    fill(1)
    git("add", ".")
    git("commit", "-q", "-m", "one")
    git("checkout", "-q", "-b", "two")
    fill(2)
    shutil.rmtree(root / "group3")
    git("add", "-A")
    git("commit", "-q", "-m", "two")
    check(opened, reading)
    for branch in ("one", "two", "one"):
        git("checkout", "-q", branch)
        check(opened, reading)


def test_a_burst_larger_than_the_event_queue_hides_no_edit(opened: Any, reading: Any) -> None:
    inside = opened.root / "burst"
    inside.mkdir()
    paths = [str(inside / f"d{number}.py") for number in range(400)]
    for turn in range(60):
        for path in paths:
            with open(path, "w") as file:  # noqa: PTH123 - the burst has to be fast
                file.write(str(turn))
    (opened.root / "scrape.py").write_text("def tags():\n    return 99\n")
    check(opened, reading)


def test_edits_under_load_from_another_library_are_seen(
    link: DaemonLink, opened: Any, reading: Any, tmp_path: Path
) -> None:
    other = tmp_path / "noisy"
    other.mkdir()
    (other / "__init__.py").write_text("")
    link.open(LibrarySpec("noisy", "package", str(other)))
    stop = threading.Event()

    def noise() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            (other / "log.txt").write_text(str(turn))

    thread = threading.Thread(target=noise)
    thread.start()
    try:
        for turn in range(30):
            (opened.root / "scrape.py").write_text(f"def tags():\n    return {turn}\n")
            check(opened, reading)
    finally:
        stop.set()
        thread.join()


def test_a_library_that_goes_and_comes_back_recovers(opened: Any, reading: Any) -> None:
    away = opened.root.with_name("away")
    opened.root.rename(away)
    answer = opened.barrier()
    assert answer.failure is not None and answer.failure.code == "missing"
    assert str(opened.root) in answer.failure.message
    away.rename(opened.root)
    assert check(opened, reading).delivery is None
    (opened.root / "scrape.py").write_text("def tags():\n    return 7\n")
    assert check(opened, reading).changed == ("tagscrape/scrape.py",)


def test_a_folder_above_the_library_may_be_replaced(opened: Any, reading: Any) -> None:
    project = opened.root.parent
    shutil.copytree(project, project.with_name("other"))
    (project.with_name("other") / "tagscrape" / "scrape.py").write_text("def tags():\n    return 3\n")
    project.rename(project.with_name("old"))
    project.with_name("other").rename(project)
    assert check(opened, reading).changed == ("tagscrape/scrape.py",)


def test_a_file_that_never_stops_changing_is_refused_by_name(opened: Any) -> None:
    path = opened.root / "changing.txt"
    # A regular file with other bytes at each reading.
    path.symlink_to("/proc/sys/kernel/random/uuid")
    failure = opened.barrier().failure
    assert failure is not None and failure.code == "unsettled"
    assert failure.file == str(path)
    assert failure.message == f"{path} kept changing for 2 s: run the cell again when it is written."


def test_no_half_written_file_is_taken_for_a_version(opened: Any, reading: Any) -> None:
    path = opened.root / "scrape.py"
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with path.open("w") as file:
                for number in range(5):
                    file.write(f"LINE_{number} = {number}\n")
                    file.flush()
                    time.sleep(0.001)
            time.sleep(0.05)

    whole = "".join(f"LINE_{number} = {number}\n" for number in range(5)).encode()
    path.write_bytes(whole)
    opened.barrier()
    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(40):
            answer = opened.barrier()
            if answer.failure is None:
                assert reading.files_of(opened.whole().delivery)["tagscrape/scrape.py"] == whole
    finally:
        stop.set()
        thread.join()


def test_while_git_holds_its_lock_a_change_is_refused_and_no_change_is_not(
    link: DaemonLink, package: Path
) -> None:
    subprocess.run(["git", "init", "-q"], cwd=package.parent, check=True)
    spec = LibrarySpec("tagscrape", "package", str(package))
    key = link.open(spec)
    version = link.barrier({key: None})[key].version
    lock = package.parent / ".git" / "index.lock"
    lock.write_text("")
    answer = link.barrier({key: version})[key]
    assert answer.failure is None and answer.delivery is None
    (package / "scrape.py").write_text("def tags():\n    return 2\n")
    failure = link.barrier({key: version})[key].failure
    assert failure is not None and failure.code == "unsettled"
    assert failure.message == (
        f"git has held {lock} for 2 s: run the cell again when git is done, or delete that file if no git is running."
    )
    lock.unlink()
    assert link.barrier({key: version})[key].changed == ("tagscrape/scrape.py",)


def test_a_library_that_git_is_taking_away_is_not_taken_for_unchanged(
    link: DaemonLink, package: Path
) -> None:
    subprocess.run(["git", "init", "-q"], cwd=package.parent, check=True)
    key = link.open(LibrarySpec("tagscrape", "package", str(package)))
    version = link.barrier({key: None})[key].version
    lock = package.parent / ".git" / "index.lock"
    lock.write_text("")
    package.rename(package.with_name("away"))
    failure = link.barrier({key: version})[key].failure
    assert failure is not None and failure.code == "unsettled" and str(lock) in failure.message
    package.with_name("away").rename(package)
    answer = link.barrier({key: version})[key]
    assert answer.failure is None and answer.delivery is None


def test_an_unreadable_file_is_named_and_reading_it_again_recovers(opened: Any, reading: Any) -> None:
    path = opened.root / "broken.dat"
    if os.geteuid() == 0:
        # Permissions do not stop root: a regular file whose first page cannot be read by anybody.
        path.symlink_to("/proc/self/mem")
    else:
        path.write_text("secret")
        path.chmod(0)
    failure = opened.barrier().failure
    assert failure is not None and failure.code == "unreadable"
    assert failure.file == str(path) and str(path) in failure.message
    path.unlink()
    check(opened, reading)


def test_the_manifest_lists_what_the_eggs_hold(opened: Any, reading: Any) -> None:
    (opened.root / "scrape.py").write_text("def tags():\n    return 8\n")
    delivery = opened.barrier().delivery
    manifest = reading.load(delivery.manifest)
    assert (manifest["name"], manifest["kind"], manifest["version"]) == (
        "tagscrape",
        "package",
        opened.version,
    )
    expected = {
        name: {"digest": reading.sha256(data), "size": len(data)}
        for name, data in reading.files_of(delivery).items()
    }
    assert manifest["files"] == expected


def test_a_version_that_the_daemon_never_knew_has_no_difference(opened: Any) -> None:
    answer = opened.link.barrier({opened.key: "0" * 64})[opened.key]
    assert answer.delivery is not None
    assert (answer.changed, answer.removed) == (None, None)
