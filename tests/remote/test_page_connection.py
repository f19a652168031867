"""What a page leaves at the gateway when it goes: nothing that would take the place of the connection that it makes next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_process import JupyterProcess, make_environment, wait_for
from remote_notebook import Gateway, RemoteNotebook, arguments


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path / "far")
    yield gateway
    gateway.close()


@pytest.fixture
def server(tmp_path: Path, gateway: Gateway) -> Iterator[JupyterProcess]:
    home = tmp_path / "here"
    home.mkdir()
    server = JupyterProcess(home, make_environment(home), arguments(gateway))
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
