"""The Python mirror reads the messages that the TypeScript side reads, the same way."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from autoegg import protocol

MESSAGES: dict[str, Any] = json.loads(Path(__file__).with_name("messages.json").read_text())


def test_both_sides_have_the_same_numbers() -> None:
    assert MESSAGES["protocol"] == protocol.PROTOCOL
    assert MESSAGES["eggFormat"] == protocol.EGG_FORMAT


@pytest.mark.parametrize("vector", MESSAGES["version"], ids=lambda vector: f"{len(vector['files'])} files")
def test_a_version_is_the_digest_of_the_sorted_lines(vector: dict[str, Any]) -> None:
    lines = "".join(f"{path}\0{digest}\n" for path, digest in sorted(vector["files"].items()))
    assert hashlib.sha256(lines.encode()).hexdigest() == vector["version"]


def test_barrier_answers_are_read() -> None:
    unchanged, changed, failed = map(protocol.BarrierAnswer.from_json, MESSAGES["barrierAnswers"])
    assert (unchanged.version, unchanged.delivery, unchanged.failure) == ("v1", None, None)
    assert (unchanged.record, changed.record) == (True, False)
    assert changed.delivery is not None
    assert [egg.name for egg in changed.delivery.eggs] == ["b.egg", "p.patch.egg"]
    assert (changed.changed, changed.removed) == (("tagscrape/scrape.py",), ())
    assert changed.warnings == ("/x/tagscrape/.env looks like a secret",)
    assert failed.failure == protocol.Failure("missing", "gone", "/x")


def test_entries_of_the_stores_index_are_read() -> None:
    kept, gone = map(protocol.KeptVersion.from_json, MESSAGES["keptVersions"])
    assert (kept.commit, kept.dirty, kept.gone, gone.commit, gone.gone) == ("c0", False, None, None, "age")
    assert (kept.file_name, gone.file_name) == ("shop_tags.package.v1.json", "shop.module.v2.json")
    delivery = kept.delivery("/store")
    assert [egg.path for egg in delivery.eggs] == ["/store/eggs/b.egg", "/store/eggs/p.patch.egg"]
    assert delivery.manifest == "/store/manifests/shop_tags.package.v1.json"
    assert gone.delivery("/store").patch is None
    with pytest.raises(ValueError, match="format 2"):
        protocol.KeptVersion.from_json({**MESSAGES["keptVersions"][0], "format": 2})
