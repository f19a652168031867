"""A name that a cell has imported follows the library, whatever else of IPython's syntax stands in that cell."""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_library import Open, write
from kernel_notebook import Notebook

IMPORT = "from tagger import LIMIT"
CELLS = {
    "line magic": f"%precision 3\n{IMPORT}",
    "shell": f"!true\nwhere = !pwd\n{IMPORT}",
    "help": f"{IMPORT}\nLIMIT?",
    "time": f"%%time\n{IMPORT}",
    "capture": f"%%capture\n{IMPORT}",
    "prun": f"%%prun -q\n{IMPORT}",
    "magic in a magic": f"%%capture said\n%%time\n!true\n{IMPORT}",
    "statement of a magic": f"%time {IMPORT}",
    "statement behind options": f"%prun -q -l 3 {IMPORT}",
    "inside of a statement": f"if True:\n    %time {IMPORT}",
    "awaited": f"import asyncio\nawait asyncio.sleep(0)\n!true\n{IMPORT}",
    "with": f"import contextlib\nwith contextlib.suppress(ImportError):\n    !true\n    {IMPORT}",
    "run": "%run script.py",
    "run in the notebook": "%run -i script",
    "notebook": "%run other.ipynb",
    "cell of a cell": f"get_ipython().run_cell({IMPORT!r})",
    "star": "!true\nfrom tagger import *",
    "alias": "!true\nfrom tagger import LIMIT as OTHER\nLIMIT = OTHER",
}


@pytest.fixture
def limits(tagger: Path) -> Path:
    write(tagger / "__init__.py", "LIMIT = 1\nSTEP = 1\n")
    write(tagger.parent / "script.py", IMPORT)
    cell = '{"cell_type": "code", "source": "!true\\nfrom tagger import LIMIT", "execution_count": null, "metadata": {}, "outputs": []}'
    write(
        tagger.parent / "other.ipynb",
        f'{{"cells": [{cell}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 4}}',
    )
    return tagger / "__init__.py"


def test_it_follows(notebook: Notebook, limits: Path) -> None:
    for number, (kind, cell) in enumerate(CELLS.items(), 2):
        notebook.done("globals().pop('LIMIT', None)")
        notebook.done(cell)
        write(limits, f"LIMIT = {number}\nSTEP = 1\n")
        name = "OTHER" if kind == "alias" else "LIMIT"
        assert notebook.value(name) == str(number), kind


def test_so_does_one_of_the_cell_that_has_loaded_the_extension_and_of_cells_before(
    open_notebook: Open, limits: Path
) -> None:
    notebook = open_notebook(load=False)
    notebook.done("!true\nfrom tagger import STEP")
    notebook.done("%load_ext autoegg\nfrom tagger import LIMIT")
    write(limits, "LIMIT = 2\nSTEP = 3\n")
    assert notebook.value("LIMIT, STEP") == "(2, 3)"


def test_what_the_notebook_has_bound_by_itself_stays_its_own(notebook: Notebook, limits: Path) -> None:
    notebook.done("import tagger\nLIMIT = 1")
    for cell in (
        "%%writefile script.py\nfrom tagger import LIMIT",
        "%%python\nfrom tagger import LIMIT",
        "%%timeit -n 1 -r 1\nfrom tagger import LIMIT",
        "%timeit -n 1 -r 1 from tagger import LIMIT",
        "def later():\n    from tagger import LIMIT",
        "class Own:\n    from tagger import LIMIT",
        "!true\nfrom tagger import LIMIT\nLIMIT = 5 - 4 + 1",
    ):
        notebook.done(cell)
    write(limits, "LIMIT = 7\nSTEP = 1\n")
    assert notebook.value("LIMIT, tagger.LIMIT") == "(2, 7)"


def test_nor_does_a_cell_that_was_refused_bind_anything(notebook: Notebook, limits: Path) -> None:
    notebook.done("import tagger\nLIMIT = 1")
    text = limits.read_text()
    write(limits, "def f(:\n")
    assert notebook.run("from tagger import LIMIT").ename == "LibraryBroken"
    write(limits, text.replace("LIMIT = 1", "LIMIT = 7"))
    assert notebook.value("LIMIT, tagger.LIMIT") == "(1, 7)"


@pytest.mark.parametrize("cell", ["%%time\nfrom helpers import f", "%load_ext helpers", "%run script.py"])
def test_what_only_a_magic_imports_is_found_before_the_cell_runs(
    notebook: Notebook, tagger: Path, cell: str
) -> None:
    write(tagger.parent / "helpers.py", "x = 1\ndef load_ipython_extension(shell): pass\ndef f(): pass\n")
    write(tagger.parent / "script.py", "def later():\n    import helpers\n")
    notebook.done("import tagger")
    notebook.done(cell)
    said = notebook.done("%autoegg").stdout
    assert "helpers.py" in said, said
