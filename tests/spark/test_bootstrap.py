"""Which state counts: the one that the job carries, if it is of the same session as the one in the pickle; else that."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import isolated


def wire(session: str, generation: int, **more: bool) -> str:
    return json.dumps({"session": session, "generation": generation, "libraries": [], **more})


@pytest.mark.parametrize(
    ("embedded", "carried", "wanted"),
    [
        (wire("s", 3), None, 3),
        (wire("s", 3), wire("s", 5), 5),
        (wire("s", 5), wire("s", 3), 3),
        (wire("s", 3), wire("other", 9), 3),
        (wire("s", 3, keeps=True), wire("s", 5), 3),
        (wire("s", 3), "somebody else's", 3),
        (wire("s", 3), '{"session": "s"}', 3),
    ],
)
def test_the_state_of_the_job_counts_if_it_belongs_to_the_same_session(
    embedded: str, carried: Any, wanted: int
) -> None:
    code = "say(bootstrap.wanted(arguments['embedded'], arguments['carried'])['generation'])"
    assert isolated.run(code, embedded=embedded, carried=carried) == wanted


def test_nothing_is_done_again_while_nothing_has_changed(tmp_path: Path) -> None:
    code = """
import types
context = types.SimpleNamespace(_localProperties={})
task = sys.modules["pyspark.taskcontext"] = types.ModuleType("t")
task.TaskContext = types.SimpleNamespace(_taskContext=context)
files = sys.modules["pyspark.files"] = types.ModuleType("f")
files.SparkFiles = types.SimpleNamespace(_root_directory=arguments["root"])
calls = []
switch.to = lambda state, root: calls.append(state["generation"])
for embedded, carried in arguments["tasks"]:
    context._localProperties = {bootstrap.PROPERTY: carried} if carried else None
    bootstrap.enter(embedded)
say(calls)
"""
    one, two = wire("s", 1), wire("s", 2)
    tasks = [(one, None), (one, None), (one, two), (one, two), (two, two), (one, None)]
    assert isolated.run(code, tasks=tasks, root=tmp_path) == [1, 2, 2, 1]


def test_the_executors_folder_is_found_after_a_task_moved_away(tmp_path: Path) -> None:
    # On executors Spark names its folder "."; the parent of the worker stands in it.
    code = "import os\nos.chdir('/')\nsay([bootstrap.absolute('.'), bootstrap.absolute('/abs/olute')])"
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        assert isolated.run(code) == [str(tmp_path.resolve()), "/abs/olute"]
    finally:
        os.chdir(here)


def test_a_process_without_a_folder_for_eggs_refuses() -> None:
    code = "try:\n    bootstrap.enter(arguments['embedded']); say(None)\nexcept ImportError as error:\n    say(str(error))"
    assert "no folder for Spark's files" in isolated.run(code, embedded=wire("s", 1))
