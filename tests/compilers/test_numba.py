"""Functions that numba has compiled: they run what is on disk, themselves, what they call and what they read."""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_library import write
from kernel_notebook import Notebook

BASE = "from numba import njit\n@njit\ndef f(x):\n    return x + 1\n"
USER = """
from numba import int64, njit
from steps.base import f
from steps import base
@njit
def g(x):
    return f(x) * 10
@njit(int64(int64))
def signed(x):
    return base.f(x) * 100
def plain(x):
    return f(x) * 1000
"""
CELL = """
from numba import njit
from steps.base import f
from steps.user import g, signed, plain
@njit
def mine(x):
    return f(x) + g(x)
"""
ASK = "print(f(1), g(1), signed(1), plain(1), mine(1), f is __import__('steps.base').base.f)"


def said(number: int) -> str:
    return f"{number} {number * 10} {number * 100} {number * 1000} {number * 11} True\n"


@pytest.fixture
def steps(notebook: Notebook, tmp_path: Path) -> Path:
    write(tmp_path / "steps" / "__init__.py", "")
    write(tmp_path / "steps" / "user.py", USER)
    base = write(tmp_path / "steps" / "base.py", BASE)
    notebook.done(CELL)
    assert notebook.done(ASK).stdout == said(2)
    return base


def test_the_body_of_a_function_that_others_call(notebook: Notebook, steps: Path) -> None:
    for number in (2, 3, 1):
        write(steps, BASE.replace("x + 1", f"x + {number}"))
        assert notebook.done(ASK).stdout == said(1 + number)


def test_a_constant_that_it_reads(notebook: Notebook, steps: Path) -> None:
    for number in (5, 7):
        write(steps, f"N = {number}\n" + BASE.replace("x + 1", "x + N"))
        assert notebook.done(ASK).stdout == said(1 + number)


def test_its_arguments_and_their_defaults(notebook: Notebook, steps: Path) -> None:
    write(steps, BASE.replace("f(x)", "f(x, y=4)").replace("x + 1", "x + y"))
    assert notebook.done(ASK).stdout == said(5)
    assert notebook.value("f(1, 9)") == "10"


def test_a_new_function_that_it_calls_and_then_that_one(notebook: Notebook, steps: Path) -> None:
    for number in (9, 8):
        write(
            steps,
            BASE.replace("@njit", f"@njit\ndef k(x): return x + {number}\n@njit").replace("x + 1", "k(x)"),
        )
        assert notebook.done(ASK).stdout == said(1 + number)


def test_the_options_of_its_decorator(notebook: Notebook, steps: Path) -> None:
    write(steps, BASE.replace("@njit", "@njit(fastmath=True, cache=True)").replace("x + 1", "x + 3"))
    assert notebook.done(ASK).stdout == said(4)
    write(steps, BASE.replace("@njit", "@njit(fastmath=True, cache=True)").replace("x + 1", "x + 4"))
    assert notebook.done(ASK).stdout == said(5)


def test_what_has_nothing_to_do_with_the_edit_is_not_compiled_again(notebook: Notebook, steps: Path) -> None:
    notebook.done("@njit\ndef alone(x): return x\nalone(1)\ncompiled = list(alone.overloads.values())")
    write(steps, BASE.replace("x + 1", "x + 2"))
    assert notebook.done(ASK).stdout == said(3)
    assert notebook.value("list(alone.overloads.values()) == compiled") == "True"
