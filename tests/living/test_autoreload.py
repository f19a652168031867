"""IPython's %autoreload in the same kernel: what a cell sees is the same as without it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from kernel_library import Open, say, write
from kernel_notebook import Notebook

SHAPES = """
class Circle:
    def name(self):
        return "circle"
def area():
    return 1
"""
BIGGER = """
class Circle:
    sides = 0
    def name(self):
        return f"circle with {self.sides} sides"
def area(scale=2):
    return scale
def new():
    return Circle()
"""

CHECK = (
    "import pickle, shapes\n"
    "print(pickle.loads(pickle.dumps(area)) is area, area(), type(held) is Circle is shapes.Circle, held.name(),"
    " pickle.loads(pickle.dumps(held)).name(), shapes.new().name(), sep=', ')"
)
RIGHT = "True, 2, True, circle with 0 sides, circle with 0 sides, circle with 0 sides\n"


def switch_on(notebook: Notebook, mode: str) -> str:
    """Returns what was said."""
    said = notebook.done("%load_ext autoreload").stderr
    if mode == "1":
        said += notebook.done("%aimport shapes").stderr
    return said + notebook.done(f"%autoreload {mode}").stderr


@pytest.mark.parametrize(
    ("first", "mode"),
    [
        ("autoreload", "1"),
        ("autoreload", "2"),
        ("autoreload", "3"),
        ("autoegg", "2"),
        ("autoegg", "3"),
    ],
)
def test_an_edit_is_reloaded_by_autoegg_alone_and_that_both_are_on_is_said_once(
    open_notebook: Open, tmp_path: Path, first: str, mode: str
) -> None:
    write(tmp_path / "shapes.py", SHAPES)
    notebook = open_notebook(load=False)
    if first == "autoegg":
        notebook.done("%load_ext autoegg")
    said = switch_on(notebook, mode)
    if first == "autoreload":
        said += notebook.done("%load_ext autoegg").stderr
    said += notebook.done("from shapes import Circle, area\nheld = Circle()").stderr
    write(tmp_path / "shapes.py", BIGGER)
    answer = notebook.done(CHECK)
    assert answer.stdout == RIGHT
    said += answer.stderr + notebook.done("1").stderr
    assert said.count("%autoreload is on too") == 1
    assert "failed" not in said


@pytest.mark.parametrize("mode", ["2", "3"])
def test_what_autoreload_did_before_is_put_right(open_notebook: Open, tmp_path: Path, mode: str) -> None:
    write(tmp_path / "shapes.py", SHAPES)
    notebook = open_notebook(load=False)
    switch_on(notebook, mode)
    notebook.done("from shapes import Circle, area\nheld = Circle()")
    write(tmp_path / "shapes.py", SHAPES.replace("1", "11"))
    _later(tmp_path / "shapes.py")
    assert notebook.value("area()") == "11"
    notebook.done("%load_ext autoegg")
    notebook.done("pass")
    write(tmp_path / "shapes.py", BIGGER)
    assert notebook.done(CHECK).stdout == RIGHT


@pytest.mark.parametrize("mode", ["2", "3"])
def test_while_autoegg_is_off_autoreload_has_the_libraries_again(
    notebook: Notebook, tmp_path: Path, mode: str
) -> None:
    write(tmp_path / "shapes.py", SHAPES)
    notebook.done("from shapes import Circle, area\nheld = Circle()")
    switch_on(notebook, mode)
    notebook.done("%autoegg off")
    write(tmp_path / "shapes.py", SHAPES.replace("1", "11"))
    _later(tmp_path / "shapes.py")
    assert notebook.value("area()") == "11"
    notebook.done("%autoegg on")
    assert notebook.value("area()") == "11"
    write(tmp_path / "shapes.py", BIGGER)
    assert notebook.done(CHECK).stdout == RIGHT


def test_an_edit_while_autoegg_is_off_that_takes_one_from_before_back(
    notebook: Notebook, tmp_path: Path
) -> None:
    """%autoreload 2 applies the difference to the text that it has read, which is not the one that runs."""
    text = "def f():\n    return {}\ndef g():\n    return {}\n"
    write(tmp_path / "shapes.py", text.format(1, 1))
    notebook.done("from shapes import f, g")
    switch_on(notebook, "2")
    notebook.done("f()")
    write(tmp_path / "shapes.py", text.format(2, 1))
    assert notebook.value("f(), g()") == "(2, 1)"
    notebook.done("%autoegg off")
    write(tmp_path / "shapes.py", text.format(1, 2))
    _later(tmp_path / "shapes.py")
    assert notebook.value("f(), g()") == "(1, 2)"
    notebook.done("%autoegg on")
    write(tmp_path / "shapes.py", text.format(3, 3))
    assert notebook.value("f(), g()") == "(3, 3)"


def test_autoreload_continues_with_a_library_that_was_switched_off_in_autoegg(
    notebook: Notebook, tagger: Path
) -> None:
    notebook.done("import tagger.words")
    notebook.done("%autoegg remove tagger")
    switch_on(notebook, "2")
    notebook.done("tagger.words.tag()")
    say(tagger, "two")
    _later(tagger / "words.py")
    assert notebook.value("tagger.words.tag()") == "'two'"


def test_unloading_gives_autoreload_everything_back(notebook: Notebook, tagger: Path) -> None:
    switch_on(notebook, "2")
    notebook.done("import tagger.words")
    notebook.done("%unload_ext autoegg")
    notebook.done("tagger.words.tag()")
    say(tagger, "two")
    _later(tagger / "words.py")
    assert notebook.value("tagger.words.tag()") == "'two'"


def _later(path: Path) -> None:
    """%autoreload goes by times: it does not see a second save within one tick of the file system's clock."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))
