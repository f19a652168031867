"""Connections and requests that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from autoegg.daemon.client import Client
from autoegg.daemon.launch import ChildDaemon
from autoegg.errors import DaemonUnavailable


def test_requests_that_make_no_sense_are_refused_and_the_daemon_lives_on(raw: Any) -> None:
    hello = '{"id":1,"method":"hello","params":{"protocol":1,"role":"kernel","pid":1}}'
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
        raw.ask('{"id":4,"method":"barrier","params":{"libraries":[null]}}')["failure"]["code"] == "protocol"
    )
    assert raw.ask("x" * 3_000_000)["failure"]["code"] == "protocol"
    assert raw.ask('{"id":5,"method":"status","params":{}}') == {"id": 5, "result": {"libraries": []}}


def test_another_protocol_is_refused_with_both_numbers(raw: Any) -> None:
    failure = raw.ask('{"id":1,"method":"hello","params":{"protocol":99}}')["failure"]
    assert failure["code"] == "protocol" and "99" in failure["message"] and "1" in failure["message"]


def test_a_rendezvous_that_others_may_write_is_not_used(daemon: ChildDaemon) -> None:
    daemon.rendezvous.chmod(0o666)
    with pytest.raises(DaemonUnavailable, match="others than you"):
        Client(daemon.rendezvous, "kernel")
