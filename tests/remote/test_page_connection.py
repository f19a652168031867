"""A page's connection to a kernel behind the gateway: what the page sends arrives, after a restart and after the gateway was away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jupyter_process import JupyterProcess, make_environment, wait_for
from remote_notebook import Gateway, RemoteNotebook, arguments
from wire import Wire


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path / "far")
    yield gateway
    gateway.close()


@pytest.fixture
def wire(gateway: Gateway) -> Iterator[Wire]:
    wire = Wire(urlsplit(gateway.url).port or 0)
    yield wire
    wire.close()


@pytest.fixture
def server(tmp_path: Path, gateway: Gateway, wire: Wire) -> Iterator[JupyterProcess]:
    home = tmp_path / "here"
    home.mkdir()
    server = JupyterProcess(home, make_environment(home), arguments(gateway, url=wire.url))
    yield server
    server.stop()


def test_a_connection_that_the_page_gives_up_while_it_is_made_is_not_left_behind(
    server: JupyterProcess, gateway: Gateway
) -> None:
    # The kernel is only starting, so that the gateway has not answered when the page connects once more, as JupyterLab does.
    notebook = RemoteNotebook(server, offered=False)
    notebook.connect_again()
    notebook.done("1")
    wait_for("one connection", lambda: gateway.connections(notebook.kernel_id) == 1, 20)
    for _ in range(4):
        status, _answer = server.request("POST", f"api/kernels/{notebook.kernel_id}/restart", {})
        assert status == 200
        notebook.connect_again()
        assert notebook.value("1 + 1") == "2"
    notebook.close()


def test_a_cell_that_is_sent_while_the_gateway_is_away_runs_when_it_is_back(
    server: JupyterProcess, wire: Wire
) -> None:
    notebook = RemoteNotebook(server, offered=False)
    notebook.done("1")
    wire.tear()
    wait_for("the server to notice", lambda: "cannot be reached" in server.log(), 60)
    cell = notebook.begin("print('ran')")
    wire.mend()
    assert notebook.finish(cell).printed == "ran\n"
    notebook.close()
