"""On which versions of the libraries each cell of the notebook ran last (``CellRuns`` of ``src/protocol/kernel.ts``)."""

from __future__ import annotations

import ast
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from autoegg.kernel.lineage import Lineage

_MOST = 2000


class Cells:
    """Follows the outermost cells of a front end that names them (JupyterLab and Notebook do, by the notebook's cell ids).

    Args:
        shell: the running ``InteractiveShell``.
        versions: gives the version of each library that has one, by import name.
    """

    def __init__(self, shell: Any, versions: Callable[[], Mapping[str, str]]) -> None:
        self._shell = shell
        self._versions = versions
        self._lineage = Lineage()
        self._tree: ast.AST | None = None
        self._codes: list[dict[str, str]] = []
        self._cells: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def begins(self, tree: ast.AST) -> None:
        """The cell was parsed and is about to be brought up to date, or refused."""
        self._tree = tree

    def ended(self, result: Any) -> None:
        """``result`` is the ``ExecutionResult``: of a cell that did not run, nothing is left to be marked."""
        tree, self._tree = self._tree, None
        info = result.info
        cell = getattr(info, "cell_id", None)
        if result.error_before_exec is not None or tree is None:
            if cell is not None:
                self._cells.pop(cell, None)
            return
        versions = self._versions()
        used = self._lineage.cell_ended(tree, self._shell.user_ns, versions)
        if cell is None:
            return
        self._cells.pop(cell, None)
        if used:
            code = {name: versions[name] for name in sorted(used)}
            if code not in self._codes:
                self._codes.append(code)
            self._cells[cell] = (self._codes.index(code), result.execution_count or 0)
            while len(self._cells) > _MOST:
                self._cells.popitem(last=False)

    def to_json(self) -> dict[str, Any]:
        wanted = sorted({code for code, _ in self._cells.values()})
        place = {code: index for index, code in enumerate(wanted)}
        return {
            "codes": [self._codes[code] for code in wanted],
            "cells": {
                cell: {"code": place[code], "count": count} for cell, (code, count) in self._cells.items()
            },
        }
