"""The demo's own code, as the tests of this folder import it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "demo"


@pytest.fixture
def tagscrape(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The demo library, freshly imported and forgotten afterwards."""
    monkeypatch.syspath_prepend(str(DEMO / "src"))
    yield importlib.import_module("tagscrape")
    for name in [name for name in sys.modules if name.split(".")[0] == "tagscrape"]:
        del sys.modules[name]


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The judging part of ``npm run demo -- --check``."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts" / "demo_check"))
    return importlib.import_module("story")
