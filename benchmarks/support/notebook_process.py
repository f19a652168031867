"""The program of a measured process: a plain IPython shell that runs the cells it reads and tells how long each took.

Requests and replies are JSON lines. Nothing but IPython and the standard library is imported, so that the only code under
measurement is the notebook's. A cell that says ``began = perf_counter()`` first is told apart into before and body.
"""

from __future__ import annotations

import json
import os
import sys
from time import perf_counter
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


def main() -> None:
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever cells, Spark and its workers print goes to the log
    shell: Any = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    names = shell.user_ns
    names["perf_counter"] = perf_counter
    for line in sys.stdin:
        source = json.loads(line)["cell"]
        names["answer"] = names["began"] = None
        started = perf_counter()
        result = shell.run_cell(source)
        ended = perf_counter()
        error = result.error_before_exec or result.error_in_exec
        reply = {
            "before": (names["began"] or ended) - started,
            "whole": ended - started,
            "answer": names["answer"],
            "error": None if error is None else f"{type(error).__name__}: {error}",
        }
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
    shell.run_cell("spark.stop() if 'spark' in globals() else None")
    shell.run_cell("%unload_ext autoegg" if "autoegg.kernel.session" in sys.modules else "pass")
    shell.atexit_operations()


if __name__ == "__main__":
    main()
