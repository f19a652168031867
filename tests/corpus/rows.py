"""The corpus: pinned releases of real distributions, each with what a notebook does with it and the edit that is made.

A row is right when the driver and every worker give the same value before the edit, and the edited one after it, and when
the files that were shipped are those of the release's wheel, but for what the row explains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Way = Literal["path", "sys.path", "editable", "strict", "beside"]
"""How it comes to be importable: ``path``: its folder on PYTHONPATH; ``sys.path``: put there in the notebook;
``editable``: ``pip install -e`` with its own build backend; ``strict``: the same in setuptools' strict mode;
``beside``: copied beside the notebook."""


@dataclass(frozen=True)
class Row:
    """One release.

    Attributes:
        release: ``name==version`` of the sdist.
        folder: the folder of the sdist that belongs on ``sys.path``.
        way: how it is made importable.
        file: below ``folder``, the file whose function is edited.
        function: its name; every definition of that name in the file returns ``"edited"`` afterwards.
        call: an expression that calls it.
        uses: another expression: data files, dynamic imports, entry points.
        imports: what the notebook imports.
        needs: releases that driver and workers have installed.
        layout: for the page.
        trap: for the page: what could go wrong with it.
        missing: patterns of files in the wheel that are not shipped; ``note`` says why.
        note: for the page: what is to be explained.
        quick: whether `npm test` runs it.
    """

    release: str
    folder: str
    way: Way
    file: str
    function: str
    call: str
    layout: str
    uses: str = "None"
    imports: str = ""
    needs: tuple[str, ...] = ()
    trap: str = ""
    missing: tuple[str, ...] = ()
    note: str = ""
    quick: bool = False

    @property
    def statement(self) -> str:
        return self.imports or f"import {self.name.replace('-', '_')}"

    @property
    def module(self) -> str:
        """One of the modules that the statement imports."""
        return self.statement.removeprefix("import ").split(", ")[-1]

    @property
    def name(self) -> str:
        return self.release.partition("==")[0]
