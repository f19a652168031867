"""The demo's edits, its notebook, and the check that runs it can all fail."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

DEMO = Path(__file__).resolve().parents[2] / "demo"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO, tmp_path / "demo"))


def edit(copy: Path, name: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, copy / "edit.py", name], capture_output=True, text=True)


def compiles(copy: Path) -> bool:
    try:
        compile((copy / "src" / "tagscrape" / "image.py").read_text(), "image.py", "exec")
    except SyntaxError:
        return False
    return True


def test_the_edits_add_a_domain_break_the_file_and_repair_it(copy: Path) -> None:
    assert "+        self.domain" in edit(copy, "domain").stdout
    with_domain = (copy / "src" / "tagscrape" / "image.py").read_text()
    edit(copy, "break")
    assert not compiles(copy)
    edit(copy, "repair")
    assert (copy / "src" / "tagscrape" / "image.py").read_text() == with_domain


def test_an_edit_that_was_made_before_says_so_and_changes_nothing(copy: Path) -> None:
    for name in ("domain", "break"):
        edit(copy, name)
        before = (copy / "src" / "tagscrape" / "image.py").read_text()
        second = edit(copy, name)
        assert second.returncode == 0 and "has this edit already" in second.stdout
        assert (copy / "src" / "tagscrape" / "image.py").read_text() == before


def test_a_file_that_was_changed_by_hand_is_left_alone_and_put_back_when_asked(copy: Path) -> None:
    file = copy / "src" / "tagscrape" / "image.py"
    original = file.read_text()
    assert "as it was in the beginning" in edit(copy, "reset").stdout
    file.write_text(original.replace("self.tag = tag", "self.label = tag"))
    assert "changed by hand" in edit(copy, "break").stdout
    assert "self.label" in file.read_text()
    edit(copy, "reset")
    assert file.read_text() == original == (DEMO / "src" / "tagscrape" / "image.py").read_text()


def test_no_cell_insists_on_what_the_reader_is_invited_to_change() -> None:
    cells = json.loads((DEMO / "demo.ipynb").read_text(encoding="utf-8"))["cells"]
    insisting = ["".join(cell["source"]) for cell in cells if "assert" in "".join(cell["source"])]
    assert all(".egg/" in source for source in insisting), (
        "where workers import from does not depend on the code"
    )


def test_the_notebook_is_committed_without_outputs_and_names_each_step() -> None:
    cells = json.loads((DEMO / "demo.ipynb").read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
    titles = [cell["metadata"]["autoegg-demo"]["step"] for cell in code]
    assert len(set(titles)) == len(titles)


def test_the_check_reports_each_process_on_another_version(check: ModuleType) -> None:
    ran = check.Ran("a" * 64, {"0": "b" * 64, "1": None}, {7: "c" * 64})
    assert check.disagreements(ran, "a" * 64, executors=2) == [
        "worker 7 imported from cccccccc, the disk held aaaaaaaa",
        "executor 0 ran bbbbbbbb, the disk held aaaaaaaa",
        "executor 1 ran unreached, the disk held aaaaaaaa",
    ]


def test_the_check_misses_an_executor_that_is_not_listed(check: ModuleType) -> None:
    ran = check.Ran("a" * 64, {"0": "a" * 64}, {7: "a" * 64})
    assert check.disagreements(ran, "a" * 64, executors=2) == ["1 executors answered, there should be 2"]


def test_the_check_accepts_agreement(check: ModuleType) -> None:
    ran = check.Ran("a" * 64, {"driver": "a" * 64}, {7: "a" * 64})
    assert check.disagreements(ran, "a" * 64, executors=1) == []
