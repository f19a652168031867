"""``python tests/property/run.py SEED STEPS [local|cluster] [SEEDS]``: one notebook per seed, for as long as wanted."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from story import MASTERS, Story, Wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("steps", type=int)
    parser.add_argument("master", nargs="?", choices=sorted(MASTERS), default="local")
    parser.add_argument("seeds", nargs="?", type=int, default=1)
    parser.add_argument(
        "--without", action="append", default=[], metavar="API", help="leave out a key of APIS"
    )
    parser.add_argument("--quiet", action="store_true")
    given = parser.parse_args()
    wrong = 0
    for seed in range(given.seed, given.seed + given.seeds):
        started = time.monotonic()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            story = Story(seed, Path(folder), given.master, None if given.quiet else _say, given.without)
            try:
                done = story.run(given.steps)
                print(f"seed {seed}: {done} steps, {time.monotonic() - started:.0f} s", flush=True)
            except Wrong as error:
                wrong += 1
                print(f"WRONG {error}", flush=True)
            finally:
                story.close()
    return 1 if wrong else 0


def _say(line: str) -> None:
    print("  " + line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
