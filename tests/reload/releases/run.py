"""Replays releases and says what came of it: ``python tests/reload/releases/run.py [NAME …] [-n STEPS] [--skip RELEASES] [--cpu]``.

Without names all distributions. A line for each step; at the end the totals, and the CPU time as a share of a fresh import.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1] / "corpus")]

from steps import Step, distributions, replay  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("-n", type=int, default=None, help="steps of each distribution")
    parser.add_argument("--skip", type=int, default=0, help="releases to leave out at the start")
    parser.add_argument("--cpu", action="store_true", help="measure a fresh import at each step too")
    parser.add_argument("--only-wrong", action="store_true", help="print only steps that are not right")
    given = parser.parse_args()
    known = distributions()
    steps: list[Step] = []
    for name in given.names or known:
        with tempfile.TemporaryDirectory() as folder:
            mine = []
            for step in replay(known[name], Path(folder), given.n, given.skip, given.cpu):
                mine.append(step)
                if not given.only_wrong or step.verdict != "right":
                    print(step, flush=True)
        print(f"== {name}: {_summary(mine)}", flush=True)
        steps += mine
    print(f"== all: {_summary(steps)}")
    return any(step.verdict not in ("right", "told", "broken") for step in steps)


def _summary(steps: list[Step]) -> str:
    text = ", ".join(f"{count} {verdict}" for verdict, count in Counter(step.verdict for step in steps).most_common())  # fmt: skip
    seconds = sorted(step.seconds for step in steps if step.seconds)
    if seconds:
        text += f"; CPU before the cell: median {statistics.median(seconds) * 1000:.0f} ms, worst {seconds[-1] * 1000:.0f} ms"
    shares = sorted((step.seconds - 0.02) / step.fresh for step in steps if step.fresh and step.seconds)
    if shares:
        p95 = shares[int(len(shares) * 0.95)]
        text += f"; of a fresh import, less 20 ms: median {statistics.median(shares):.2f}, p95 {p95:.2f}, worst {shares[-1]:.2f}"
        both = sorted(
            (step.seconds - 0.02) / (step.fresh + step.compiling)
            for step in steps
            if step.fresh and step.seconds
        )
        text += f"; of compiling and importing: median {statistics.median(both):.2f}, worst {both[-1]:.2f}"
    counts = [step.figures for step in steps if step.figures.get("needed")]
    if counts:
        shares = sorted(figures["statements"] / figures["needed"] for figures in counts)
        text += (
            f"; statements run for one needed: median {statistics.median(shares):.2f}, worst {shares[-1]:.2f}"
        )
    return text


if __name__ == "__main__":
    sys.exit(main())
