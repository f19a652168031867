"""Cython in the same kernel: what it has compiled cannot be loaded again, so a change of it is refused, never missed."""

from __future__ import annotations

from pathlib import Path

from kernel_library import Open, say, write
from kernel_notebook import Notebook


def test_a_change_of_a_module_that_pyximport_has_built_is_refused_by_name(
    open_notebook: Open, tmp_path: Path
) -> None:
    notebook = open_notebook(env={"HOME": str(tmp_path / "home")})  # pyximport builds into ~/.pyxbld
    write(tmp_path / "quick" / "__init__.py", "")
    write(tmp_path / "quick" / "sums.pyx", "def total(int n):\n    return n + 1\n")
    notebook.done("import pyximport; pyximport.install(language_level=3)")
    assert notebook.value("from quick import sums\nsums.total(1)") == "2"
    write(tmp_path / "quick" / "sums.pyx", "def total(int n):\n    return n + 2\n")
    refused = notebook.run("sums.total(1)")
    assert refused.ename == "RestartNeeded"
    assert refused.evalue.startswith("sums.pyx changed: quick.sums was loaded by pyximport")
    write(tmp_path / "quick" / "sums.pyx", "def total(int n):\n    return n + 1\n")
    assert notebook.value("sums.total(1)") == "2"


def test_functions_of_a_cython_cell_stay_while_a_library_is_reloaded_and_follow_their_cell(
    notebook: Notebook, tagger: Path
) -> None:
    notebook.done("%load_ext Cython")
    notebook.done("from tagger import tag")
    notebook.done("%%cython\ndef twice(text):\n    return text * 2\n")
    assert notebook.value("twice(tag())") == "'oneone'"
    say(tagger, "two")
    assert notebook.value("twice(tag())") == "'twotwo'"
    notebook.done("%%cython\ndef twice(text):\n    return text * 3\n")
    say(tagger, "three")
    assert notebook.value("twice(tag())") == "'threethreethree'"
