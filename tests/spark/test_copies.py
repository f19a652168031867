"""Functions inside library functions are pickled as a copy; it is told, once, when such a copy is no longer the code."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest

from autoegg.spark.classic.copies import Copies

SOURCE = """
PREFIX = "v1"
def helper(x):
    return x
def enrich():
    def inner(x):
        return PREFIX + helper(x)
    return inner
class Steps:
    @staticmethod
    def step():
        return lambda x: x + 1
def other():
    return 1
"""


@pytest.fixture
def module() -> Iterator[Any]:
    made = types.ModuleType("copied_library.code")
    sys.modules[made.__name__] = made
    exec(SOURCE, made.__dict__)
    yield made
    del sys.modules[made.__name__]


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("helper(x)\n    return inner", "helper(x + 1)\n    return inner", ["enrich.<locals>.inner"]),
        ('"v1"', '"v2"', ["enrich.<locals>.inner"]),
        ("x + 1", "x + 2", ["Steps.step.<locals>.<lambda>"]),
        ("return 1", "return 2", []),
        ("def other", "\n\n\ndef other", []),
        ("def enrich", "\n\n\ndef enrich", []),
        ("def enrich", "def renamed", ["enrich.<locals>.inner"]),
    ],
)
def test_a_copy_is_reported_if_and_only_if_it_differs(
    module: Any, capsys: pytest.CaptureFixture[str], old: str, new: str, names: list[str]
) -> None:
    copies = Copies()
    copies.note(module.enrich())
    copies.note(module.Steps.step())
    copies.moved(["copied_library"])
    for name in ("enrich",):
        del module.__dict__[name]
    exec(SOURCE.replace(old, new), module.__dict__)
    copies.moved(["some_other_library"])
    assert capsys.readouterr().err == ""
    copies.moved(["copied_library"])
    told = capsys.readouterr().err.splitlines()
    assert [line.split(" ")[1] for line in told] == [f"copied_library.code.{name}" for name in names]
    copies.moved(["copied_library"])
    assert capsys.readouterr().err == "", "once"


def test_it_learns_what_spark_pickled(spark: Any, notebook: Any, capsys: pytest.CaptureFixture[str]) -> None:
    source = "def make():\n    return lambda row: 'v1'\n"
    library = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": source})
    code = importlib.import_module(f"{library.name}.code")
    rdd = spark.sparkContext.parallelize(range(4), 2).map(code.make())
    assert set(rdd.collect()) == {"v1"}
    library.edit({f"{library.name}/code.py": source.replace("v1", "v2")})
    exec(source.replace("v1", "v2"), code.__dict__)  # the driver's reload, as far as it matters here
    notebook.ship()
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("autoegg:")]
    assert len(told) == 1 and f"{code.__name__}.make.<locals>.<lambda> has changed" in told[0]
    assert set(rdd.collect()) == {"v1"}, "the limit that was told"
    assert set(spark.sparkContext.parallelize(range(4), 2).map(code.make()).collect()) == {"v2"}
