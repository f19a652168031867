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
    for line, sentence in (
        ("no json", "A request must be one JSON object on one line."),
        ("[]", "A request must be one JSON object on one line."),
        ("null", "A request must be one JSON object on one line."),
        ('{"id":2,"method":"toString"}', 'The daemon has no method "toString".'),
        ('{"id":3,"method":"open","params":{}}', 'The request "open" needs '),
        ('{"id":4,"method":"barrier","params":{"libraries":[null]}}', 'The request "barrier" needs '),
        (
            '{"id":6,"method":"contents","params":{"library":"x"}}',
            'The daemon knows no library "x": open it first.',
        ),
        ("x" * 3_000_000, "A request must not be longer than "),
    ):
        failure = raw.ask(line)["failure"]
        assert failure["code"] == "protocol"
        assert failure["message"].startswith(sentence)
    assert raw.ask('{"id":5,"method":"status","params":{}}') == {"id": 5, "result": {"libraries": []}}


def test_another_protocol_is_refused_with_both_numbers(raw: Any) -> None:
    failure = raw.ask('{"id":1,"method":"hello","params":{"protocol":99}}')["failure"]
    assert failure["code"] == "protocol"
    assert failure["message"] == (
        "This client speaks protocol 99 and the daemon protocol 1: restart the Jupyter server and this kernel so that "
        "both have the same version."
    )


def test_a_rendezvous_that_others_may_write_is_not_used(daemon: ChildDaemon) -> None:
    daemon.rendezvous.chmod(0o666)
    with pytest.raises(DaemonUnavailable, match="other users may"):
        Client(daemon.rendezvous, "kernel")
