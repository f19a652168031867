"""On which versions of the libraries each cell of the notebook ran last (``CellRuns`` of ``src/protocol/kernel.ts``)."""

from __future__ import annotations

import ast
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from autoegg.errors import AutoeggError
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
        self._session = uuid.uuid4().hex
        self._lineage = Lineage()
        self._tree: ast.AST | None = None
        self._codes: list[dict[str, str]] = []
        self._cells: OrderedDict[str, tuple[int | None, int, bool]] = OrderedDict()

    def begins(self, tree: ast.AST) -> None:
        """The cell was parsed and is about to be brought up to date, or refused."""
        self._tree = tree

    def ended(self, result: Any) -> None:
        """``result`` is IPython's ``ExecutionResult``: of a cell that did not run, nothing is left that could be old."""
        tree, self._tree = self._tree, None
        cell = getattr(result.info, "cell_id", None)
        code = None
        if result.error_before_exec is None and tree is not None:
            versions = self._versions()
            used = self._lineage.cell_ended(tree, self._shell.user_ns, versions)
            code = self._code({name: versions[name] for name in sorted(used)}) if used else None
        if cell is not None:
            refused = isinstance(result.error_before_exec, AutoeggError)
            self._cells.pop(cell, None)
            self._cells[cell] = (code, result.execution_count or 0, refused)
            while len(self._cells) > _MOST:
                self._cells.popitem(last=False)

    def _code(self, versions: dict[str, str]) -> int:
        if versions not in self._codes:
            self._codes.append(versions)
        return self._codes.index(versions)

    def to_json(self) -> dict[str, Any]:
        wanted = sorted({code for code, _, _ in self._cells.values() if code is not None})
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
        }
