"""What headless runs record of the code that made their results, and running a notebook on that again."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from kept_versions import SESSION, command, git
from kernel_library import write
from kernel_notebook import SHIM, neutral_environment
from nbclient import NotebookClient

SAY = """_ = Path("tagger/words.py").write_text("def tag():\\n    return '{word}'\\n")"""


@pytest.fixture(autouse=True)
def headless(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str | None]) -> None:
    """The environment of this process is that of the kernels: no page, no server."""
    for name in os.environ.keys() - neutral_environment().keys():
        monkeypatch.delenv(name)
    for name, value in {**environment, "PYTHONPATH": str(SHIM), "PYSPARK_PYTHON": sys.executable}.items():
        assert value is not None
        monkeypatch.setenv(name, value)


def executed(folder: Path, cells: list[str], name: str = "demo.ipynb") -> Path:
    """Runs a new notebook as nbconvert and papermill do, and writes it."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(folder)}}).execute()
    path = folder / name
    nbformat.write(notebook, path)
    return path


def outputs(path: Path) -> list[list[Mapping[str, Any]]]:
    return [
        list(cell.outputs) for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"
    ]


def records(path: Path) -> list[Mapping[str, Any] | None]:
    """The record of each code cell."""
    found: list[Mapping[str, Any] | None] = []
    for cell in outputs(path):
        mine = [output["metadata"]["autoegg"] for output in cell if "autoegg" in output.get("metadata", {})]
        found.append(mine[-1] if mine else None)
    return found


def values(path: Path) -> list[str]:
    """The values of the cells that have one."""
    return [
        output["data"]["text/plain"]
        for cell in outputs(path)
        for output in cell
        if output["output_type"] == "execute_result"
    ]


CELLS = [
    "%load_ext autoegg\n%autoegg record on\nfrom pathlib import Path",
    "import tagger\ntagger.tag()",
    "1 + 1",
    SAY.format(word="two"),
    "tagger.tag()",
]


def test_a_notebook_says_what_its_cells_ran_on_and_gives_the_same_on_that(
    tagger: Path, environment: dict[str, str | None], tmp_path: Path
) -> None:
    write(tagger / "__init__.py", "import yaml\nfrom tagger.words import tag\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "tagger")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    path = executed(tmp_path, CELLS)
    nbformat.validate(nbformat.read(path, as_version=4))
    _, first, none, _, second = records(path)
    assert none is None and first is not None and second is not None
    assert first["schema"] == 1 and "PyYAML" in first["packages"]
    assert first["python"] == ".".join(map(str, sys.version_info[:3]))
    assert first["libraries"]["tagger"]["version"] != second["libraries"]["tagger"]["version"]
    assert values(path) == ["'one'", "2", "'two'"]

    # The library goes on, and the store is lost as far as git has what was in it.
    write(tagger / "words.py", 'def tag():\n    return "three"\n')
    answer = command(environment, "reproduce", str(path))
    assert answer.returncode == 0, answer
    then = first["libraries"]["tagger"]["version"]
    assert answer.stdout.splitlines()[:2] == [
        f"{path}: 2 of 5 code cells say what they ran on",
        f"  cell [2]  tagger {then[:4]}  is kept",
    ]
    # A cell that writes into the library is another story: the notebook is given one that does not.
    notebook = json.loads(path.read_text())
    notebook["cells"][3]["source"] = "pass"
    path.write_text(json.dumps(notebook))
    again = tmp_path / "again.ipynb"
    answer = command(environment, "reproduce", str(path), "-o", str(again))
    assert answer.returncode == 0, answer
    assert values(again) == ["'one'", "2", "'two'"]
    assert [record and record["libraries"]["tagger"]["version"] for record in records(again)[1:]] == [
        then,
        None,
        None,
        second["libraries"]["tagger"]["version"],
    ]
    assert 'return "three"' in (tagger / "words.py").read_text()
    refused = command(environment, "reproduce", str(path), "-o", str(path))
    assert "is the notebook itself" in refused.stderr

    # JupyterLab's page records in the metadata of the cells.
    notebook["cells"][4]["outputs"] = []
    of_page = {"schema": 1, "libraries": {"tagger": {"version": then, "commit": None, "clean": False}}}
    notebook["cells"][4]["metadata"]["autoegg"] = {**of_page, "python": first["python"], "spark": None}
    path.write_text(json.dumps(notebook))
    listed = command(environment, "reproduce", str(path)).stdout
    assert f"  cell [5]  tagger {then[:4]}  is kept" in listed.splitlines()


def test_what_cannot_be_had_is_said_for_each_cell_and_nothing_runs(
    tagger: Path, environment: dict[str, str | None], store: Path, tmp_path: Path
) -> None:
    path = executed(tmp_path, CELLS)
    shutil.rmtree(store / "eggs")
    answer = command(environment, "reproduce", str(path), "-o", str(tmp_path / "again.ipynb"))
    assert answer.returncode == 1 and not (tmp_path / "again.ipynb").exists()
    assert answer.stdout.count("cannot be had any more: its eggs are damaged in, or were removed") == 2
    assert "was not run, since not all that its cells ran on can be had" in answer.stderr
    # Of a notebook from another machine, nothing is known here.
    shutil.rmtree(store)
    answer = command(environment, "reproduce", str(path))
    assert answer.returncode == 1
    assert answer.stdout.count("is known here") == 2


def test_a_record_that_cannot_be_read_is_named(
    tagger: Path, environment: dict[str, str | None], tmp_path: Path
) -> None:
    path = executed(tmp_path, CELLS[:2])
    written = path.read_text()
    path.write_text(written.replace('"schema": 1', '"schema": 2'))
    answer = command(environment, "reproduce", str(path))
    assert (answer.returncode, answer.stderr) == (
        1,
        f"autoegg: {path}: the record of cell [2] has schema 2, which another version of autoegg writes: this one reads 1\n",
    )
    path.write_text(written.replace('"libraries"', '"others"'))
    assert "the record of cell [2] is not in the form" in command(environment, "reproduce", str(path)).stderr
    path.write_text("{")
    assert "is not a notebook of format 4" in command(environment, "reproduce", str(path)).stderr


def test_nothing_is_recorded_unasked(tagger: Path, tmp_path: Path) -> None:
    assert records(executed(tmp_path, ["%load_ext autoegg", *CELLS[1:3]])) == [None, None, None]


def test_with_spark_and_a_cell_on_another_version(
    tagger: Path, environment: dict[str, str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOEGG_RECORD", "1")
    first = executed(tmp_path, ["%load_ext autoegg\nimport tagger", "tagger.tag()"], "first.ipynb")
    record = records(first)[1]
    assert record is not None and record["spark"] is None
    one = record["libraries"]["tagger"]["version"]
    write(tagger / "words.py", 'def tag():\n    return "two"\n')
    cells = ["%load_ext autoegg", SESSION, "words()", f"%%autoegg at {one}\nwords()"]
    path = executed(tmp_path, cells)
    assert values(path) == ["['two']", "['one']"]
    _, _, now, at = records(path)
    assert now is not None and at is not None
    assert (at["libraries"]["tagger"]["version"], at["at"]) == (one, True)
    assert now["libraries"]["tagger"]["version"] != one and now["spark"]
    write(tagger / "words.py", 'def tag():\n    return "three"\n')
    again = tmp_path / "again.ipynb"
    answer = command(environment, "reproduce", str(path), "-o", str(again))
    assert answer.returncode == 0, answer
    assert values(again) == ["['two']", "['one']"]


def test_the_project_can_ask_for_the_record(
    tagger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "pyproject.toml"
    settings.write_text("[tool.autoegg]\nrecord = true\n")
    cells = ["%load_ext autoegg", "import tagger\ntagger.tag()", "1 + 1"]
    first, one, none = records(executed(tmp_path, cells))
    assert first is None and none is None and one is not None
    # It follows the file, and what the user says counts first.
    change = (
        'from pathlib import Path\n_ = Path("pyproject.toml").write_text("[tool.autoegg]\\nrecord = {}\\n")'
    )
    cells += [change.format("false"), "tagger.tag()", change.format("true"), "tagger.tag()"]
    cells += ["%autoegg record off", "tagger.tag()"]
    found = records(executed(tmp_path, cells))
    assert [record is not None for record in found] == [
        False,
        True,
        False,
        False,
        False,
        False,
        True,
        False,
        False,
    ]
    settings.write_text("[tool.autoegg]\nrecord = true\n")
    monkeypatch.setenv("AUTOEGG_RECORD", "0")
    assert records(executed(tmp_path, cells[:2])) == [None, None]
