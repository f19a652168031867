"""Notebooks with records are compared and merged by nbdime like any others."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from kernel_library import say
from kernel_notebook import SHIM, neutral_environment
from nbclient import NotebookClient
from nbdime.diffing.notebooks import diff_notebooks
from nbdime.patching import patch_notebook

CELLS = [
    "%load_ext autoegg\n%autoegg record on",
    "import tagger\ntagger.tag()",
    "tagger.tag() * 2",
    "# a note",
]


@pytest.fixture(autouse=True)
def headless(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str | None]) -> None:
    for name in os.environ.keys() - neutral_environment().keys():
        monkeypatch.delenv(name)
    for name, value in {**environment, "PYTHONPATH": str(SHIM)}.items():
        assert value is not None
        monkeypatch.setenv(name, value)


def run(notebook: Any, folder: Path) -> Any:
    """The notebook with the results that its cells give now, and their records: below the cells as ``%autoegg record`` writes
    them, and in the cells' metadata as JupyterLab's page does.
    """
    ran = copy.deepcopy(notebook)
    NotebookClient(ran, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    for cell in ran.cells:
        for output in cell.outputs:
            if "autoegg" in output.get("metadata", {}):
                record = output.metadata.autoegg
                cell.metadata.autoegg = {key: value for key, value in record.items() if key != "packages"}
    nbformat.validate(ran)
    return ran


@pytest.fixture
def runs(tagger: Path, tmp_path: Path) -> tuple[Any, Any, Any]:
    """One notebook, and two of its colleagues': run on other versions, each with a cell of its own edited."""
    base = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS])
    base.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    base = run(base, tmp_path)
    mine, theirs = copy.deepcopy(base), copy.deepcopy(base)
    say(tagger, "mine")
    mine.cells[1].source += "  # mine"
    say(tagger, "theirs")
    theirs = run(theirs, tmp_path)
    theirs.cells[3].source += " of theirs"
    say(tagger, "mine")
    return base, run(mine, tmp_path), theirs


def versions(notebook: Any) -> list[str]:
    return [
        cell.metadata.autoegg.libraries.tagger.version
        for cell in notebook.cells
        if "autoegg" in cell.metadata
    ]


def test_a_difference_tells_what_was_run_on_another_version(runs: tuple[Any, Any, Any]) -> None:
    base, mine, _ = runs
    assert len(versions(base)) == 2 and not set(versions(base)) & set(versions(mine))
    difference = diff_notebooks(base, mine)
    assert difference
    assert patch_notebook(base, difference) == mine
    assert diff_notebooks(mine, mine) == []


def test_a_merge_gives_a_notebook_whose_records_can_be_read(
    runs: tuple[Any, Any, Any], tmp_path: Path
) -> None:
    base, mine, theirs = runs
    for name, notebook in (("base", base), ("mine", mine), ("theirs", theirs), ("note", copy.deepcopy(base))):
        if name == "note":
            notebook.cells[3].source += " of theirs"
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    assert merge(tmp_path, "note") == 0
    merged = nbformat.read(tmp_path / "merged.ipynb", as_version=4)
    nbformat.validate(merged)
    assert versions(merged) == versions(mine)
    assert merged.cells[3].source == "# a note of theirs" and merged.cells[1].source.endswith("# mine")
    # Both have run it: nbdime asks which of the two results, and the file is a notebook all the same.
    assert merge(tmp_path, "theirs") in (0, 1)
    nbformat.validate(nbformat.read(tmp_path / "merged.ipynb", as_version=4))
    assert merge(tmp_path, "theirs", "--merge-strategy", "use-remote") == 0
    merged = nbformat.read(tmp_path / "merged.ipynb", as_version=4)
    nbformat.validate(merged)
    assert versions(merged) == versions(theirs)


def merge(folder: Path, theirs: str, *options: str) -> int:
    names = [str(folder / f"{name}.ipynb") for name in ("base", "mine", theirs)]
    command = [
        sys.executable,
        "-m",
        "nbdime",
        "merge",
        *names,
        "--out",
        str(folder / "merged.ipynb"),
        *options,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode
