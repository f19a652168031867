"""JupyterLab's debugger attached to the kernel: breakpoints in library files hit, whatever was reloaded in between."""

from __future__ import annotations

from pathlib import Path

from kernel_library import Open, write
from kernel_notebook import Notebook
from living_channels import Debugger, finish_all

BEFORE = """
def tag(word):
    kind = "one"
    return word + kind
"""
AFTER = """
LIMIT = 7


def helper(word):
    return word * 2


def tag(word):
    kind = "two"
    longer = helper(word)
    return longer + kind
"""


def library(tmp_path: Path) -> str:
    write(tmp_path / "words.py", BEFORE)
    return str(tmp_path / "words.py")


def run_to_stop(
    notebook: Notebook, debugger: Debugger, cell: str
) -> tuple[tuple[str, int, dict[str, str]], str]:
    """Where the cell stopped, and what it printed when it went on."""
    message = notebook.start(cell)
    at = debugger.stopped()
    (outcome,) = finish_all(notebook, [message])
    assert outcome.ok, outcome
    return at, outcome.stdout


def test_a_breakpoint_hits_before_and_after_the_file_was_reloaded(notebook: Notebook, tmp_path: Path) -> None:
    file = library(tmp_path)
    notebook.done("from words import tag")
    debugger = Debugger(notebook)
    assert debugger.break_at(file, 3)[0]["verified"]
    debugger.ready()
    (where, line, names), printed = run_to_stop(notebook, debugger, "print(tag('a'))")
    assert (where, line, printed) == (file, 3, "aone\n")
    assert names["kind"] == "'one'"

    write(tmp_path / "words.py", AFTER)
    debugger.break_at(file, 11)  # the page moves its breakpoints with the text
    (where, line, names), printed = run_to_stop(notebook, debugger, "print(tag('a'))")
    assert (where, line, printed) == (file, 11, "aatwo\n")
    assert names["longer"] == "'aa'"
    assert names["kind"] == "'two'"


def test_a_breakpoint_that_was_set_once_hits_in_code_that_came_later(
    open_notebook: Open, tmp_path: Path
) -> None:
    file = library(tmp_path)
    notebook = open_notebook()
    notebook.done("import words")
    debugger = Debugger(notebook)
    debugger.break_at(file, 3)
    debugger.ready()
    write(tmp_path / "words.py", BEFORE.replace("one", "three"))
    (_, line, names), printed = run_to_stop(notebook, debugger, "print(words.tag('a'))")
    assert (line, names["kind"], printed) == (3, "'three'", "athree\n")


def test_a_breakpoint_in_code_that_runs_while_the_module_is_reloaded_hits(
    notebook: Notebook, tmp_path: Path
) -> None:
    file = library(tmp_path)
    notebook.done("import words")
    debugger = Debugger(notebook)
    debugger.break_at(file, 2)
    debugger.ready()
    write(tmp_path / "words.py", "import os\nSEPARATOR = os.sep * 2\n" + BEFORE)
    (where, line, _), printed = run_to_stop(notebook, debugger, "print(words.SEPARATOR)")
    assert (where, line, printed) == (file, 2, "//\n")
