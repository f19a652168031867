"""``verify`` compares what driver and workers have of the same modules: code, values at import, and run-time state apart."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autoegg.contents import shares
from autoegg.kernel.proof import Proof
from autoegg.kernel.same_values import compare
from autoegg.spark import Had, Row

TEXT = """
import os
from pathlib import Path
HERE = Path(__file__).parent / "data.txt"
HOST = os.environ.get("AUTOEGG_TEST_HOST")
CACHE = {}
COUNT = 0
class Job:
    limit = 1
    made = 0
    def __init__(self): Job.made += 1
def work(n=HOST):
    global COUNT
    COUNT += 1
    CACHE[n] = n
    return HERE
"""
MODULE = "some_shipped_library"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    sys.modules.pop(MODULE, None)


def loaded(folder: Path, text: str = TEXT) -> Had:
    """What a process has that has imported the text from this folder."""
    folder.mkdir(exist_ok=True)
    (folder / f"{MODULE}.py").write_text(text)
    sys.modules.pop(MODULE, None)
    sys.path.insert(0, str(folder))
    try:
        __import__(MODULE)
    finally:
        sys.path.remove(str(folder))
    return told(folder)


def told(folder: Path) -> Had:
    return Had("0", "node", 7, frozenset([MODULE]), shares([MODULE], [str(folder)]), sys.version)


def test_the_same_files_imported_elsewhere_are_the_same(folder: Path) -> None:
    worker = loaded(folder / "worker")
    loaded(folder / "driver")
    found = compare([worker], (), [str(folder / "driver")])
    assert list(found.lines()) == [
        "same code in the 1 module that tasks have imported",
        "same values at import",
    ]


def test_what_functions_change_while_they_run_is_distinguished(folder: Path) -> None:
    worker = loaded(folder / "worker")
    loaded(folder / "driver")
    module = sys.modules[MODULE]
    module.work(1)
    module.Job()
    lines = list(compare([worker], (), [str(folder / "driver")]).lines())
    assert lines[1] == "same values at import"
    names = [f"{MODULE}.{name} (executor 0)" for name in ("CACHE", "COUNT", "Job")]
    assert lines[2:] == [f"run-time state differs, which is no error: {', '.join(names)}"]


def test_a_value_that_the_import_makes_otherwise_there_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOEGG_TEST_HOST", "node")
    worker = loaded(folder / "worker")
    monkeypatch.setenv("AUTOEGG_TEST_HOST", "laptop")
    loaded(folder / "driver")
    lines = list(compare([worker], (), [str(folder / "driver")]).lines())
    assert lines == [
        "same code in the 1 module that tasks have imported",
        f"values at import differ: {MODULE}.HOST (executor 0), {MODULE}.work (executor 0)",
    ]


def test_what_the_notebook_has_set_is_run_time_state(folder: Path) -> None:
    worker = loaded(folder / "worker")
    loaded(folder / "driver")
    sys.modules[MODULE].HOST = "set by a cell"
    lines = list(compare([worker], {f"{MODULE}:HOST"}, [str(folder / "driver")]).lines())
    assert lines[1:] == [
        "same values at import",
        f"run-time state differs, which is no error: {MODULE}.HOST (executor 0)",
    ]


def test_other_code_is_named(folder: Path) -> None:
    worker = loaded(folder / "worker")
    loaded(folder / "driver", TEXT.replace("COUNT += 1", "COUNT += 2"))
    first = next(compare([worker], (), [str(folder / "driver")]).lines())
    assert first == f"code that differs from the driver's: {MODULE}.work (executor 0)"


def test_another_python_is_said_and_not_compared(folder: Path) -> None:
    worker = replace(loaded(folder / "worker"), python="3.9.1 (main)")
    assert list(compare([worker], (), []).lines()) == [
        "executor 0 runs Python 3.9.1, so the contents of its modules were not compared"
    ]


def test_it_stands_below_the_verdict_on_the_versions(folder: Path) -> None:
    same = compare([loaded(folder)], (), [str(folder)])
    version = "7a21" + "0" * 60
    rows = [
        Row("driver", "driver", "h", 1, "lib", version, True),
        Row("executor", "0", "n", 7, "lib", version, True),
    ]
    proof = Proof(rows, same=same)
    assert proof.verdict == ["driver and executors agree"]
    assert repr(proof).splitlines()[-3:] == [*proof.verdict, *same.lines()]
    assert all(line in proof._repr_html_() for line in same.lines())
