"""Connect: a connection that breaks and comes back neither loses the session nor brings old code back."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from connect_notebook import Notebook, tag_files
from connect_server import ConnectServer
from pyspark.sql.functions import udf

from autoegg.errors import ShipFailed

ONE = partial(tag_files, word="one")


class Line:
    """A port of its own in front of the server, whose connections can be cut as a network does."""

    def __init__(self, port: int) -> None:
        self._server = port
        self._ends: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listening = self._listen(0)
        self.port = self._listening.getsockname()[1]

    def _listen(self, port: int) -> socket.socket:
        listening = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()
        return listening

    def _accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                server = socket.create_connection(("127.0.0.1", self._server))
                with self._lock:
                    self._ends += [client, server]
                threading.Thread(target=_carry, args=(client, server), daemon=True).start()

    def drop(self) -> None:
        """Every connection breaks; new ones are taken."""
        with self._lock:
            ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Every connection breaks, and nobody listens until ``mend``."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.drop()

    def mend(self) -> None:
        self._listening = self._listen(self.port)

    close = cut


def _carry(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError), one, other:
        while True:
            for end in select.select([one, other], [], [])[0]:
                data = end.recv(65536)
                if not data:
                    return
                (other if end is one else one).sendall(data)


@pytest.fixture
def line(server: ConnectServer) -> Iterator[Line]:
    opened = Line(server.port)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def spark(line: Line, notebook: Notebook) -> Iterator[Any]:
    from pyspark.sql.connect.session import SparkSession

    session = SparkSession.builder.remote(f"sc://127.0.0.1:{line.port}").create()
    try:
        yield session
    finally:
        session.stop()


def words(frame: Any) -> list[str]:
    return sorted({row[0] for row in frame.collect()})


def test_a_connection_that_broke_between_two_cells_changes_nothing(
    spark: Any, notebook: Notebook, line: Line
) -> None:
    library = notebook.library(ONE)
    tagged = udf(lambda i: library.tag())
    frame = spark.range(4).select(tagged("id"))
    assert words(frame) == ["one"]
    line.drop()
    notebook.say("two")
    assert words(frame) == words(spark.range(2).select(tagged("id"))) == ["two"]
    notebook.say("three")
    line.drop()
    assert words(frame) == words(spark.range(2).select(tagged("id"))) == ["three"]


def test_a_query_whose_connection_breaks_ends_on_the_code_that_it_began_with(
    spark: Any, notebook: Notebook, line: Line, tmp_path: Path
) -> None:
    library = notebook.library(ONE)
    begun, go = tmp_path / "begun", tmp_path / "go"

    def slow(number: int) -> str:
        import time

        before = library.tag()
        begun.touch()
        while not go.exists():
            time.sleep(0.05)
        return f"{before} {library.tag()}"

    frame = spark.range(1, numPartitions=1).select(udf(slow)("id"))
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(words(frame)))
    thread.start()
    while not begun.exists():
        assert thread.is_alive()
        thread.join(0.05)
    line.drop()
    notebook.say("two")
    go.touch()
    thread.join(120)
    assert answers == [["one one"]]
    assert words(spark.range(1).select(udf(lambda i: library.tag())("id"))) == ["two"]


def test_while_the_server_cannot_be_reached_one_sentence_says_so_and_then_the_session_goes_on(
    spark: Any, notebook: Notebook, line: Line
) -> None:
    library = notebook.library(ONE)
    tagged = udf(lambda i: library.tag())
    frame = spark.range(4).select(tagged("id"))
    assert words(frame) == ["one"]
    line.cut()
    with pytest.raises(ShipFailed, match="does not answer"):
        notebook.say("two")
    line.mend()
    notebook.ship()
    assert words(frame) == words(spark.range(2).select(tagged("id"))) == ["two"]
