"""A kernel behind the gateway dies, is restarted or interrupted while a cell waits: the cell runs on what is on the disk, or is refused."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_process import JupyterProcess, make_environment
from remote_notebook import Gateway, RemoteNotebook, arguments

ASK = "import ledger; ledger.TAG"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("here")
    (home / "ledger").mkdir()
    return home


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path_factory.mktemp("there") / "far", home)
    yield gateway
    gateway.close()


@pytest.fixture(scope="module")
def server(home: Path, gateway: Gateway) -> Iterator[JupyterProcess]:
    server = JupyterProcess(home, make_environment(home), arguments(gateway, home / "ledger"))
    yield server
    server.stop()


@pytest.fixture
def notebook(server: JupyterProcess, home: Path) -> Iterator[RemoteNotebook]:
    edit(home, "v1")
    notebook = RemoteNotebook(server)
    assert notebook.value(ASK) == "v1"
    yield notebook
    notebook.close()


def edit(home: Path, tag: str) -> None:
    (home / "ledger" / "__init__.py").write_text(f"TAG = {tag!r}\n")


def test_a_kernel_that_has_died_has_the_libraries_again(notebook: RemoteNotebook, home: Path) -> None:
    for tag in ("v2", "v3", "v4"):
        edit(home, tag)
        notebook.send("shell", "execute_request", {"code": "import os; os._exit(1)", "silent": True})
        notebook.wait_until_restarting()
        notebook.connect_again()
        assert notebook.value(ASK) == tag


def test_a_kernel_that_is_restarted_twice_at_once_has_the_libraries_again(
    notebook: RemoteNotebook, home: Path
) -> None:
    for tag in ("v2", "v3"):
        edit(home, tag)
        for _ in range(2):
            notebook.begin(ASK)
            status, _answer = notebook.server.request("POST", f"api/kernels/{notebook.kernel_id}/restart", {})
            assert status == 200
        notebook.connect_again()
        assert notebook.value(ASK) == tag


def test_an_interrupt_ends_the_wait_for_the_server(
    notebook: RemoteNotebook, home: Path, gateway: Gateway
) -> None:
    direct = notebook.directly(gateway)
    os.kill(notebook.server.process.pid, signal.SIGSTOP)
    try:
        cell = direct.begin("print('ran')")
        direct.said_to_servers("ask")
        gateway.interrupt(notebook.kernel_id)
        outcome = direct.finish(cell)
        assert outcome.ename == "Interrupted" and outcome.printed == ""
        gateway.restart(notebook.kernel_id)
        cell = direct.begin("print('ran')")
        for _ in range(2):  # when it starts, and when the cell waits
            direct.said_to_servers("here")
        gateway.interrupt(notebook.kernel_id)
        outcome = direct.finish(cell)
        assert outcome.ename == "Interrupted" and outcome.printed == ""
    finally:
        os.kill(notebook.server.process.pid, signal.SIGCONT)
    edit(home, "v2")
    assert direct.value(ASK) == "v2"
    direct.leave()


def test_a_server_that_does_not_know_of_the_kernels_new_life_is_told_by_the_cell_that_waits(
    notebook: RemoteNotebook, home: Path
) -> None:
    edit(home, "v2")
    # As where the network has lost the word that a new life says when it starts.
    notebook.done("import autoegg; received = autoegg.kernel.loaded.current().sync.received")
    notebook.done("received._has_heard.clear(); received._expectation.holds = True")
    assert notebook.value("ledger.TAG") == "v2"
