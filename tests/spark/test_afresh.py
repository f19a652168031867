"""What a worker sees of the next task without taking it: the state that its job carries, on every Spark line."""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import isolated

STATE = {"session": "s", "generation": 2, "libraries": [{"name": "lib", "version": "2"}]}
OTHER = {"session": "s", "generation": 1, "libraries": [{"name": "lib", "version": "1"}]}


def pairs(properties: dict[str, str]) -> bytes:
    texts = [text.encode() for item in properties.items() for text in item]
    return b"\0\0\0\1" + b"".join(struct.pack(">i", len(text)) + text for text in texts)


def one_object(properties: dict[str, str]) -> bytes:
    return json.dumps({"localProperties": properties}, separators=(",", ":")).encode()


LOOK = """
import socket, threading, time
from autoegg.worker import afresh
here, there = socket.socketpair()
def send():
    for part in arguments["parts"]:
        there.sendall(part.encode("latin-1"))
        time.sleep(0.001)
thread = threading.Thread(target=send)
thread.start()
seen = afresh._coming(here.fileno(), [b"spark.autoegg.job", b"spark.autoegg.state"])
thread.join()
there.close()
taken = b""
while block := here.recv(1 << 16):
    taken += block
say([seen, taken.decode("latin-1") == "".join(arguments["parts"])])
"""


@pytest.mark.parametrize("written", [pairs, one_object], ids=["names and values", "one object"])
@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"spark.autoegg.job": json.dumps(STATE), "spark.autoegg.state": json.dumps(OTHER)}, STATE),
        ({"spark.autoegg.state": json.dumps(OTHER), "other": "x" * 5000}, OTHER),
        ({"spark.job.description": "spark.autoegg.job", "spark.autoegg.job": json.dumps(STATE)}, STATE),
        ({"spark.autoegg.job": "not ours"}, None),
        ({}, None),
    ],
)
def test_the_state_of_the_next_task_is_seen_and_nothing_is_taken(
    written: Any, properties: dict[str, str], expected: Any
) -> None:
    sent = (b"\0\0\0\7" + written(properties) + b"\1\2\3").decode("latin-1")
    assert isolated.run(LOOK, parts=[sent]) == [expected, True]
    halves = [sent[: len(sent) // 2], sent[len(sent) // 2 :]]
    assert isolated.run(LOOK, parts=halves)[1] is True


def test_a_connection_that_was_closed_is_left_to_pyspark() -> None:
    code = (
        "import socket\nfrom autoegg.worker import afresh\nhere, there = socket.socketpair()\nthere.close()\n"
    )
    assert isolated.run(code + "say(afresh._coming(here.fileno(), [b'spark.autoegg.job']))") is None
