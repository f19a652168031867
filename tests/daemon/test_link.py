"""A kernel's link to its daemon, which may go away at any time."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from autoegg.daemon.client import Client
from autoegg.daemon.link import DaemonLink
from autoegg.protocol import Delivery, LibrarySpec


def test_a_killed_daemon_is_replaced_and_what_was_open_is_open_again(
    link: DaemonLink, spec: LibrarySpec
) -> None:
    key = link.open(spec)
    version = link.barrier({key: None})[key].version
    child = link._finder._child
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)
    Path(spec.path, "scrape.py").write_text("A = 5\n")
    answer = link.barrier({key: version})[key]
    assert answer.changed == ("tagscrape/scrape.py",)


def test_a_library_that_is_away_when_the_daemon_restarts_is_missing_until_it_is_back(
    link: DaemonLink, spec: LibrarySpec
) -> None:
    key = link.open(spec)
    version = link.barrier({key: None})[key].version
    away = Path(spec.path).rename(Path(spec.path).with_name("away"))
    assert link._finder._child is not None
    os.kill(link._finder._child.pid, signal.SIGKILL)
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
    Path(spec.path, "scrape.py").write_text("A = 1\n")
    waiting(
        lambda: any(new is not None and new.version != version for _, new in heard), "a save is announced"
    )
    status, delivery = heard[-1]
    assert (status["library"], status["condition"]) == (key, "current")
    assert delivery is not None and delivery.patch is not None and Path(delivery.patch.path).is_file()


def test_a_subscriber_after_a_save_is_notified_of_it(
    link: DaemonLink, spec: LibrarySpec, waiting: Any
) -> None:
    key = link.open(spec)
    version = link.barrier({key: None})[key].version
    Path(spec.path, "scrape.py").write_text("A = 1\n")
    waiting(lambda: link.status()[0]["version"] != version, "the daemon has seen the save")
    heard: list[Delivery | None] = []
    link.subscribe(lambda status, delivery: heard.append(delivery))
    waiting(lambda: heard, "the subscriber is told")
    assert heard[0] is not None and heard[0].version != version


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
