"""Every scenario: after the edit, the notebook sees what a fresh process sees, and has what it did itself."""

from __future__ import annotations

import pickle
import sys
import types
from pathlib import Path

import pytest
import scenarios_class_kinds  # noqa: F401
import scenarios_classes  # noqa: F401
import scenarios_functions  # noqa: F401
import scenarios_mentions  # noqa: F401
import scenarios_modules  # noqa: F401
import scenarios_moves  # noqa: F401
import scenarios_records  # noqa: F401
import scenarios_references  # noqa: F401
import scenarios_stars  # noqa: F401
import scenarios_state  # noqa: F401
import scenarios_structure  # noqa: F401
from reload_harness import Notebook
from scenario import ALL, Scenario, in_library

from autoegg.errors import AutoeggError


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_fresh_run_with_the_notebooks_state(case: Scenario, tmp_path: Path) -> None:
    files = in_library({"__init__.py": "", **case.files})
    with Notebook(tmp_path, files) as notebook:  # type: ignore[arg-type]
        notebook.run(case.cells)
        if case.refused:
            with pytest.raises(AutoeggError) as caught:
                notebook.edit(in_library(case.edit))
            sentence = str(caught.value)
            assert all(words in sentence for words in case.refused) and "\n" not in sentence, sentence
            notebook.run(case.check)
            return
        report = notebook.edit(in_library(case.edit))
        notebook.run(case.check)
        said = "\n".join(report.lines)
        assert all(words in said for words in case.says), said
        assert case.says or not said, f"the report should be silent: {said}"
        if case.runs is not None:
            assert set(report.executed) == set(case.runs)
        assert not notebook.reloader.reload(None).changed, "the disk has not moved since"
        survivors_pickle_by_reference(notebook)


@pytest.mark.parametrize(
    "case", [case for case in ALL if not (case.keeps or case.refused)], ids=lambda case: case.name
)
def test_all_of_it_run_again(case: Scenario, tmp_path: Path) -> None:
    files = in_library({"__init__.py": "", **case.files})
    with Notebook(tmp_path, files) as notebook:  # type: ignore[arg-type]
        notebook.run(case.cells)
        notebook.edit(in_library(case.edit))
        notebook.reloader.run_again_whole(notebook.reloader.modules)
        notebook.run(case.check)


def survivors_pickle_by_reference(notebook: Notebook) -> None:
    for name, value in notebook.namespace.items():
        if type(value) in (types.FunctionType, type) and value.__module__.partition(".")[0] == "lib":
            if "<" in value.__qualname__ or name in ("was", "old"):
                continue
            module = sys.modules.get(value.__module__)
            if module is None or value.__name__ not in vars(module):
                continue  # buried: the library no longer has it
            if type(value) is types.FunctionType and value.__globals__ is not vars(module):
                continue  # another package's wrapper, which only bears the name
            assert pickle.loads(pickle.dumps(value)) is value, name
