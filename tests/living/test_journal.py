"""What a reload did: nothing is said when nothing is surprising, one line when something is, all of it in ``%autoegg log``."""

from __future__ import annotations

from pathlib import Path

from kernel_library import say, write
from kernel_notebook import Notebook


def test_a_reload_without_surprises_says_nothing_in_the_cell_and_stands_in_the_log(
    notebook: Notebook, tagger: Path
) -> None:
    notebook.done("import tagger")
    assert notebook.done("%autoegg log").stdout == "nothing has been reloaded yet\n"
    say(tagger, "two")
    assert notebook.done("tagger.tag()").stderr == ""
    first, second = notebook.done("%autoegg log").stdout.splitlines()
    assert " reloaded tagger " in first
    assert " → " in first
    assert second == "    new code: tagger.words"


def test_what_is_surprising_is_one_line_in_the_cell_and_every_name_is_in_the_log(
    notebook: Notebook, tmp_path: Path
) -> None:
    gone = [f"gone_{number}" for number in range(9)]
    functions = "".join(f"def {name}(): pass\n" for name in gone)
    write(
        tmp_path / "shop.py",
        f"import os\nclass Item:\n    __slots__ = ('a',)\nPRICES = [os.sep]\nOPEN = [os.sep]\n{functions}",
    )
    notebook.done("import shop\nfrom shop import gone_0\nitems = [shop.Item() for _ in range(3)]")
    notebook.done("shop.PRICES.append(1)")
    write(
        tmp_path / "shop.py",
        "import os\nclass Item:\n    __slots__ = ('a', 'b')\nPRICES = [os.sep * 2]\nOPEN = [os.sep * 2]\n",
    )
    said = notebook.done("pass").stderr
    assert said.startswith("autoegg: ")
    assert said.count("\n") == 1
    assert len(said) < 400
    log = notebook.done("%autoegg log").stdout
    for name in gone:
        assert f"shop.{name}" in log
    assert "run-time state that was reset: shop.PRICES\n" in log
    assert "instances that keep an old layout: 3 of shop.Item\n" in log
    assert "    statements that ran:\n        shop, line 2: class Item: (its text has changed)\n" in log
    state = notebook.action("state()")["state"]["lastReload"]
    assert state["details"]["instances that keep an old layout"] == ["3 of shop.Item"]
    assert all(line.strip() for line in state["lines"])
    assert notebook.done("pass").stderr == ""


def test_each_save_has_its_own_lines_in_the_order_in_which_they_came(
    notebook: Notebook, tagger: Path
) -> None:
    notebook.done("import tagger")
    for word in ("two", "three"):
        say(tagger, word)
        notebook.done("tagger.tag()")
    lines = [line for line in notebook.done("%autoegg log").stdout.splitlines() if "reloaded" in line]
    assert len(lines) == 2
    assert lines[0].split("→")[1].split()[0] == lines[1].split("→")[0].split()[-1]


def test_no_reload_no_word_in_the_browsers_state(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import tagger")
    assert notebook.action("state()")["state"]["lastReload"] is None


def test_a_reload_that_takes_long_says_what_it_is_doing(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import tagger")
    write(tagger / "words.py", "import time\ntime.sleep(4)\ndef tag(): return 'slow'\n")
    answer = notebook.done("tagger.tag()")
    assert answer.value == "'slow'"
    first = answer.stderr.splitlines()[0]
    assert first.startswith(("autoegg: still running tagger.words (", "autoegg: still reloading tagger ("))
    assert notebook.done("tagger.tag()").stderr == ""


def test_a_save_that_was_refused_stands_in_the_log_once(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import tagger")
    write(tagger / "words.py", "def tag(:\n")
    for _ in range(3):
        assert notebook.run("tagger.tag()").ename == "LibraryBroken"
    say(tagger, "mended")
    notebook.done("tagger.tag()")
    refused, reloaded, _ = notebook.done("%autoegg log").stdout.splitlines()
    assert " refused: LibraryBroken: tagger/words.py, line 1: " in refused
    assert " reloaded tagger " in reloaded
