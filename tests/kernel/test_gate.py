"""A cell runs what is on disk, or it does not run."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from kernel_library import Open, say, write
from kernel_notebook import Notebook


def test_the_next_cell_runs_the_edited_code(notebook: Notebook, tagger: Path) -> None:
    notebook.done("from tagger import tag")
    assert notebook.value("tag()") == "'one'"
    say(tagger, "two")
    assert notebook.value("tag()") == "'two'"


def test_an_instance_made_before_the_edit_has_the_new_methods(notebook: Notebook, tmp_path: Path) -> None:
    write(tmp_path / "shapes" / "__init__.py", "class Circle:\n    def area(self):\n        return 1\n")
    notebook.done("import shapes; c = shapes.Circle()")
    write(tmp_path / "shapes" / "__init__.py", "class Circle:\n    def area(self):\n        return 22\n")
    assert notebook.value("c.area(), type(c) is shapes.Circle") == "(22, True)"


@pytest.mark.parametrize(
    "cell",
    [
        "ran = 1",
        "import asyncio\nawait asyncio.sleep(0)\nran = 1",
        "%%time\nran = 1",
        "%time ran = 1",
        "%%capture\nran = 1",
        "!true\nran = 1",
    ],
    ids=["plain", "async", "time cell", "time line", "capture", "shell and code"],
)
def test_a_broken_library_refuses_every_kind_of_cell_in_one_line(
    notebook: Notebook, tagger: Path, cell: str
) -> None:
    notebook.done("import tagger")
    write(tagger / "words.py", "def tag():\n    return (\n")
    refused = notebook.run(cell)
    assert not refused.ok
    assert refused.ename == "LibraryBroken"
    assert "tagger/words.py, line 2" in refused.evalue
    assert len(refused.traceback) == 1
    assert "File" not in refused.traceback[0]
    say(tagger, "mended")
    assert notebook.value("'ran' in globals(), tagger.tag()") == "(False, 'mended')"


def test_the_last_good_version_stays_loaded_while_the_library_is_broken(
    notebook: Notebook, tagger: Path
) -> None:
    notebook.done("import tagger")
    write(tagger / "words.py", "def tag(:\n")
    assert notebook.run("tagger.tag()").ename == "LibraryBroken"
    notebook.done("%autoegg off")
    assert notebook.value("tagger.tag()") == "'one'"
    notebook.done("%autoegg on")
    assert notebook.run("tagger.tag()").ename == "LibraryBroken"


def test_a_failing_import_refuses_the_cell_and_names_the_line(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import tagger")
    write(tagger / "words.py", "x = 1\nraise RuntimeError('no such table')\n")
    refused = notebook.run("tagger.tag()")
    assert refused.ename == "LibraryBroken"
    assert "tagger/words.py, line 2" in refused.evalue
    assert "no such table" in refused.evalue


def test_cells_that_run_no_library_code_always_pass(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import tagger")
    write(tagger / "words.py", "def tag(:\n")
    for cell in (
        "%autoegg",
        "!true",
        "!!true",
        "%cd .",
        "%load_ext autoegg\n%pip --version",
        "# only a comment\n%autoegg status",
        "%%writefile words.txt\nhello {tagger.tag()} $PWD",
        "%%bash\necho {a,b} $HOME",
        "%%html\n<b>",
    ):
        assert notebook.run(cell).ok, cell


def test_lines_that_can_run_library_code_are_held_up_like_any_other(notebook: Notebook, tagger: Path) -> None:
    write(tagger / "extension.py", "import tagger\ndef load_ipython_extension(shell):\n    tagger.tag()\n")
    notebook.done(
        """
import tagger
tagger.place = tagger.tag
class Word:
    def __format__(self, how): return tagger.tag()
word = Word()
for name in ("cdtagger", "pipeline", "conda"):
    get_ipython().register_magic_function(lambda line: tagger.tag(), "line", name)
for name in ("html_of_tagger", "svg"):
    get_ipython().register_magic_function(lambda line, cell: tagger.tag(), "cell", name)
"""
    )
    write(tagger / "words.py", "def tag(:\n")
    for cell in (
        "!echo {tagger.tag()}",
        "!!echo {tagger.tag()}",
        "!echo $word",
        "%cd -q {tagger.place()}",
        "%autoegg add {tagger.place()}",
        "%pip download {tagger.tag()}",
        "%load_ext tagger.extension",
        "%reload_ext tagger.extension",
        "%%bash -s {tagger.tag()}\necho $1",
        "%%script {tagger.tag()}\nx",
        "%%writefile {tagger.tag()}\nx",
        "%cdtagger",
        "%pipeline",
        "%%html_of_tagger\nx",
        "%conda",
        "%%svg\nx",
        "x = %autoegg",
        "/tagger.tag",
    ):
        refused = notebook.run(cell)
        assert refused.ename == "LibraryBroken", (cell, refused)


def test_a_library_can_be_repaired_from_the_notebook(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import tagger")
    write(tagger / "words.py", "def tag(:\n")
    assert not notebook.run("1").ok
    notebook.done("%%writefile tagger/words.py\ndef tag():\n    return 'mended'\n")
    assert notebook.value("tagger.tag()") == "'mended'"


def test_a_cell_with_a_syntax_error_does_not_disturb_the_next_one(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import tagger")
    say(tagger, "two")
    assert notebook.run("def (").ename == "SyntaxError"
    assert notebook.value("tagger.tag()") == "'two'"


def test_a_cell_keeps_its_version_to_its_end(notebook: Notebook, tagger: Path) -> None:
    write(tagger / "late.py", "WHEN = 'before'\n")
    notebook.done("import tagger")
    cell = """
    from pathlib import Path
    Path("tagger/late.py").write_text("WHEN = 'after'\\n")
    import tagger.late
    print(tagger.late.WHEN)
    """
    assert notebook.done(cell.replace("\n    ", "\n")).stdout == "before\n"
    assert notebook.value("tagger.late.WHEN") == "'after'"


def test_an_explicit_reload_in_a_cell_takes_the_file_as_it_is_now(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import importlib, tagger")
    cell = (
        "from pathlib import Path\n"
        "Path('tagger/words.py').write_text('def tag():\\n    return \"rewritten\"\\n')\n"
        "importlib.reload(tagger.words)\n"
        "print(tagger.words.tag())"
    )
    assert notebook.done(cell).stdout == "rewritten\n"
    assert notebook.value("tagger.tag()") == "'rewritten'"


def test_code_imported_before_the_extension_was_loaded_is_brought_up_to_date(
    open_notebook: Open, tagger: Path
) -> None:
    notebook = open_notebook(load=False)
    notebook.done("from tagger import tag")
    say(tagger, "two")
    notebook.done("%load_ext autoegg")
    assert notebook.value("tag()") == "'two'"


def test_loading_twice_changes_nothing_and_unloading_takes_everything_out(
    notebook: Notebook, tagger: Path
) -> None:
    hooks = "len(get_ipython().ast_transformers), len(__import__('sys').meta_path)"
    before = notebook.value(hooks)
    notebook.done(
        "get_ipython().run_line_magic('load_ext', 'autoegg'); get_ipython().run_line_magic('reload_ext', 'autoegg')"
    )
    assert notebook.value(hooks) == before
    notebook.done("from tagger import tag")
    notebook.done("%unload_ext autoegg")
    say(tagger, "two")
    assert notebook.value("tag()") == "'one'"


def test_an_interrupt_during_the_check_refuses_the_cell_and_the_next_one_runs(
    notebook: Notebook, tagger: Path, tmp_path: Path
) -> None:
    notebook.done("import tagger")
    # The last thing that IPython does with a cell before it asks us.
    notebook.done(
        "def mark(lines):\n    open('transformed', 'w').close()\n    return lines\n"
        "get_ipython().input_transformers_post.append(mark)"
    )
    daemon = notebook.daemon_pid()
    os.kill(daemon, signal.SIGSTOP)  # it answers nothing, so the check does not end by itself
    try:
        message = notebook.start("ran = 1")
        while not (tmp_path / "transformed").exists():
            time.sleep(0.05)
        time.sleep(1)
        notebook.interrupt()
        refused = notebook.finish(message)
    finally:
        os.kill(daemon, signal.SIGCONT)
    assert (refused.ename, len(refused.traceback)) == ("Interrupted", 1), refused
    say(tagger, "two")
    assert notebook.value("'ran' in globals(), tagger.tag()") == "(False, 'two')"
