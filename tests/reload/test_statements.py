"""What the texts say: which statements differ, what each uses, and what it may change in place."""

from __future__ import annotations

import ast

import pytest

from autoegg.reload.changes import changes_of
from autoegg.reload.edits import compare
from autoegg.reload.source import Source
from autoegg.reload.statements import read_names


def source(text: str) -> Source:
    return Source("/lib/a.py", text.encode(), "")


def executed(old: str, new: str) -> list[str]:
    edit = compare(source(old), source(new))
    assert edit is not None
    return [ast.unparse(node).partition("\n")[0] for node in edit.execute]


def test_a_changed_body_executes_nothing_and_is_known_by_its_method() -> None:
    edit = compare(
        source("class A:\n    def m(self): return 1\n"), source("class A:\n    def m(self): return 2\n")
    )
    assert edit is not None
    assert not edit.execute and edit.behaviour == {"A"} and edit.methods == {"A": {"m"}}


def test_only_new_statements_are_executed() -> None:
    assert executed("X = f()\nLOCK = Lock()\n", "X = g()\nLOCK = Lock()\n") == ["X = g()"]


def test_statements_with_effects_that_changed_places_are_executed_in_their_new_order() -> None:
    assert executed("a.add(1)\nb.add(2)\nc.add(3)\n", "b.add(2)\nc.add(3)\na.add(1)\n") == ["a.add(1)"]


def test_a_module_getattr_means_that_the_module_runs_as_a_whole() -> None:
    assert compare(source("x = 1\n"), source("x = 1\ndef __getattr__(n): return n\n")) is None


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("L.append(1)", {("L",)}),
        ("app.routes['x'] = f", {("app", "routes")}),
        ("f.tag = 1", {("f",)}),
        ("del D['k']", {("D",)}),
        ("N += 1", {("N",)}),
        ("register(x)", {("x", "")}),
        ("n = len(L) + D.get('k')", set()),
        ("def f(L): L.append(1)", set()),
        ("@app.route('/')\ndef f(): pass", {("app",)}),
    ],
)
def test_what_a_statement_may_change_in_place(text: str, changed: set[tuple[str, ...]]) -> None:
    assert changes_of(ast.parse(text).body[0]) == changed


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("def f(L):\n    L.append(1)\n    M.append(2)", {("M",)}),
        ("def f():\n    global n\n    n = 1", {("n",)}),
        ("class A:\n    @classmethod\n    def f(cls): cls.seen.append(1)", {("A",)}),
        ("def f():\n    M = []\n    M.append(1)", set()),
    ],
)
def test_what_calling_a_function_may_change_in_place(text: str, changed: set[tuple[str, ...]]) -> None:
    assert changes_of(ast.parse(text).body[0], inside=True) == changed


def test_uses_are_told_apart_from_what_is_only_passed_on() -> None:
    names = read_names(source("from .b import f, g, B\nR = f()\nT = {'g': g}\nclass C(B): pass\n"), "lib")
    _, call, table, cls = names.statements
    assert call.direct == {("f",)} and call.makes == {("f",)}
    assert table.held == {("g",)} and not table.direct
    assert cls.bases == {("B",)} and not cls.direct and names.aliases["B"] == ("lib.b", "B")


def test_what_is_made_in_a_class_is_told_apart_from_what_looks_at_the_class() -> None:
    names = read_names(source("class A:\n    x = F(1)\n    def m(self, y=G()): return F\n"), "lib")
    assert names.statements[0].makes == {("F",)}
    for text in (
        "class A(B):\n    x = F(1)\n",
        "@deco\nclass A:\n    x = F(1)\n",
        "class A:\n    x = F(F)\n",
    ):
        assert read_names(source(text), "lib").statements[0].makes == set()
