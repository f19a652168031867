"""Eggs that Python can import, and the store that keeps them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autoegg.daemon.link import DaemonLink
from autoegg.errors import DaemonUnavailable
from autoegg.protocol import LibrarySpec


def run(egg: str, code: str) -> str:
    environment = {**os.environ, "PYTHONPATH": egg}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_python_imports_the_base_egg(opened: Any) -> None:
    egg = opened.whole().delivery.base.path
    assert (
        run(egg, "import tagscrape; print(tagscrape.tags(), tagscrape.__file__)")
        == f"1 {egg}/tagscrape/__init__.py"
    )


def test_python_imports_a_namespace_package_from_its_egg(link: DaemonLink, tmp_path: Path) -> None:
    root = tmp_path / "project" / "acme"
    (root / "deep" / "er").mkdir(parents=True)
    (root / "deep" / "er" / "tool.py").write_text("VALUE = 4\n")
    key = link.open(LibrarySpec("acme", "namespace", str(root)))
    delivery = link.barrier({key: None})[key].delivery
    assert delivery is not None
    assert run(delivery.base.path, "from acme.deep.er import tool; print(tool.VALUE)") == "4"


def test_names_beyond_ascii_arrive_and_sort_as_python_sorts(opened: Any, reading: Any) -> None:
    for name in ("é.txt", "日本.txt", "\U0001f600.txt", "\uffee.txt"):
        (opened.root / name).write_text(name)
    assert opened.barrier().failure is None
    files = reading.files_of(opened.whole().delivery)
    assert files == reading.on_disk(opened.root)
    assert reading.version_of(files) == opened.version


def test_equal_trees_make_equal_eggs(reading: Any, package: Path, tmp_path: Path) -> None:
    digests = set()
    for number in range(2):
        link = DaemonLink(store=tmp_path / f"store{number}")
        try:
            (package / "scrape.py").write_text("A = 1\n")
            os.utime(package / "words.txt", (number + 1, number + 1))
            (package / "words.txt").chmod(0o755 if number else 0o600)
            key = link.open(LibrarySpec("tagscrape", "package", str(package)))
            (package / "scrape.py").write_text("A = 2\n")
            delivery = link.barrier({key: None})[key].delivery
            assert delivery is not None and delivery.patch is not None
            digests.add((delivery.base.digest, delivery.patch.digest))
        finally:
            link.close()
    assert len(digests) == 1


def test_folders_have_entries_and_times_are_fixed(opened: Any) -> None:
    with zipfile.ZipFile(opened.whole().delivery.base.path) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries][:4] == [
        "EGG-INFO/",
        "EGG-INFO/PKG-INFO",
        "EGG-INFO/autoegg.json",
        "EGG-INFO/top_level.txt",
    ]
    assert {"tagscrape/", "tagscrape/parts/"} <= {entry.filename for entry in entries}
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


def test_a_patch_holds_what_differs_from_the_base_and_names_what_went(opened: Any, reading: Any) -> None:
    (opened.root / "scrape.py").write_text("A = 2\n")
    opened.barrier()
    (opened.root / "words.txt").unlink()
    (opened.root / "new.py").write_text("A = 3\n")
    delivery = opened.barrier().delivery
    about, files = reading.contents(delivery.patch)
    assert set(files) == set(about["changed"]) == {"tagscrape/scrape.py", "tagscrape/new.py"}
    assert about["deleted"] == ["tagscrape/words.txt"]
    assert (about["library"], about["version"]) == ("tagscrape", opened.version)


def test_a_large_patch_becomes_a_new_base_of_the_same_version(
    opened: Any, reading: Any, waiting: Any
) -> None:
    before = opened.whole().delivery.base.name
    (opened.root / "table.bin").write_bytes(os.urandom(200_000))
    answer = opened.barrier()
    assert answer.delivery.patch is not None
    waiting(lambda: opened.whole().delivery.base.name != before, "a new base is there")
    delivery = opened.whole().delivery
    assert delivery.version == answer.version and delivery.patch is None
    assert reading.files_of(delivery) == reading.on_disk(opened.root)


def test_store_files_are_private_and_named_by_content(opened: Any, store: Path) -> None:
    delivery = opened.whole().delivery
    assert store.stat().st_mode & 0o777 == 0o700
    for path in (delivery.base.path, delivery.manifest):
        assert Path(path).stat().st_mode & 0o777 == 0o600
    assert delivery.base.name == f"autoegg-tagscrape-1-{delivery.base.digest[:16]}.egg"


def test_a_cleared_store_is_filled_again(opened: Any, reading: Any, store: Path) -> None:
    version = opened.version
    shutil.rmtree(store)
    delivery = opened.whole().delivery
    assert delivery.version == version
    assert reading.files_of(delivery) == reading.on_disk(opened.root)


def test_two_daemons_share_a_store(opened: Any, reading: Any, store: Path) -> None:
    first = opened.whole().delivery
    other = DaemonLink(store=store)
    try:
        key = other.open(opened.spec)
        assert other.barrier({key: None})[key].delivery == first
    finally:
        other.close()
    assert reading.files_of(opened.whole().delivery) == reading.on_disk(opened.root)


def test_a_damaged_egg_in_the_store_is_built_again(package: Path, reading: Any, store: Path) -> None:
    spec = LibrarySpec("tagscrape", "package", str(package))
    for turn in range(2):
        link = DaemonLink(store=store)
        try:
            key = link.open(spec)
            delivery = link.barrier({key: None})[key].delivery
            assert delivery is not None
            assert reading.files_of(delivery) == reading.on_disk(package)
        finally:
            link.close()
        if turn == 0:
            Path(delivery.base.path).write_bytes(b"no egg")


def test_old_versions_leave_the_store_but_none_in_use(
    opened: Any, reading: Any, store: Path, waiting: Any
) -> None:
    for turn in range(70):
        (opened.root / "scrape.py").write_text(f"A = {turn}\n")
        assert opened.barrier().failure is None
    for entry in (store / "versions").glob("[!.]*"):  # as if none had been run for years
        os.utime(entry, (0, 0))
    other = DaemonLink(store=store)
    try:
        waiting(lambda: len(list((store / "manifests").iterdir())) <= 60, "old versions are gone")
        assert reading.files_of(opened.whole().delivery) == reading.on_disk(opened.root)
    finally:
        other.close()


def test_a_store_that_cannot_be_written_is_named(package: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    link = DaemonLink(store=tmp_path / "file" / "store")
    try:
        with pytest.raises(DaemonUnavailable, match="cannot be written"):
            link.open(LibrarySpec("tagscrape", "package", str(package)))
    finally:
        link.close()


def test_a_base_egg_names_the_distribution_that_the_project_names(
    link: DaemonLink, reading: Any, package: Path
) -> None:
    (package.parent / "pyproject.toml").write_text('[project]\nname = "tag-tools"\nversion = "2.5"\n')
    key = link.open(LibrarySpec("tagscrape", "package", str(package)))
    delivery = link.barrier({key: None})[key].delivery
    assert delivery is not None
    with zipfile.ZipFile(delivery.base.path) as egg:
        assert b"Name: tag-tools\nVersion: 2.5\n" in egg.read("tag_tools-2.5.dist-info/METADATA")
    assert reading.version_of(reading.files_of(delivery)) == delivery.version
