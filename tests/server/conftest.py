from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# pytest's import mode `importlib` puts no test folder on the path.
sys.path.insert(0, str(Path(__file__).parent))

from jupyter_process import JupyterProcess, StartServer, make_environment


def _starter(homes: Path) -> Iterator[StartServer]:
    servers: list[JupyterProcess] = []

    def start(
        *arguments: str,
        home: Path | None = None,
        python_path: Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> JupyterProcess:
        if home is None:
            home = homes / f"home{len(servers)}"
        home.mkdir(exist_ok=True)
        complete = {**make_environment(home, python_path), **(environment or {})}
        server = JupyterProcess(home, complete, list(arguments))
        servers.append(server)
        return server

    try:
        yield start
    finally:
        for server in servers:
            try:
                server.stop()
            except subprocess.TimeoutExpired:
                server.kill()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Starts servers that end with the test."""
    yield from _starter(tmp_path)


@pytest.fixture(scope="module")
def start_module_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    """Starts servers that end with the module."""
    yield from _starter(tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="module")
def server(start_module_server: StartServer) -> JupyterProcess:
    """One server for the tests of a module that leave it as it was."""
    return start_module_server()
