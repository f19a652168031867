"""Real daemons on real libraries; each test has a store, a library and daemons of its own."""

from __future__ import annotations

import importlib.util
import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autoegg.daemon.launch import ChildDaemon, program
from autoegg.daemon.link import DaemonLink
from autoegg.protocol import BarrierAnswer, LibrarySpec

# There are no bind mounts on macOS, and every look there is at everything.
collect_ignore = [] if sys.platform == "linux" else ["test_mounts.py"]

PATIENCE = 60.0


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until something holds, for at most PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s in vain until {what}"
        time.sleep(0.02)


class Opened:
    """A library that a link has open, with the version that its user has."""

    def __init__(self, link: DaemonLink, spec: LibrarySpec) -> None:
        self.link, self.spec = link, spec
        self.root = Path(spec.path)
        self.key = link.open(spec)
        self.version: str | None = None
        self.barrier()

    def barrier(self) -> BarrierAnswer:
        answer = self.link.barrier({self.key: self.version})[self.key]
        if answer.failure is None:
            self.version = answer.version
        return answer

    def whole(self) -> BarrierAnswer:
        """The answer for somebody who has nothing yet."""
        answer = self.link.barrier({self.key: None})[self.key]
        assert answer.failure is None, answer.failure
        return answer


@pytest.fixture(autouse=True, scope="session")
def built() -> None:
    if not program().is_file():
        pytest.fail("The daemon is not built: run `npm run build:daemon` first.", pytrace=False)


@pytest.fixture(autouse=True)
def own_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOEGG_DAEMON", raising=False)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def link(store: Path) -> Iterator[DaemonLink]:
    link = DaemonLink(store=store)
    try:
        yield link
    finally:
        link.close()


@pytest.fixture
def daemon(store: Path) -> Iterator[ChildDaemon]:
    daemon = ChildDaemon(store=store)
    try:
        yield daemon
    finally:
        daemon.close()


class Raw:
    """A connection that may say anything."""

    def __init__(self, rendezvous: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(json.loads(rendezvous.read_text())["socket"])
        self.lines = self.socket.makefile("r", encoding="utf-8")

    def ask(self, line: str) -> dict[str, Any]:
        self.socket.sendall(line.encode() + b"\n")
        answer: dict[str, Any] = json.loads(self.lines.readline())
        return answer

    def close(self) -> None:
        self.lines.close()
        self.socket.close()


@pytest.fixture
def raw(daemon: ChildDaemon) -> Iterator[Raw]:
    raw = Raw(daemon.rendezvous)
    try:
        yield raw
    finally:
        raw.close()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A small package with a data file, in a project folder of its own."""
    root = tmp_path / "project" / "tagscrape"
    (root / "parts").mkdir(parents=True)
    (root / "__init__.py").write_text("from .scrape import tags\n")
    (root / "scrape.py").write_text("def tags():\n    return 1\n")
    (root / "parts" / "__init__.py").write_text("")
    (root / "words.txt").write_text("alpha\n")
    return root


@pytest.fixture
def spec(package: Path) -> LibrarySpec:
    return LibrarySpec("tagscrape", "package", str(package))


@pytest.fixture
def opened(link: DaemonLink, spec: LibrarySpec) -> Opened:
    return Opened(link, spec)


@pytest.fixture(scope="session")
def reading() -> ModuleType:
    """The functions of reading.py; tests are no package and cannot import it."""
    spec = importlib.util.spec_from_file_location("daemon_reading", Path(__file__).with_name("reading.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def waiting() -> Callable[[Callable[[], object], str], None]:
    return wait_for
