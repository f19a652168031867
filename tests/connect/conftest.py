"""A Spark Connect server for the tests, and a client's view of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "spark"))
sys.path.insert(0, str(Path(__file__).parent))

from connect_notebook import Notebook
from connect_server import ConnectServer

from autoegg.spark import live_targets


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConnectServer]:
    """One server for all tests; it ends with them."""
    running = ConnectServer(tmp_path_factory.mktemp("connect-server"))
    try:
        yield running
    finally:
        running.close()


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    monkeypatch.setenv("SPARK_CONNECT_MODE_ENABLED", "1")
    kernel = Notebook(tmp_path)
    kernel.install()
    try:
        yield kernel
    finally:
        kernel.clear()
        for target in live_targets():
            target.handle.close()


@pytest.fixture
def spark(server: ConnectServer, notebook: Notebook) -> Iterator[Any]:
    """A Connect session of the test's own."""
    session = server.session()
    try:
        yield session
    finally:
        session.stop()
