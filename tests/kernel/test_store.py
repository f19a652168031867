"""A store that was damaged or removed costs nobody a cell: what is in it is made again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from kernel_library import Open, say, write


def _each(store: Path, kind: str, damage: Callable[[Path], object]) -> None:
    files = [file for file in (store / kind).iterdir() if not file.name.startswith(".")]
    assert files
    for file in files:
        damage(file)


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _flip(file: Path) -> None:
    found = file.stat()
    file.write_bytes(bytes(byte ^ 1 for byte in file.read_bytes()))
    os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns + 1_000_000))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty manifests": lambda store: _each(store, "manifests", _empty),
    "wrong manifests": lambda store: _each(store, "manifests", _flip),
    "empty eggs": lambda store: _each(store, "eggs", _empty),
    "wrong eggs": lambda store: _each(store, "eggs", _flip),
    "wrong bases": lambda store: _each(store, "bases", _flip),
    "no manifests": lambda store: shutil.rmtree(store / "manifests"),
    "no store": shutil.rmtree,
}


@pytest.fixture
def store(environment: dict[str, str | None]) -> Path:
    return Path(str(environment["XDG_CACHE_HOME"])) / "jupyterlab-autoegg" / "store"


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_live_kernel_and_a_new_one_go_on(
    open_notebook: Open, tagger: Path, store: Path, damage: Callable[[Path], object]
) -> None:
    old = open_notebook()
    assert old.value("import tagger\ntagger.tag()") == "'one'"
    say(tagger, "two")
    assert old.value("tagger.tag()") == "'two'"
    damage(store)
    assert old.value("tagger.tag()") == "'two'"
    new = open_notebook()
    assert new.value("import tagger\ntagger.tag()") == "'two'"
    damage(store)
    for word in ("one", "two", "three"):
        say(tagger, word)
        assert [notebook.value("tagger.tag()") for notebook in (old, new)] == [f"{word!r}"] * 2


def test_a_version_whose_eggs_are_lost_in_a_cell_is_refused_by_name_and_rebuilt(
    open_notebook: Open, tagger: Path, store: Path
) -> None:
    notebook = open_notebook()
    write(tagger / "late.py", "WORD = 'one'\n")
    notebook.done("import tagger")
    # The cell's version has the file as it was, and only the store has that after the save.
    lost = notebook.run(
        f"import pathlib, shutil\nshutil.rmtree({str(store)!r})\n"
        f"pathlib.Path({str(tagger / 'late.py')!r}).write_text('WORD = 2')\nimport tagger.late"
    )
    assert lost.ename == "StoreDamaged"
    assert "run the cell again" in lost.evalue
    assert notebook.value("import tagger.late\ntagger.late.WORD") == "2"


def test_without_a_home_that_can_be_written_everything_works(
    open_notebook: Open, tmp_path: Path, tagger: Path
) -> None:
    home = tmp_path / "home"
    home.write_text("a file, where no folder can be made")
    notebook = open_notebook(env={"HOME": str(home), "XDG_CACHE_HOME": None})
    first = notebook.done("import tagger\nprint(tagger.tag())")
    say(tagger, "two")
    second = notebook.done("print(tagger.tag())")
    assert (first.stdout, second.stdout) == ("one\n", "two\n")
    assert (first.stderr, second.stderr) == ("", "")
    assert notebook.action("state()")["state"]["libraries"][0]["version"]
