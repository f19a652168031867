"""On which versions of the libraries each cell of the notebook ran last (``CellRuns`` of ``src/protocol/kernel.ts``)."""

from __future__ import annotations

import ast
import uuid
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from autoegg.errors import AutoeggError
from autoegg.kernel.early import EarlyCell
from autoegg.kernel.lineage import Lineage

_MOST = 2000


class Cells:
    """Follows the outermost cells.

    JupyterLab and Notebook name them by the notebook's cell ids. Where the server runs the cells for the page
    (jupyter_server_nbmodel), and in other front ends, requests carry none; those cells are known by the number in the
    prompt and by a print of their code, so that the page can find which cell that is.

    Args:
        shell: the running ``InteractiveShell``.
        versions: gives the version of each library that has one, by import name.
    """

    def __init__(self, shell: Any, versions: Callable[[], Mapping[str, str]]) -> None:
        self._shell = shell
        self._versions = versions
        self._session = uuid.uuid4().hex
        self._lineage = Lineage()
        self._tree: ast.AST | None = None
        self.on_others: dict[str, str] = {}
        """Library → version, of those that the running cell has named itself: its results are never out of date."""
        self._codes: list[dict[str, str]] = []
        self._cells: OrderedDict[str, tuple[int | None, int, bool]] = OrderedDict()
        self._numbered: OrderedDict[int, tuple[int | None, bool, str, bool]] = OrderedDict()

    def begins(self, tree: ast.AST) -> None:
        """The cell was parsed; the libraries are about to be updated, or the cell refused."""
        self._tree = tree

    def ended(self, result: Any) -> dict[str, str]:
        """``result`` is IPython's ``ExecutionResult``: of a cell that did not run, nothing is left that could be old.

        Returns library → version, of those that the cell has used.
        """
        tree, self._tree = self._tree, None
        on_others, self.on_others = self.on_others, {}
        cell = getattr(result.info, "cell_id", None)
        code: int | None = None
        ran: dict[str, str] = {}
        if result.error_before_exec is None and tree is not None:
            versions = {**self._versions(), **on_others}
            used = self._lineage.cell_ended(tree, self._shell.user_ns, versions)
            ran = {name: versions[name] for name in sorted(used)}
            code = self._code(ran) if ran and not on_others else None
        refused = isinstance(result.error_before_exec, AutoeggError)
        count = result.execution_count or 0
        if cell is not None:
            _put_last(self._cells, cell, (code, count, refused))
        elif count:
            source = print_of(result.info.raw_cell or "")
            _put_last(self._numbered, count, (code, refused, source, False))
        return ran

    def ran_before(self, early: Iterable[EarlyCell], libraries: Collection[str]) -> list[int]:
        """Takes in cells that ran before the extension was there. Returns the numbers of those that used one of the libraries."""
        numbers: list[int] = []
        for cell in early:
            if self._lineage.cell_ended(cell.tree, self._shell.user_ns, libraries):
                numbers.append(cell.count)
                _put_last(self._numbered, cell.count, (None, False, print_of(cell.source), True))
        return numbers

    def _code(self, versions: dict[str, str]) -> int:
        if versions not in self._codes:
            self._codes.append(versions)
        return self._codes.index(versions)

    def to_json(self) -> dict[str, Any]:
        codes = [run[0] for run in self._cells.values()] + [run[0] for run in self._numbered.values()]
        wanted = sorted({code for code in codes if code is not None})
        place = {code: index for index, code in enumerate(wanted)}
        return {
            "session": self._session,
            "codes": [self._codes[code] for code in wanted],
            "cells": {
                cell: {
                    "code": None if code is None else place[code],
                    "count": count,
                    "refused": refused,
                }
                for cell, (code, count, refused) in self._cells.items()
            },
            "numbered": [
                {
                    "code": None if code is None else place[code],
                    "count": count,
                    "refused": refused,
                    "source": source,
                    "early": early,
                }
                for count, (code, refused, source, early) in self._numbered.items()
            ],
        }


def print_of(source: str) -> str:
    """A short stand-in for a cell's code; the page makes the same of its text (``src/lab/cells/print.ts``)."""
    units = source.strip().encode("utf-16-le", "surrogatepass")
    total = 0
    for low, high in zip(units[::2], units[1::2], strict=True):
        total = (total * 31 + (high << 8 | low)) & 0xFFFFFFFF
    return f"{len(units) // 2}.{total - (total >> 31 << 32)}"


_Key = TypeVar("_Key")
_Run = TypeVar("_Run")


def _put_last(runs: OrderedDict[_Key, _Run], key: _Key, run: _Run) -> None:
    runs.pop(key, None)
    runs[key] = run
    while len(runs) > _MOST:
        runs.popitem(last=False)
