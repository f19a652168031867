"""What a cell shows when a library fails: the user's own lines, or one line of ours; never our own code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from kernel_library import Open, say, write
from kernel_notebook import Notebook

FAILURES = {
    "raises.py": "def check(x):\n    return 1 / x\nchecked = check(0)\n",
    "syntax.py": "def f(:\n    pass\n",
    "missing.py": "from os import no_such_name\n",
    "inside.py": "import raises\n",
    "caused.py": "try:\n    import raises\nexcept ZeroDivisionError as error:\n    raise RuntimeError('not loaded') from error\n",
    "during.py": "try:\n    import raises\nexcept ZeroDivisionError:\n    {}['key']\n",
    "indented.py": "x = 1\n  y = 2\n",
    "encoded.py": "# coding: no-such-coding\n",
    "nul.py": "x = 1\0\n",
}


def test_an_import_that_fails_in_a_cell_shows_what_it_shows_without_the_extension(
    open_notebook: Open, tmp_path: Path
) -> None:
    for name, text in FAILURES.items():
        (tmp_path / name).write_text(text)
    plain, ours = open_notebook(load=False), open_notebook()
    plain.done("pass")  # so that both have run as many cells
    for name in FAILURES:
        for cell in (f"import {name[:-3]}", f"def late():\n    import {name[:-3]}\nlate()"):
            expected, found = plain.run(cell), ours.run(cell)
            assert not expected.ok
            assert (found.ename, found.evalue) == (expected.ename, expected.evalue), name
            assert found.traceback == expected.traceback, name
            assert found.stdout + found.stderr == expected.stdout + expected.stderr, name


def test_a_traceback_that_is_formatted_by_a_library_has_no_frame_of_ours(
    notebook: Notebook, tmp_path: Path
) -> None:
    write(tmp_path / "raises.py", FAILURES["raises.py"])
    shown = notebook.done(
        "import traceback\ntry:\n    import raises\nexcept ZeroDivisionError:\n    print(traceback.format_exc())"
    ).stdout
    files = re.findall(r'File "?([^",\n]+)', shown)
    assert [Path(file).name for file in files[1:]] == ["raises.py", "raises.py"], shown


@pytest.mark.parametrize("how", ["mended", "taken back"])
def test_the_last_good_version_can_be_inspected_and_a_repaired_file_resumes_by_itself(
    notebook: Notebook, tagger: Path, how: str
) -> None:
    notebook.done("import tagger\nrows = [tagger.tag()]")
    write(tagger / "words.py", "def tag():\n    return (\n")
    for _ in range(2):
        refused = notebook.run("rows.append(tagger.tag())")
        assert refused.ename == "LibraryBroken"
        assert refused.evalue.startswith("tagger/words.py, line 2: ")
        assert "\n" not in refused.evalue
    notebook.done("%autoegg off")
    assert notebook.value("rows + [tagger.tag()]") == "['one', 'one']"
    notebook.done("%autoegg on")
    assert notebook.run("rows.append('more')").ename == "LibraryBroken"
    say(tagger, "one" if how == "taken back" else "mended")
    assert (
        notebook.value("rows + [tagger.tag()]") == f"['one', '{'one' if how == 'taken back' else 'mended'}']"
    )


def test_a_file_that_does_not_compile_is_named_although_nothing_has_imported_it_yet(
    notebook: Notebook, tagger: Path
) -> None:
    write(tagger / "later.py", "x = 1\n")
    notebook.done("import tagger")
    write(tagger / "later.py", "x = = 1\n")
    refused = notebook.run("import tagger.later")
    assert refused.ename in ("LibraryBroken", "SyntaxError")
    assert "later.py, line 1" in refused.evalue
    assert not any("finder.py" in line or "source.py" in line for line in refused.traceback)


def test_an_explicit_reload_that_fails_is_one_line(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import importlib, tagger.words")
    refused = notebook.run(
        "from pathlib import Path\nPath('tagger/words.py').write_text('1 / 0')\nimportlib.reload(tagger.words)"
    )
    assert refused.ename == "LibraryBroken"
    assert "tagger/words.py, line 1: ZeroDivisionError" in refused.evalue
    assert len(refused.traceback) == 1
    say(tagger, "mended")
    assert notebook.value("tagger.words.tag()") == "'mended'"
