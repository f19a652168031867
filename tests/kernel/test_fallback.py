"""Without a daemon, the kernel itself finds out whether a library's folder still is the version that workers have."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from autoegg.kernel.fallback import DiskCheck
from autoegg.protocol import Delivery, Egg, LibrarySpec
from autoegg.versions.version import Version

FILES = {"tagger/__init__.py": b"", "tagger/words/de.txt": b"eins"}


@pytest.fixture
def version(tmp_path: Path) -> Version:
    """What is on disk, with a file that does not belong to it."""
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "tagger" / "ignored.log").write_text("by a rule that only the daemon knows")
    time.sleep(0.1)
    digests = {
        name: {"digest": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in FILES.items()
    }
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"version": "a" * 64, "files": digests}))
    egg = Egg(str(tmp_path / "an.egg"), "an.egg", "b" * 64, 1)
    spec = LibrarySpec("tagger", "package", str(tmp_path / "tagger"))
    return Version(spec, Delivery("a" * 64, egg, None, str(manifest)))


def test_a_folder_that_nobody_has_touched_is_the_version(version: Version) -> None:
    place = Path(version.spec.path)
    for name in ("__pycache__/words.pyc", ".hidden", ".git/index"):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text("no part of it")
    assert DiskCheck().moved_from(version) == []


def test_what_is_changed_removed_or_new_is_named(version: Version) -> None:
    check, words = DiskCheck(), Path(version.spec.path) / "words"
    (words / "de.txt").write_text("zwei")
    assert check.moved_from(version) == [str(words / "de.txt")]
    (words / "de.txt").unlink()
    assert check.moved_from(version) == [str(words / "de.txt")]
    (words / "de.txt").write_text("eins")
    assert check.moved_from(version) == []
    (words / "fr.txt").write_text("un")
    os.utime(words / "fr.txt", (0, 0))
    assert check.moved_from(version) == [str(words / "fr.txt")]


def test_a_version_whose_files_are_not_known_any_more_is_not_believed(version: Version) -> None:
    Path(version.delivery.manifest).unlink()
    assert DiskCheck().moved_from(version) == [version.spec.path]
