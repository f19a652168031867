"""Magics and shells that run code in other ways than a cell does: all of them run the code on disk."""

from __future__ import annotations

import time
from pathlib import Path

from kernel_library import say, write
from kernel_notebook import Notebook
from living_channels import finish_all, start_in, subshell

CELLS = [
    "%run script.py",
    "%run -i script.py",
    "%run -n script.py",
    "%run -m tagger.command",
    "%run book.ipynb",
    "%%time\nprint(tagger.tag())",
    "%time print(tagger.tag())",
    "%%timeit -n1 -r1 seen = 1\nprint(tagger.tag())",
    "%timeit -n1 -r1 print(tagger.tag())",
    "%%capture out\nprint(tagger.tag())",
    "%prun -q print(tagger.tag())",
    "%%prun -q\nprint(tagger.tag())",
    "exec('print(tagger.tag())')",
    "get_ipython().run_cell('print(tagger.tag())')\nNone",
    "import asyncio\nawait asyncio.sleep(0)\nprint(tagger.tag())",
    "import asyncio\nprint(await asyncio.to_thread(tagger.tag))",
]
BOOK = (
    '{"cells": [{"cell_type": "code", "source": ["import tagger\\n", "print(tagger.tag())"], "outputs": [],'
    ' "execution_count": null, "metadata": {}, "id": "a"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
)


def test_every_way_of_running_code_runs_the_code_on_disk(notebook: Notebook, tagger: Path) -> None:
    write(tagger.parent / "script.py", "import tagger\nprint(tagger.tag())\n")
    write(tagger / "command.py", "from tagger import tag\nprint(tag())\n")
    (tagger.parent / "book.ipynb").write_text(BOOK)
    notebook.done("import tagger")
    for number, cell in enumerate(CELLS):
        say(tagger, f"edit {number}")
        printed = notebook.done(cell).stdout
        if "capture" in cell:
            printed = notebook.done("print(out.stdout)").stdout
        assert f"edit {number}" in printed.splitlines(), (cell, printed)


def test_a_script_that_is_run_for_the_first_time_imports_the_version_of_its_cell(
    notebook: Notebook, tagger: Path
) -> None:
    write(tagger / "late.py", "WHEN = 'before'\n")
    notebook.done("import tagger")
    write(
        tagger.parent / "script.py",
        "from pathlib import Path\nPath('tagger/late.py').write_text(\"WHEN = 'after'\\n\")\nimport tagger.late\nprint(tagger.late.WHEN)\n",
    )
    assert notebook.done("%run script.py").stdout == "before\n"
    assert notebook.value("tagger.late.WHEN") == "'after'"


WAIT = """
import time
from pathlib import Path
def wait(name):
    deadline = time.monotonic() + 60
    while not Path(name).exists():
        assert time.monotonic() < deadline, name
        time.sleep(0.02)
"""
LONG = "first = tagger.tag()\nPath('{name}-began').touch()\nwait('{name}-go')\nprint(first, tagger.tag())"


def test_cells_of_several_shells_share_one_version_until_the_last_of_them_has_ended(
    notebook: Notebook, tagger: Path
) -> None:
    folder = tagger.parent
    notebook.done(WAIT)
    notebook.done("import tagger")
    one, two = subshell(notebook), subshell(notebook)

    def began(name: str) -> None:
        deadline = time.monotonic() + 60
        while not (folder / f"{name}-began").exists():
            assert time.monotonic() < deadline, name
            time.sleep(0.02)

    first = start_in(notebook, one, LONG.format(name="first"))
    began("first")
    main = notebook.start(LONG.format(name="main"))
    began("main")
    say(tagger, "two")
    (folder / "first-go").touch()
    (ended,) = finish_all(notebook, [first])
    assert ended.stdout == "one one\n"
    # The cell in the main shell goes on, and has one version to its end: a cell that begins now joins it.
    (joined,) = finish_all(notebook, [start_in(notebook, two, "print(tagger.tag())")])
    assert joined.stdout == "one\n"
    (folder / "main-go").touch()
    (ended,) = finish_all(notebook, [main])
    assert ended.stdout == "one one\n"
    (after,) = finish_all(notebook, [start_in(notebook, two, "print(tagger.tag())")])
    assert after.stdout == "two\n"
    say(tagger, "three")
    assert notebook.value("tagger.tag()") == "'three'"
