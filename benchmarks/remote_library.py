"""What a cell costs whose library lies on the Jupyter server's side of a network, by the latency of that network.

A Jupyter server has the library; a kernel gateway on the same machine has kernels that cannot see it. Between the two, a proxy of the
benchmark's own delays every byte. The cells are sent to the gateway directly, so that their own way is not delayed: what is measured is the
question before the cell, its answer, and after an edit also the content that travels. Beside it, in turns, the same cell in a kernel whose
autoegg is switched off.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from support import libraries
from support.delay import DelayedPort
from support.figures import median, ms
from support.places import CHECKOUT, scratch
from support.results import Aim, Result

sys.path[:0] = [str(CHECKOUT / "tests" / folder) for folder in ("remote", "server", "cluster", "kernel")]

from jupyter_process import JupyterProcess, make_environment  # noqa: E402
from remote_notebook import Gateway, RemoteNotebook, arguments  # noqa: E402

ROUND_TRIPS = (0.0, 0.020, 0.100)
CELLS = 60
EDITS = 15
WARM_UP = 5
OWN_MILLISECONDS = 2
FILES = 12


def timed(book: RemoteNotebook, code: str) -> float:
    """Seconds from sending the cell until the page would have its end."""
    begun = time.perf_counter()
    outcome = book.run(code)
    assert outcome.ok, outcome
    return time.perf_counter() - begun


def measure(result: Result, gateway: Gateway, home: Path, package: Path, round_trip: float) -> None:
    with DelayedPort(urlsplit(gateway.url).port or 0, round_trip) as network:
        server = JupyterProcess(home, make_environment(home), arguments(gateway, package, url=network.url))
        books = [RemoteNotebook(server), RemoteNotebook(server)]
        asked, off = [book.directly(gateway) for book in books]
        try:
            asked.done(f"import {package.name}")
            off.done("%autoegg off")
            unchanged = take_turns(asked, off, CELLS, lambda: None)
            file = package / "__init__.py"
            text = file.read_text()
            edited = take_turns(
                asked, off, EDITS, lambda: file.write_text(f"{text}\nEDIT = {time.monotonic_ns()}\n")
            )
            file.write_text(text)
        finally:
            for book in (asked, off):
                book.leave()
            for book in books:
                book.close()
            server.stop()
    latency = f"{round_trip * 1e3:.0f} ms"
    for what, (with_it, without) in (("unchanged", unchanged), ("one file edited", edited)):
        extra = [one - other for one, other in zip(with_it, without, strict=True)]
        key = f"{latency}, {what}"
        result.series |= {key: with_it, f"{key}, off": without}
        row = [median(without), median(with_it), median(extra), min(extra)]
        result.rows.append([latency, what, *map(ms, row)])
        if what == "unchanged":
            limit = round_trip * 1e3 + OWN_MILLISECONDS
            result.aims.append(
                Aim(f"unchanged cell at {latency}, extra p50", limit, median(extra) * 1e3, "ms")
            )


def take_turns(
    asked: RemoteNotebook, off: RemoteNotebook, count: int, before: Callable[[], object]
) -> tuple[list[float], list[float]]:
    with_it: list[float] = []
    without: list[float] = []
    for _ in range(WARM_UP + count):
        before()
        with_it.append(timed(asked, "pass"))
        without.append(timed(off, "pass"))
    return with_it[WARM_UP:], without[WARM_UP:]


def main() -> None:
    result = Result(
        "remote_library",
        "A library on the server's side of a network, the kernel behind a gateway: milliseconds of a cell that does nothing",
        ["round trip", "library", "autoegg off", "on", "extra p50", "extra min"],
    )
    with scratch() as folder:
        home = folder / "here"
        home.mkdir()
        package = libraries.made(home / "project", "ledger", FILES)
        gateway = Gateway(folder / "there", home)
        try:
            for round_trip in ROUND_TRIPS:
                measure(result, gateway, home, package, round_trip)
        finally:
            gateway.close()
    result.save()


if __name__ == "__main__":
    main()
