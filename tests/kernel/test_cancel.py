"""A ship that takes long is cancelled from the browser: its button interrupts the kernel."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kernel_library import say
from kernel_notebook import Notebook

VERSION = '__import__("autoegg").kernel.actions.state().data["state"]["libraries"][0]["version"]'
SHIP = '__import__("autoegg").kernel.actions.ship()'


@contextmanager
def interrupted_until_it_ends(notebook: Notebook) -> Iterator[None]:
    """An interrupt that comes before the request has begun is lost, as a button that is pressed too early is."""
    over = threading.Event()

    def press() -> None:
        while not over.wait(0.5):
            notebook.interrupt()

    presser = threading.Thread(target=press)
    presser.start()
    try:
        yield
    finally:
        over.set()
        presser.join()


def test_a_cancelled_ship_leaves_what_ran_and_the_next_cell_brings_the_new_code(
    notebook: Notebook, tagger: Path
) -> None:
    notebook.done("import tagger")
    assert notebook.value("tagger.tag()") == "'one'"
    before = notebook.value(VERSION)
    say(tagger, "two")
    daemon = notebook.daemon_pid()
    os.kill(daemon, signal.SIGSTOP)
    try:
        message = notebook.start("", silent=True, expressions={"r": SHIP})
        with interrupted_until_it_ends(notebook):
            outcome = notebook.finish(message)
    finally:
        os.kill(daemon, signal.SIGCONT)
    result = outcome.expressions["r"]["data"]["application/json"]
    assert (result["ok"], result["message"]) == (
        False,
        "cancelled; driver and workers run what they ran before",
    )
    assert repr(result["state"]["libraries"][0]["version"]) == before
    assert notebook.value("tagger.tag()") == "'two'"
