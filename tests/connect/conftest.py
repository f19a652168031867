"""A Spark Connect server for the tests, and a client's view of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "spark"))
sys.path.insert(0, str(Path(__file__).parent))

from connect_server import ConnectServer


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConnectServer]:
    """One server for all tests; it ends with them."""
    running = ConnectServer(tmp_path_factory.mktemp("connect-server"))
    try:
        yield running
    finally:
        running.close()
