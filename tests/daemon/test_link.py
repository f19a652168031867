"""The daemon's life, and a kernel's link to it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from autoegg.daemon.client import Client
from autoegg.daemon.launch import ChildDaemon, command
from autoegg.daemon.link import DaemonLink
from autoegg.daemon.node import find_node
from autoegg.errors import DaemonUnavailable
from autoegg.protocol import Delivery, LibrarySpec


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 0)
            return Path("/proc").is_dir()
        return True
    return state == "Z"


@pytest.fixture
def spec(package: Path) -> LibrarySpec:
    return LibrarySpec("tagscrape", "package", str(package))


def test_a_killed_daemon_is_replaced_and_what_was_open_is_open_again(
    link: DaemonLink, spec: LibrarySpec
) -> None:
    key = link.open(spec)
    version = link.barrier({key: None})[key].version
    child = link._child
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)
    Path(spec.path, "scrape.py").write_text("A = 5\n")
    answer = link.barrier({key: version})[key]
    assert answer.changed == ("tagscrape/scrape.py",)


def test_the_daemon_that_the_environment_names_is_used_and_found_again_after_a_restart(
    spec: LibrarySpec, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendezvous = tmp_path / "daemon.json"
    monkeypatch.setenv("AUTOEGG_DAEMON", str(rendezvous))

    def start() -> subprocess.Popen[bytes]:
        line = command(rendezvous, store)
        return subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    first, link = start(), DaemonLink()
    second = None
    try:
        key = link.open(spec)
        version = link.barrier({key: None})[key].version
        first.kill()
        first.wait()
        second = start()
        answer = link.barrier({key: version})[key]
        assert answer.failure is None and answer.delivery is None
        assert link.status()[0]["library"] == key
    finally:
        link.close()
        for process in (first, second):
            if process is not None:
                process.kill()
                process.communicate()


def test_without_a_daemon_where_the_environment_says_the_error_names_the_place(
    spec: LibrarySpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOEGG_DAEMON", str(tmp_path / "none.json"))
    monkeypatch.setattr("autoegg.daemon.link.RESTART_SECONDS", 0.1)
    link = DaemonLink()
    try:
        with pytest.raises(DaemonUnavailable, match=r"none\.json"):
            link.open(spec)
    finally:
        link.close()


def test_a_library_that_is_away_when_the_daemon_restarts_is_missing_until_it_is_back(
    link: DaemonLink, spec: LibrarySpec
) -> None:
    key = link.open(spec)
    version = link.barrier({key: None})[key].version
    away = Path(spec.path).rename(Path(spec.path).with_name("away"))
    assert link._child is not None
    os.kill(link._child.pid, signal.SIGKILL)
    failure = link.barrier({key: version})[key].failure
    assert failure is not None and failure.code == "missing"
    away.rename(spec.path)
    answer = link.barrier({key: version})[key]
    assert answer.failure is None and answer.delivery is None


def test_a_save_is_announced_with_its_eggs_before_anybody_asks(
    link: DaemonLink, spec: LibrarySpec, waiting: Any
) -> None:
    heard: list[tuple[dict[str, Any], Delivery | None]] = []
    link.subscribe(lambda status, delivery: heard.append((status, delivery)))
    key = link.open(spec)
    version = link.barrier({key: None})[key].version
    turn = 0

    def announced() -> bool:
        # The listener may connect only after the first save.
        nonlocal turn
        turn += 1
        Path(spec.path, "scrape.py").write_text(f"A = {turn}\n")
        return any(delivery is not None and delivery.version != version for _, delivery in heard)

    waiting(announced, "a save is announced")
    status, delivery = heard[-1]
    assert (status["library"], status["condition"]) == (key, "current")
    assert delivery is not None and delivery.patch is not None and Path(delivery.patch.path).is_file()


def test_an_interrupted_call_leaves_the_link_usable(
    link: DaemonLink, spec: LibrarySpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = link.open(spec)
    version = link.barrier({key: None})[key].version
    receive = Client.receive

    def interrupted(self: Client) -> dict[str, Any]:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "receive", interrupted)
    with pytest.raises(KeyboardInterrupt):
        link.barrier({key: version})
    monkeypatch.setattr(Client, "receive", receive)
    Path(spec.path, "scrape.py").write_text("A = 6\n")
    assert link.barrier({key: version})[key].changed == ("tagscrape/scrape.py",)


def test_threads_may_share_a_link(link: DaemonLink, spec: LibrarySpec) -> None:
    key = link.open(spec)
    version = link.barrier({key: None})[key].version
    wrong: list[object] = []

    def ask() -> None:
        for _ in range(50):
            answer = link.barrier({key: version})[key]
            if answer.version != version:
                wrong.append(answer)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_child_daemon_ends_with_a_parent_that_is_killed(store: Path, waiting: Any) -> None:
    code = (
        "import sys, pathlib; from autoegg.daemon.launch import ChildDaemon\n"
        "daemon = ChildDaemon(pathlib.Path(sys.argv[1])); print(daemon.pid, daemon.rendezvous, flush=True)\n"
        "sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert parent.stdout is not None
        pid, rendezvous = parent.stdout.readline().split()
        place = Path(json.loads(Path(rendezvous).read_text())["socket"])
        assert place.exists()
    finally:
        parent.kill()
        parent.communicate()
    waiting(lambda: is_gone(int(pid)), "the daemon has ended")
    assert not Path(rendezvous).exists() and not place.parent.exists()


def test_an_interrupt_does_not_end_a_child_daemon(daemon: ChildDaemon) -> None:
    os.kill(daemon.pid, signal.SIGINT)
    Client(daemon.rendezvous, "program").close()
    assert daemon.alive()


def test_sigterm_ends_it_and_takes_its_files_away(store: Path, tmp_path: Path) -> None:
    rendezvous = tmp_path / "daemon.json"
    process = subprocess.Popen(
        command(rendezvous, store, tmp_path / "log"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert (ready["event"], ready["pid"], ready["protocol"]) == ("ready", process.pid, 1)
        assert rendezvous.stat().st_mode & 0o777 == 0o600
        assert Path(ready["socket"]).parent.stat().st_mode & 0o777 == 0o700
        process.terminate()
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.communicate()
    assert not rendezvous.exists() and not Path(ready["socket"]).parent.exists()
    log = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [entry["event"] for entry in log] == ["ready", "end"]


def test_a_library_is_released_some_time_after_its_last_connection(
    store: Path, spec: LibrarySpec, tmp_path: Path
) -> None:
    rendezvous = tmp_path / "daemon.json"
    process = subprocess.Popen(
        [*command(rendezvous, store), "--grace", "50"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        one, two = Client(rendezvous, "kernel"), Client(rendezvous, "kernel")
        key = one.call("open", spec.to_json())["library"]
        assert two.call("open", spec.to_json())["library"] == key
        one.close()
        assert [item["library"] for item in two.call("status")["libraries"]] == [key]
        two.close()
        closed = next(line for line in process.stdout if '"closed"' in line)
        assert json.loads(closed) == {"event": "closed", "library": key}
    finally:
        process.kill()
        process.communicate()


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


def test_requests_that_make_no_sense_are_refused_and_the_daemon_lives_on(daemon: ChildDaemon) -> None:
    raw = Raw(daemon.rendezvous)
    hello = '{"id":1,"method":"hello","params":{"protocol":1,"role":"kernel","pid":1}}'
    try:
        assert "hello" in raw.ask('{"id":9,"method":"status","params":{}}')["failure"]["message"]
        assert raw.ask(hello)["result"]["protocol"] == 1
        for line in (
            "no json",
            "[]",
            "null",
            '{"id":2,"method":"toString"}',
            '{"id":3,"method":"open","params":{}}',
        ):
            assert raw.ask(line)["failure"]["code"] == "protocol"
        assert (
            raw.ask('{"id":4,"method":"barrier","params":{"libraries":[null]}}')["failure"]["code"]
            == "protocol"
        )
        assert raw.ask("x" * 3_000_000)["failure"]["code"] == "protocol"
        assert raw.ask('{"id":5,"method":"status","params":{}}') == {"id": 5, "result": {"libraries": []}}
    finally:
        raw.lines.close()
        raw.socket.close()


def test_another_protocol_is_refused_with_both_numbers(daemon: ChildDaemon) -> None:
    raw = Raw(daemon.rendezvous)
    try:
        failure = raw.ask('{"id":1,"method":"hello","params":{"protocol":99}}')["failure"]
        assert failure["code"] == "protocol" and "99" in failure["message"] and "1" in failure["message"]
    finally:
        raw.lines.close()
        raw.socket.close()


def test_a_rendezvous_that_others_may_write_is_not_used(daemon: ChildDaemon) -> None:
    daemon.rendezvous.chmod(0o666)
    with pytest.raises(DaemonUnavailable, match="others than you"):
        Client(daemon.rendezvous, "kernel")


def test_node_that_is_too_old_is_named_with_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho v12.22.9\n")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("autoegg.daemon.node._from_wheel", lambda: None)
    with pytest.raises(DaemonUnavailable, match=r"12\.22\.9.*jupyterlab-autoegg\[node\]"):
        find_node()
