"""What a kernel tells of itself for the browser to show: history, pinned versions, cells and their versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kernel_library import say, write
from kernel_notebook import Notebook


def library(notebook: Notebook, name: str = "tagger") -> dict[str, Any]:
    libraries = notebook.action("state()")["state"]["libraries"]
    return next(library for library in libraries if library["name"] == name)


def run(notebook: Notebook, cell: str, code: str) -> Any:
    """Runs a cell under an id, as JupyterLab does."""
    return notebook.finish(notebook.start(code, cell=cell))


def ran_on(notebook: Notebook) -> dict[str, dict[str, str]]:
    """Cell id to the first digits of the versions that it ran on."""
    runs = notebook.action("state()")["state"]["runs"]
    return {
        cell: runs["codes"][run["code"]] for cell, run in runs["cells"].items() if run["code"] is not None
    }


def test_each_version_that_the_driver_ran_is_remembered_with_its_files_and_its_cell(
    notebook: Notebook, tagger: Path
) -> None:
    notebook.done("import tagger")
    say(tagger, "two")
    write(tagger / "extra.py", "X = 1\n")
    notebook.done("1")
    notebook.done("2")
    newest, first = library(notebook)["history"]
    assert newest["version"] == library(notebook)["version"] != first["version"]
    assert (newest["files"], newest["changes"]) == (["tagger/extra.py", "tagger/words.py"], 2)
    # Cell 1 is `%load_ext autoegg`.
    assert (first["cell"], newest["cell"]) == (2, 3)
    say(tagger, "three")
    assert notebook.action("ship()")["ok"]
    assert library(notebook)["history"][0]["cell"] is None


def test_a_version_that_was_run_before_is_run_again_and_survives_saves_until_it_is_released(
    notebook: Notebook, tagger: Path
) -> None:
    notebook.done("from tagger import tag")
    first = library(notebook)["version"]
    say(tagger, "two")
    assert notebook.value("tag()") == "'two'"
    answer = notebook.action(f'pin("tagger", "{first}")')
    assert answer["ok"], answer
    assert answer["state"]["libraries"][0]["pinned"] == first
    assert answer["state"]["libraries"][0]["condition"] == "pinned"
    assert notebook.value("tag()") == "'one'"
    say(tagger, "three")
    assert notebook.value("tag()") == "'one'"
    write(tagger / "words.py", "broken(\n")
    assert notebook.value("tag()") == "'one'"
    refused = notebook.action('release("tagger")')
    assert not refused["ok"]
    assert notebook.value("tag()") == "'one'"
    say(tagger, "four")
    assert notebook.action('release("tagger")')["ok"]
    assert notebook.value("tag()") == "'four'"
    assert library(notebook)["condition"] == "current"
    assert "  up to date  " in notebook.done("%autoegg").stdout


def test_a_module_that_a_pinned_version_does_not_have_cannot_be_imported(
    notebook: Notebook, tagger: Path
) -> None:
    notebook.done("import tagger")
    first = library(notebook)["version"]
    write(tagger / "extra.py", "X = 1\n")
    notebook.done("1")
    assert library(notebook)["version"] != first
    assert notebook.action(f'pin("tagger", "{first}")')["ok"]
    gone = notebook.run("import tagger.extra")
    assert not gone.ok
    assert "extra.py is not in the version" in gone.evalue
    assert notebook.action('release("tagger")')["ok"]
    assert notebook.value("import tagger.extra\ntagger.extra.X") == "1"


def test_a_version_without_a_module_that_is_loaded_cannot_be_pinned(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import tagger")
    first = library(notebook)["version"]
    write(tagger / "extra.py", "X = 1\n")
    notebook.done("import tagger.extra")
    answer = notebook.action(f'pin("tagger", "{first}")')
    assert not answer["ok"]
    assert "extra.py is loaded" in answer["message"]
    assert library(notebook)["condition"] == "current"


def test_a_version_that_was_never_run_cannot_be_pinned(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import tagger")
    answer = notebook.action('pin("tagger", "ffff")')
    assert not answer["ok"]
    assert "ffff" in answer["message"]
    assert not notebook.action('pin("nothing", "ffff")')["ok"]


def test_a_cell_is_known_by_the_versions_that_it_used_and_what_was_made_from_them(
    notebook: Notebook, tagger: Path
) -> None:
    run(notebook, "import", "import tagger")
    run(notebook, "call", "words = [tagger.tag()]")
    run(notebook, "derived", "print(words)")
    run(notebook, "other", "x = 1")
    run(notebook, "timed", "%%time\ntagger.tag()")
    first = {"tagger": library(notebook)["version"]}
    assert ran_on(notebook) == {"import": first, "call": first, "derived": first, "timed": first}
    say(tagger, "two")
    run(notebook, "call", "words = [tagger.tag()]")
    second = {"tagger": library(notebook)["version"]}
    assert second != first
    assert ran_on(notebook) == {"import": first, "call": second, "derived": first, "timed": first}


def test_a_cell_that_uses_a_namespace_package_by_any_of_its_names_is_known_by_it(
    notebook: Notebook, tmp_path: Path
) -> None:
    write(tmp_path / "acme" / "billing" / "rates.py", "RATE = 1\ndef rate():\n    return RATE\n")
    run(notebook, "import", "import acme.billing.rates")
    run(notebook, "dotted", "acme.billing.rates.RATE")
    run(notebook, "from", "from acme.billing.rates import rate")
    run(notebook, "call", "rate()")
    run(notebook, "other", "import json")
    assert set(ran_on(notebook)) == {"import", "dotted", "from", "call"}


def test_a_cell_that_was_refused_has_run_on_nothing(notebook: Notebook, tagger: Path) -> None:
    run(notebook, "call", "import tagger\ntagger.tag()")
    write(tagger / "words.py", "broken(\n")
    assert run(notebook, "call", "import tagger\ntagger.tag()").ename == "LibraryBroken"
    assert ran_on(notebook) == {}
    assert notebook.action("state()")["state"]["runs"]["cells"]["call"]["refused"]
    run(notebook, "slip", "no python(")
    assert not notebook.action("state()")["state"]["runs"]["cells"]["slip"]["refused"]


def test_a_name_that_is_bound_to_something_else_no_longer_depends_on_the_library(
    notebook: Notebook, tagger: Path
) -> None:
    run(notebook, "call", "import tagger\nword = tagger.tag()")
    run(notebook, "again", "word = 'plain'")
    run(notebook, "use", "print(word)")
    assert set(ran_on(notebook)) == {"call"}


def test_a_library_is_added_and_removed_from_the_browser(
    notebook: Notebook, tagger: Path, tmp_path: Path
) -> None:
    write(tmp_path / "project" / "src" / "extra" / "__init__.py", "")
    answer = notebook.action(f"add({json.dumps(str(tmp_path / 'project'))})")
    assert answer["ok"], answer
    assert library(notebook, "extra")["imported"] is False
    assert not notebook.action("add('/nothing/here')")["ok"]
    assert notebook.action("remove('extra')")["ok"]
    assert notebook.action("state()")["state"]["libraries"] == []
    assert not notebook.action("remove('extra')")["ok"]


@pytest.mark.parametrize("expression", ["unpersist(1)", "recompute(1)"])
def test_cached_data_that_is_not_there_is_refused_in_one_sentence(
    notebook: Notebook, expression: str
) -> None:
    answer = notebook.action(expression)
    assert not answer["ok"]
    assert "number 1" in answer["message"]
