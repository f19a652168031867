"""What the page's main thread does when a kernel with 50 libraries and 500 cells says something, from traces of Chromium."""

from __future__ import annotations

import json
import os
import subprocess

from support.figures import median, ms, times
from support.places import BENCH, CHECKOUT
from support.results import Aim, Result

MESSAGE = "nobody listens"
FRAME = "one word"
CELLS = "two cells"
EVENTS = {
    "the same": ("the same state again", MESSAGE),
    "one library": (
        "one library has another version: its row, and of its 10 marks those that are near",
        FRAME,
    ),
    "panel hidden": ("the same with the panel hidden: the marks alone", FRAME),
    "all libraries": ("all have another version: 50 rows, 500 marks", FRAME),
}
"""What happens, and what JupyterLab itself does for a message of that size: without a change, or with one word that changes."""


def main() -> None:
    result = Result(
        "state_events",
        "A state of 50 libraries and 500 cells: milliseconds on the page's main thread per event",
        ["event", "median", "min", "of it ours", "to JupyterLab's own"],
    )
    output = BENCH / "state_events.series.json"
    command = [CHECKOUT / "node_modules" / ".bin" / "playwright", "test", "--config=benchmarks/browser"]
    subprocess.run(
        [*map(str, command), "state_events"],
        cwd=CHECKOUT,
        env={**os.environ, "AUTOEGG_BENCH_OUTPUT": str(output)},
        check=True,
    )
    series: dict[str, list[float]] = json.loads(output.read_text())
    output.unlink()
    result.series = series
    for key, title in {
        MESSAGE: "the same message, and nobody listens",
        FRAME: "the same message, and one word of the page changes",
        CELLS: "the same message, and one word of the page and of two cells changes",
    }.items():
        result.rows.append([title, ms(median(series[key])), ms(min(series[key])), "", ""])
    ours: dict[str, float] = {}
    for key, (title, of) in EVENTS.items():
        found, base = median(series[key]), median(series[of])
        ours[key] = found - base
        result.rows.append([title, ms(found), ms(min(series[key])), ms(ours[key]), times(found, base)])
    result.aims.append(Aim("one library has another version, of it ours", 5, ours["one library"] * 1e3, "ms"))
    above = median(series["one library"]) - median(series[CELLS])
    result.notes.append(
        f"Against a word that changes in two cells as well (third row) it is {ms(above)} ms: whatever changes in two cells has the"
        " browser go through all of the notebook, also through cells that it has never shown."
    )
    result.notes.append(
        "Traces to be opened in Chromium's DevTools: .cache/bench/state_events.series.*.trace.json."
    )
    result.save()


if __name__ == "__main__":
    main()
