"""Cells that ran before the extension was in the kernel: nothing stood in front of them.

That happens where the kernel starts without the extension and the page brings it (*Restart Kernel and Run All Cells* queues
the cells first), or where ``%load_ext autoegg`` is not the first cell.
"""

from __future__ import annotations

import ast
import contextlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any


@dataclass(frozen=True)
class EarlyCell:
    """``count``: the number in its prompt; ``source``: as it was typed; ``tree``: as it ran."""

    count: int
    source: str
    tree: ast.AST


def early_cells(shell: Any, after: int = 0) -> Iterator[EarlyCell]:
    """The cells of this life of the kernel so far, the running one left out, as far as IPython's history has them.

    Args:
        after: the number of the cell that has unloaded the extension, if it was there before.
    """
    history = shell.history_manager
    typed, ran = history.input_hist_raw, history.input_hist_parsed
    end = last_cell(shell) + (0 if _is_running() else 1)
    for count in range(after + 1, min(end, len(ran))):
        with contextlib.suppress(SyntaxError, ValueError):  # it did not run
            yield EarlyCell(count, typed[count], ast.parse(ran[count]))


def last_cell(shell: Any) -> int:
    """The number of the newest cell, the running one if one runs; 0 before the first.

    Not ``execution_count``: IPython 8 raises it when a cell ends, 9 when it begins.
    """
    return len(shell.history_manager.input_hist_raw) - 1


def _is_running() -> bool:
    """Whether a cell with a number runs on this thread; requests of the page have none."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "run_cell_async" and frame.f_locals.get("store_history"):
            return True
        frame = frame.f_back
    return False


def told(numbers: Sequence[int]) -> str:
    """The sentence for a person about the cells with these numbers, at least one."""
    cells, them = ("cell", "it") if len(numbers) == 1 else ("cells", "them")
    shown = ", ".join(f"[{number}]" for number in numbers[:5]) + (", …" if len(numbers) > 5 else "")
    return (
        f"{cells} {shown} used your library before autoegg was loaded in this kernel, so it is not known which code ran: "
        f"run {them} again (to load autoegg whenever a kernel starts, run `autoegg enable` once on the command line)"
    )
