"""The kernel's end of the line: an answer counts for its own question only, and silence is told."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from autoegg.errors import LibraryMissing
from autoegg.remote import line as remote_line
from autoegg.remote.line import Line, OfferRefused, ServerSilent
from autoegg.remote.messages import REMOTE_PROTOCOL, TO_KERNEL, TO_SERVER


class Kernel:
    """What a line uses of an ipykernel; ``server`` answers each message on a thread of its own, as the control channel does."""

    def __init__(self) -> None:
        self.control_handlers: dict[str, Callable[..., None]] = {}
        self.iopub_socket = object()
        self.session = self
        self.sent: list[dict[str, Any]] = []
        self.server: Callable[[dict[str, Any]], list[dict[str, Any]]] = lambda question: []

    def topic(self, name: str) -> bytes:
        return f"kernel.{name}".encode()

    def send(self, socket: object, kind: str, content: dict[str, Any], ident: bytes) -> None:
        assert socket is self.iopub_socket and kind == TO_SERVER
        self.sent.append(content)
        answers = self.server(content)
        threading.Thread(target=lambda: [self.hears(**answer) for answer in answers]).start()

    def hears(self, **content: Any) -> None:
        whole = {"protocol": REMOTE_PROTOCOL, "server": "me", **content}
        self.control_handlers[TO_KERNEL](None, [], {"content": whole})


@pytest.fixture
def kernel() -> Kernel:
    return Kernel()


@pytest.fixture
def line(kernel: Kernel) -> Line:
    def take(server: str, libraries: list[dict[str, Any]]) -> Mapping[str, str]:
        if not libraries:
            raise OfferRefused("nothing to take")
        return {its["key"]: "it is bad" for its in libraries if its["key"] == "bad"}

    line = Line(kernel, take)
    line.install()
    return line


def test_it_says_that_it_is_here_and_what_became_of_an_offer(kernel: Kernel, line: Line) -> None:
    assert [said["kind"] for said in kernel.sent] == ["here"]
    kernel.hears(kind="offer", libraries=[{"key": "k"}])
    kernel.hears(kind="offer", libraries=[])
    assert [said["kind"] for said in kernel.sent[1:]] == ["taken", "refused"]
    assert kernel.sent[1]["keys"] == ["k"] and kernel.sent[1]["refused"] == {}
    assert kernel.sent[-1]["message"] == "nothing to take" and kernel.sent[-1]["server"] == "me"


def test_of_one_good_and_one_refused_library_both_are_reported(kernel: Kernel, line: Line) -> None:
    kernel.hears(kind="offer", libraries=[{"key": "bad"}, {"key": "good"}])
    assert kernel.sent[-1]["kind"] == "taken"
    assert kernel.sent[-1]["keys"] == ["good"] and kernel.sent[-1]["refused"] == {"bad": "it is bad"}


def test_an_answer_to_an_older_question_is_dropped(kernel: Kernel, line: Line) -> None:
    kernel.server = lambda question: [
        {"kind": "answer", "number": question["number"] - 1, "libraries": {"k": {"unchanged": True}}},
        {"kind": "answer", "number": question["number"], "libraries": {"k": {"version": "new"}}},
    ]
    assert line.ask("me", {"k": "old"}) == {"k": {"version": "new"}}
    assert kernel.sent[-1]["known"] == {"k": "old"} and kernel.sent[-1]["server"] == "me"


def test_an_answer_of_another_server_is_dropped(kernel: Kernel, line: Line) -> None:
    kernel.server = lambda question: [
        {
            "kind": "answer",
            "server": "eve",
            "number": question["number"],
            "libraries": {"k": {"version": "hers"}},
        },
        {"kind": "answer", "number": question["number"], "libraries": {"k": {"version": "mine"}}},
    ]
    assert line.ask("me", {"k": "old"}) == {"k": {"version": "mine"}}


def test_contents_are_put_together_from_their_parts(kernel: Kernel, line: Line) -> None:
    def part(number: int, digest: str, data: bytes, last: bool) -> dict[str, Any]:
        encoded = base64.b64encode(data).decode()
        return {"kind": "part", "number": number, "digest": digest, "data": encoded, "last": last}

    kernel.server = lambda question: [
        part(question["number"], "a", b"1", False),
        part(question["number"], "a", b"2", True),
        part(question["number"], "b", b"", True),
    ]
    sizes: list[int] = []
    assert line.fetch("me", "k", "v", ["a", "b"], sizes.append) == {"a": b"12", "b": b""}
    assert sizes == [1, 1, 0]


def test_an_answer_to_an_earlier_life_of_the_kernel_is_dropped(
    kernel: Kernel, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(number: int, version: str) -> dict[str, Any]:
        return {"kind": "answer", "number": number, "libraries": {"k": {"version": version}}}

    kernel.server = lambda question: [answer(question["number"], "old")]
    line.ask("me", {"k": None})
    earlier = kernel.sent[-1]["number"]
    again = Line(kernel, lambda server, libraries: {})
    kernel.server = lambda question: []
    again.install()
    kernel.server = lambda question: [answer(earlier, "old"), answer(question["number"], "new")]
    assert again.ask("me", {"k": None}) == {"k": {"version": "new"}}


def test_a_fetch_that_is_interrupted_ends_the_sending(kernel: Kernel, line: Line) -> None:
    kernel.server = lambda question: [
        {"kind": "part", "number": question["number"], "digest": "a", "data": "", "last": False}
    ]

    def interrupted(size: int) -> None:
        kernel.server = lambda question: []
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        line.fetch("me", "k", "v", ["a"], interrupted)
    asked, cancelled = kernel.sent[-2:]
    assert asked["kind"] == "fetch"
    assert cancelled["kind"] == "cancel" and cancelled["number"] == asked["number"]


def test_a_version_that_cannot_be_fetched_is_reported_in_the_servers_words(
    kernel: Kernel, line: Line
) -> None:
    kernel.server = lambda question: [
        {"kind": "part", "number": question["number"], "failure": "it has changed meanwhile"}
    ]
    with pytest.raises(LibraryMissing, match="it has changed meanwhile"):
        line.fetch("me", "k", "v", ["a"], lambda size: None)


def test_silence_is_reported_with_the_way_out(
    kernel: Kernel, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_line, "SILENCE_SECONDS", 0.05)
    with pytest.raises(ServerSilent, match=r"has not said .* so the cell was not run; `%autoegg off`"):
        line.ask("me", {"k": None})


def test_another_protocol_is_named_with_both_numbers(kernel: Kernel, line: Line) -> None:
    kernel.hears(protocol=REMOTE_PROTOCOL + 1, kind="offer", libraries=[{"key": "k"}])
    assert line.problem is not None
    assert (
        f"protocol {REMOTE_PROTOCOL + 1}" in line.problem and f"protocol {REMOTE_PROTOCOL}:" in line.problem
    )
    assert kernel.sent[-1] == {
        "protocol": REMOTE_PROTOCOL, "kind": "refused", "server": "me", "message": line.problem
    }  # fmt: skip
    kernel.hears(kind="offer", libraries=[{"key": "k"}])
    assert line.problem is None, "a server of the same version has taken its place"


def test_what_is_taken_out_hears_nothing_any_more(kernel: Kernel, line: Line) -> None:
    line.uninstall()
    assert TO_KERNEL not in kernel.control_handlers
