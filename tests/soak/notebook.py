"""A notebook that another process drives: cells come in as JSON lines, and what came of each goes out as one."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from IPython.core.interactiveshell import InteractiveShell


def outcome(shell: InteractiveShell, code: str) -> dict[str, Any]:
    shell.user_ns["X"] = None
    try:
        result = shell.run_cell(code)
    except KeyboardInterrupt:
        return {"value": None, "error": "KeyboardInterrupt", "ran": False}
    error = result.error_before_exec or result.error_in_exec
    if error is None and not result.success:
        error = KeyboardInterrupt()
    return {
        "value": shell.user_ns.get("X"),
        "error": None if error is None else f"{type(error).__name__}: {error}",
        "ran": result.error_before_exec is None,
    }


def main() -> None:
    # A shell starts what runs in its background with interrupts ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # What cells print goes to stderr; the answers have a channel of their own.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.path.insert(0, os.getcwd())
    shell = InteractiveShell.instance()
    sys.modules["__main__"] = shell.user_module
    shell.run_line_magic("load_ext", "autoegg")
    while True:
        try:
            line = sys.stdin.readline()
            if not line:
                return
            number, code = json.loads(line)
            answer = {"number": number, **outcome(shell, code)}
        except KeyboardInterrupt:
            # An interrupt that came between two cells.
            continue
        print(json.dumps(answer, default=str), file=answers, flush=True)


if __name__ == "__main__":
    main()
