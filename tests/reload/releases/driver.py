"""The driver's side of a replay: a process with a notebook that has imported all of a library, and holds things of it.

``python -I -S driver.py ROOT PATHS…`` answers messages of ``steps.py``.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Edit:
    """``changed``, ``removed``: paths; None: the first import. ``names``: the modules that there are then."""

    names: list[str]
    tops: list[str]
    leave_out: tuple[str, ...]
    changed: list[str] | None = None
    removed: list[str] = field(default_factory=list)
    steady: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Outcome:
    """``refused``: the sentence. ``lost``: what should have stayed as it was. ``seconds``: CPU time until the next cell can run."""

    refused: str | None = None
    lines: list[str] = field(default_factory=list)
    seconds: float = 0.0
    errors: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    """What the report counts, if it does: statements that ran, those that had to, and modules that ran as a whole."""


def _answer(notebook: Any, holdings: Any, edit: Edit) -> Outcome:
    from fresh import import_all

    from autoegg.contents import describe

    outcome = Outcome()
    start = time.process_time()
    if edit.changed is not None:
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")
                report = notebook.reloader.reload(edit.changed, edit.removed)
        except Exception as error:
            outcome.seconds = time.process_time() - start
            outcome.refused = f"{type(error).__name__}: {error}"
            return outcome
        outcome.seconds = time.process_time() - start
        outcome.lines = list(report.lines)
        for figure in ("statements", "needed", "whole", "executed"):
            outcome.figures[figure] = getattr(report, figure, None)
    outcome.errors = import_all(edit.names)
    if edit.changed is None:
        outcome.seconds = time.process_time() - start
    outcome.values = describe(edit.tops, leave_out=edit.leave_out)
    if edit.changed is not None:
        outcome.lost = holdings.lost(edit.steady)
    holdings.keep([name for name in edit.names if name not in outcome.errors])
    return outcome


def _serve(root: Path) -> None:
    import fresh
    import reload_harness
    from holdings import Holdings

    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdin, sys.stdout, sys.argv = io.StringIO(), sys.stderr, ["-"]
    with reload_harness.Notebook(root) as notebook:
        holdings = Holdings(notebook)
        while isinstance(edit := fresh.receive(questions), Edit):
            fresh.send(answers, _answer(notebook, holdings, edit))


if __name__ == "__main__":
    sys.path[:0] = sys.argv[2:]
    sys.modules["driver"] = sys.modules["__main__"]
    Edit.__module__ = Outcome.__module__ = "driver"
    _serve(Path(sys.argv[1]))
