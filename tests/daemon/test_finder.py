"""Whose daemon a link uses: that of the Jupyter server while there is one, else its own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autoegg.daemon.launch import command
from autoegg.daemon.link import DaemonLink
from autoegg.errors import DaemonUnavailable
from autoegg.protocol import LibrarySpec

Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def rendezvous(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the server's daemon of this test listens, if it is started."""
    path = tmp_path / "server" / "daemon.json"
    path.parent.mkdir()
    monkeypatch.setenv("AUTOEGG_DAEMON", str(path))
    return path


@pytest.fixture
def start(rendezvous: Path, store: Path) -> Iterator[Start]:
    """Starts the server's daemon."""
    processes: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command(rendezvous, store), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        processes.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def server_link(rendezvous: Path, link: DaemonLink) -> DaemonLink:
    """A link of a kernel that such a server started."""
    return link


def never_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(seconds: float) -> None:
        raise AssertionError("the link waits for a daemon that cannot come")

    monkeypatch.setattr("autoegg.daemon.finder.time", SimpleNamespace(monotonic=time.monotonic, sleep=sleep))


def wait_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autoegg.daemon.finder.RESTART_SECONDS", 0.2)


def pid_of(link: DaemonLink) -> int:
    assert link._client is not None
    pid: int = link._client.daemon["pid"]
    return pid


def test_the_daemon_that_the_environment_names_is_used_and_found_again_after_a_restart(
    start: Start, server_link: DaemonLink, spec: LibrarySpec
) -> None:
    first = start()
    key = server_link.open(spec)
    assert pid_of(server_link) == first.pid
    version = server_link.barrier({key: None})[key].version
    first.kill()
    first.wait()
    second = start()
    answer = server_link.barrier({key: version})[key]
    assert answer.failure is None and answer.delivery is None
    assert pid_of(server_link) == second.pid


def test_a_server_whose_directory_is_gone_is_not_waited_for(
    rendezvous: Path, server_link: DaemonLink, spec: LibrarySpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_wait(monkeypatch)
    rendezvous.parent.rmdir()
    key = server_link.open(spec)
    assert server_link.barrier({key: None})[key].failure is None


def test_a_daemon_that_the_server_does_not_start_is_replaced_by_one_of_the_links_own(
    server_link: DaemonLink, spec: LibrarySpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_briefly(monkeypatch)
    key = server_link.open(spec)
    assert server_link.barrier({key: None})[key].failure is None


def test_a_daemon_that_dies_and_is_not_restarted_is_replaced_and_nothing_is_missed(
    start: Start,
    server_link: DaemonLink,
    spec: LibrarySpec,
    monkeypatch: pytest.MonkeyPatch,
    waiting: Any,
) -> None:
    wait_briefly(monkeypatch)
    first = start()
    heard: list[str] = []
    server_link.subscribe(lambda status, delivery: heard.append(status["version"]))
    key = server_link.open(spec)
    version = server_link.barrier({key: None})[key].version
    first.kill()
    first.wait()
    path = Path(spec.path, "scrape.py")
    path.write_text("A = 5\n")
    answer = server_link.barrier({key: version})[key]
    assert answer.changed == ("tagscrape/scrape.py",)
    path.write_text("A = 6\n")
    known = (version, answer.version, None)
    waiting(lambda: any(told not in known for told in heard), "a save is announced by the new daemon")


def test_a_server_daemon_that_comes_late_is_used_from_the_next_connection_on_and_the_child_ends(
    start: Start, server_link: DaemonLink, spec: LibrarySpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_briefly(monkeypatch)
    key = server_link.open(spec)
    child = server_link._finder._child
    assert child is not None
    late = start()
    assert server_link._client is not None
    server_link._client.close()
    assert server_link.barrier({key: None})[key].failure is None
    assert pid_of(server_link) == late.pid
    assert not child.alive() and not child.rendezvous.exists()


def test_without_any_daemon_both_reasons_are_reported_and_the_next_call_does_not_wait(
    rendezvous: Path, server_link: DaemonLink, spec: LibrarySpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_node() -> Path:
        raise DaemonUnavailable("there is no Node here.")

    wait_briefly(monkeypatch)
    monkeypatch.setattr("autoegg.daemon.launch.find_node", no_node)
    for _ in range(2):
        with pytest.raises(DaemonUnavailable, match="there is no Node here") as caught:
            server_link.open(spec)
        assert str(rendezvous) in str(caught.value)
        never_wait(monkeypatch)
