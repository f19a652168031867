"""Edits that people made, and their kind: after each the notebook sees what a fresh process sees, and keeps what it did itself."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import field_by_hand  # noqa: F401
import field_by_text  # noqa: F401
import field_class_bodies  # noqa: F401
import field_rebinding  # noqa: F401
import field_registered  # noqa: F401
import field_remembered  # noqa: F401
import field_weak  # noqa: F401
import pytest
from reload_harness import Notebook
from scenario import FIELD, Scenario, in_library


@pytest.mark.parametrize("case", FIELD, ids=lambda case: case.name)
def test_an_edit_as_people_make_it(case: Scenario, tmp_path: Path) -> None:
    files = in_library({"__init__.py": "", **case.files})
    with Notebook(tmp_path, files) as notebook:  # type: ignore[arg-type]
        notebook.run(case.cells)
        report = notebook.edit(in_library(case.edit))
        said = "\n".join(report.lines)
        notebook.namespace["said"] = said
        notebook.run(case.check)
        assert all(words in said for words in case.says), said
        surprising = [line for line in report.lines if not any(word in line for word in case.may_say)]
        assert case.says or not surprising, f"the report should not say: {surprising}"


def test_expectations_hold_in_fresh_processes(tmp_path: Path) -> None:
    """With the edited files from the start; in one process that forks for each case."""
    program = ["import os, sys, traceback"]
    for number, case in enumerate(FIELD):
        if case.keeps:
            continue
        root = tmp_path / str(number)
        for name, text in in_library({"__init__.py": "", **case.files, **case.edit}).items():
            if text is not None:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(textwrap.dedent(text))
        cells = "\n".join(line for line in case.cells.splitlines() if not line.startswith("assert "))
        case_program = f"said = ''\n{cells}\n{case.check}"
        program.append(
            f"""
if not os.fork():
    sys.path[:0] = [{str(root)!r}, {str(root / "site-packages")!r}]
    try:
        exec({case_program!r}, {{"__name__": "__main__"}})
    except BaseException:
        print({case.name!r}, traceback.format_exc().splitlines()[-1])
    sys.stdout.flush()
    os._exit(0)
os.wait()
"""
        )
    done = subprocess.run(
        [sys.executable, "-B", "-c", "\n".join(program)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert not done.stdout, done.stdout
