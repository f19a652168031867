"""What the browser asks of the server, and who may."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jupyter_process import SCHEMA, SHIM, JupyterProcess, StartServer

ENDPOINTS = [
    ("GET", "autoegg/state"),
    ("POST", "autoegg/restart"),
    ("GET", "autoegg/bootstrap"),
    ("GET", "autoegg/contents?library=x"),
    ("GET", "autoegg/changes?library=x&from=x&to=x"),
    ("GET", "autoegg/diff?library=x&path=x&from=x&to=x"),
    ("GET", "autoegg/file?library=x&path=x"),
    ("POST", "autoegg/give"),
]


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_a_request_without_the_token_is_refused(server: JupyterProcess, method: str, path: str) -> None:
    assert server.request(method, path, headers={})[0] == 403
    assert server.request(method, path, headers={"Authorization": "token wrong"})[0] == 403


def test_no_endpoint_is_missing_from_the_list_above(server: JupyterProcess) -> None:
    handlers = (SHIM / "jupyterlab_autoegg" / "app.py").read_text()
    assert handlers.count('(r"/autoegg/') == len(ENDPOINTS)


def test_a_user_whom_the_authorizer_forbids_is_refused(start_server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "forbidding.py").write_text(
        "from jupyter_server.auth import Authorizer\n"
        "class Forbidding(Authorizer):\n"
        "    def is_authorized(self, handler, user, action, resource):\n"
        "        return resource != 'autoegg'\n"
    )
    server = start_server("--ServerApp.authorizer_class=forbidding.Forbidding", python_path=tmp_path)
    for method, path in ENDPOINTS:
        assert server.request(method, path)[0] == 403


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "autoegg/state"), ("GET", "autoegg/restart"), ("PUT", "autoegg/bootstrap")]
)
def test_another_method_is_not_allowed(server: JupyterProcess, method: str, path: str) -> None:
    assert server.request(method, path)[0] == 405


def test_the_state_names_the_protocol_and_a_daemon_that_runs(server: JupyterProcess) -> None:
    pid = server.running_daemon()
    assert server.state() == {
        "protocol": 1,
        "daemon": {"condition": "running", "message": None, "pid": pid},
        "libraries": [],
    }


def test_a_restart_is_answered_with_the_state_and_followed_by_another_daemon(server: JupyterProcess) -> None:
    before = server.running_daemon()
    status, state = server.request("POST", "autoegg/restart")
    assert status == 200
    assert state["daemon"]["pid"] != before
    server.running_daemon(not_pid=before)


def test_a_restart_reaches_the_browser_as_events(server: JupyterProcess) -> None:
    before = server.running_daemon()
    socket = server.subscribe()
    try:
        server.request("POST", "autoegg/restart")
        while True:
            event = json.loads(socket.recv())
            if event["schema_id"] == SCHEMA and event["daemon"]["pid"] not in (None, before):
                break
        assert event["daemon"]["condition"] == "running"
        assert event["protocol"] == 1
        assert event["libraries"] == []
    finally:
        socket.close()


def test_switched_off_it_says_so_and_touches_nothing(start_server: StartServer) -> None:
    server = start_server("--AutoeggExtension.enabled=False")
    daemon = server.state()["daemon"]
    assert daemon["condition"] == "unavailable"
    assert "AutoeggExtension.enabled = True" in daemon["message"]
    status, refusal = server.request("POST", "autoegg/restart")
    assert status == 409
    assert "is switched off on this server" in refusal["message"]
    assert server.request("GET", "autoegg/bootstrap") == (200, {"code": ""})
    assert server.private_directories() == []
