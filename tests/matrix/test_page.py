"""docs/spark-support.md shows the matrix as it is: all its APIs, all its modes, and no cell without a reason."""

from __future__ import annotations

import ast
from pathlib import Path

from apis import APIS
from modes import MODES
from page import COLUMNS, PAGE, expected, holes, render, shown

HERE = Path(__file__).parent


def test_the_page_is_what_the_tests_make_when_every_cell_that_ran_is_as_it_should_be() -> None:
    page = PAGE.read_text()
    ran = {cell: outcome for cell, outcome in expected().items() if cell not in holes(page)}
    assert page == render(ran), "run `npm run test:spark`, which writes the page"


def test_what_a_page_shows_can_be_read_back() -> None:
    said = {**expected(), (COLUMNS[0], APIS[0].name): "failed", (COLUMNS[1], APIS[0].name): "not run"}
    assert shown(render(said)) == said


def test_every_mode_is_in_the_page_on_both_lines() -> None:
    for line in (3, 4):
        assert {column.mode for column in COLUMNS if column.spark[0] == line} == {mode.name for mode in MODES}


def test_each_row_is_one_function_of_the_notebook_and_each_function_is_a_row() -> None:
    rows = [(api.kind, api.name) for api in APIS]
    functions = [(file.stem, name) for file in (HERE / "cells").glob("*.py") for name in makers(file)]
    assert sorted(rows) == sorted(functions)
    assert len({api.title for api in APIS}) == len(APIS)


def makers(file: Path) -> list[str]:
    """The functions of a file that make what a row is about: they take nothing, and give how to ask it."""
    functions = [node for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)]
    return [
        function.name
        for function in functions
        if not function.args.args and isinstance(function.returns, ast.Name) and function.returns.id == "Ask"
    ]
