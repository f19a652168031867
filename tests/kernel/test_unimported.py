"""Files that do not compile and that nobody imports (templates, test data, a half-written note) are in nobody's way."""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_library import say, write
from kernel_notebook import Notebook


def test_they_refuse_no_cell_and_stand_in_the_log_once(notebook: Notebook, tagger: Path) -> None:
    write(tagger / "old.py", "print 'Python 2'\n")
    notebook.done("import tagger")
    write(tagger / "old.py", "print 'Python 2, edited'\n")
    write(tagger / "templates" / "{{name}}.py", "import {{ name }}\n")
    write(tagger / "my-notes.py", "TODO write this\n")
    (tagger / "data.py").write_bytes(b"# coding: nonsense\n\0\xff")
    for word in ("two", "three"):
        assert notebook.value("tagger.tag()") == ("'one'" if word == "two" else "'two'")
        say(tagger, word)
    assert notebook.action("state()")["state"]["libraries"][0]["condition"] in ("current", "waiting")
    assert notebook.done("tagger.tag()").stderr == ""
    log = notebook.done("%autoegg log").stdout
    for name in ("old.py, line 1", "templates/{{name}}.py, line 1", "my-notes.py, line 1", "data.py"):
        assert log.count(f"tagger/{name}") == 1, log
    assert "refused" not in log


def test_one_that_was_repaired_and_is_broken_again_is_reported_again(
    notebook: Notebook, tagger: Path
) -> None:
    notebook.done("import tagger")
    for text in ("def g(:\n", "g = 1\n", "def g(:\n"):
        write(tagger / "other.py", text)
        notebook.done("tagger.tag()")
    assert notebook.done("%autoegg log").stdout.count("tagger/other.py, line 1") == 2


@pytest.mark.parametrize(
    "cell",
    [
        "ran = 1\nfrom tagger import other",
        "ran = 1\nimport os, tagger.other",
        "ran = 1\nfrom tagger.other import g",
        "ran = 1\ndef later():\n    from tagger import other",
        "ran = 1\n__import__('tagger.other')",
    ],
)
def test_a_cell_that_wants_one_is_refused_and_no_other(notebook: Notebook, tagger: Path, cell: str) -> None:
    notebook.done("import tagger")
    write(tagger / "other.py", "def g(:\n")
    for _ in range(2):  # with the change, and when it has been shipped
        refused = notebook.run(cell)
        assert (refused.ename, "tagger/other.py, line 1" in refused.evalue) == ("LibraryBroken", True), (
            refused
        )
        assert notebook.value("'ran' in globals(), tagger.tag()") == "(False, 'one')"
    write(tagger / "other.py", "g = 1\n")
    notebook.done(cell)


def test_one_that_a_loaded_module_begins_to_import_refuses(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import tagger")
    write(tagger / "other.py", "def g(:\n")
    notebook.done("tagger.tag()")
    write(tagger / "__init__.py", "from tagger.words import tag\nfrom tagger import other\n")
    refused = notebook.run("tagger.tag()")
    assert (refused.ename, "tagger/other.py, line 1" in refused.evalue) == ("LibraryBroken", True), refused
    write(tagger / "other.py", "g = 1\n")
    assert notebook.value("tagger.other.g, tagger.tag()") == "(1, 'one')"
