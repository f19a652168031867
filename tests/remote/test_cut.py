"""The network between the server and the gateway is cut: no cell runs unasked, and all goes on when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jupyter_process import JupyterProcess, make_environment, wait_for
from remote_notebook import Gateway, RemoteNotebook, arguments
from wire import Wire


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "here"
    (home / "ledger").mkdir(parents=True)
    return home


@pytest.fixture
def gateway(tmp_path: Path, home: Path) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path / "far", home)
    yield gateway
    gateway.close()


@pytest.fixture
def wire(gateway: Gateway) -> Iterator[Wire]:
    wire = Wire(urlsplit(gateway.url).port or 0)
    yield wire
    wire.close()


@pytest.fixture
def server(home: Path, gateway: Gateway, wire: Wire) -> Iterator[JupyterProcess]:
    given = arguments(gateway, home / "ledger", url=wire.url)
    server = JupyterProcess(home, make_environment(home), given)
    yield server
    server.stop()


def test_after_a_network_forgot_its_connections_the_server_connects_again(
    server: JupyterProcess, home: Path, gateway: Gateway, wire: Wire
) -> None:
    file = home / "ledger" / "__init__.py"
    file.write_text("TAG = 'v1'\n")
    notebook = RemoteNotebook(server)
    direct = notebook.directly(gateway)
    assert direct.value("import ledger; ledger.TAG") == "v1"
    wire.cut()
    file.write_text("TAG = 'v2'\n")
    for _ in range(2):  # ten seconds
        outcome = direct.run("print('ran')")
        assert outcome.ename == "ServerSilent" and outcome.printed == ""
    wire.mend()
    file.write_text("TAG = 'v3'\n")

    def value() -> str | None:
        outcome = direct.run("ledger.TAG")
        assert outcome.ok or outcome.ename == "ServerSilent", outcome
        return outcome.value

    assert wait_for("an answer", value, 60) == "'v3'"
    wire.cut()  # for good
    assert direct.run("print('ran')").ename == "ServerSilent"
    direct.done("%autoegg off")
    assert direct.value("ledger.TAG") == "v3"
    wire.mend()
    direct.leave()
    notebook.close()
