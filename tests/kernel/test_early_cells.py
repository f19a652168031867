"""Cells that ran before the extension was there, and cells of which the kernel is told no id, are known all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kernel_library import Open, say
from kernel_notebook import Notebook

from autoegg.kernel.cells import print_of


def numbered(notebook: Notebook) -> dict[int, dict[str, Any]]:
    """Prompt number to what the kernel says of a run without an id."""
    runs = notebook.action("state()")["state"]["runs"]
    return {run["count"]: run for run in runs["numbered"]}


def early(notebook: Notebook) -> list[int]:
    return [count for count, run in numbered(notebook).items() if run["early"]]


def test_cells_that_used_a_library_before_the_extension_was_loaded_are_reported_with_the_cure(
    open_notebook: Open, tagger: Path
) -> None:
    notebook = open_notebook(load=False)
    notebook.done("import tagger")
    notebook.done("x = 1")
    notebook.done("word = tagger.tag()")
    assert not notebook.run("not python(").ok
    notebook.done("%time print(word)")
    said = notebook.done("%load_ext autoegg").stderr
    (line,) = said.splitlines()
    assert line.startswith(
        "autoegg: cells [1], [3], [5] used your library before autoegg was loaded in this kernel"
    )
    assert "`autoegg enable`" in line
    assert early(notebook) == [1, 3, 5]
    assert numbered(notebook)[3]["source"] == print_of("word = tagger.tag()")
    # What they have made is known to come from the library.
    say(tagger, "two")
    notebook.done("later = word")
    version = notebook.action("state()")["state"]["libraries"][0]["version"]
    runs = notebook.action("state()")["state"]["runs"]
    (later,) = (run for run in runs["numbered"] if run["source"] == print_of("later = word"))
    assert runs["codes"][later["code"]] == {"tagger": version}


def test_the_page_that_loads_the_extension_learns_it_from_the_state(
    open_notebook: Open, tagger: Path
) -> None:
    notebook = open_notebook(load=False)
    notebook.finish(notebook.start("import tagger", cell="a"))
    load = "get_ipython().run_line_magic('load_ext', 'autoegg')"
    notebook.finish(notebook.start(load, silent=True))
    assert early(notebook) == [1]
    notebook.finish(notebook.start("import tagger", cell="a"))
    runs = notebook.action("state()")["state"]["runs"]
    assert runs["cells"]["a"]["code"] is not None
    # The library is known at once, not only with the next cell.
    assert [library["name"] for library in notebook.action("state()")["state"]["libraries"]] == ["tagger"]


@pytest.mark.parametrize("before", ["x = 1", "import json\njson.dumps(1)"])
def test_nothing_is_reported_where_no_library_was_used_before(
    open_notebook: Open, tagger: Path, before: str
) -> None:
    notebook = open_notebook(load=False)
    notebook.done(before)
    assert notebook.done("%load_ext autoegg").stderr == ""
    assert early(notebook) == []


def test_only_cells_that_ran_while_the_extension_was_unloaded_are_reported(
    notebook: Notebook, tagger: Path
) -> None:
    notebook.done("import tagger")
    assert notebook.done("%reload_ext autoegg").stderr == ""
    notebook.done("%unload_ext autoegg")
    notebook.done("tagger.tag()")
    assert notebook.done("%load_ext autoegg").stderr.startswith("autoegg: cell [5] used your library before")


def test_a_cell_without_an_id_is_known_by_its_number_and_its_code(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import tagger")
    notebook.done("x = 1")
    version = notebook.action("state()")["state"]["libraries"][0]["version"]
    runs = notebook.action("state()")["state"]["runs"]
    # Cell 1 is `%load_ext autoegg`.
    one, two = (run for run in runs["numbered"] if run["count"] in (2, 3))
    assert runs["codes"][one["code"]] == {"tagger": version}
    assert (one["source"], one["early"], one["refused"]) == (print_of("import tagger"), False, False)
    assert two["code"] is None
    (tagger / "words.py").write_text("broken(\n")
    assert not notebook.run("tagger.tag()").ok
    assert numbered(notebook)[4]["refused"]
    assert notebook.finish(notebook.start("1", cell="a")).ok is False
    assert set(numbered(notebook)) == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("", "0.0"),
        ("a", "1.97"),
        ("  x = 1\n", "5.111835494"),
        ("tag 🙂 ü", "8.878255623"),
        ("z" * 50, "50.-1690976960"),
    ],
)
def test_the_print_of_a_code_is_the_one_that_the_page_makes(source: str, shown: str) -> None:
    """`src/lab/cells/print.spec.ts` has the same examples."""
    assert print_of(source) == shown
