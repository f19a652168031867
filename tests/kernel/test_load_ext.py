"""However the extension comes into a kernel, it is there once, and loading it again says nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from kernel_library import Open, say
from kernel_notebook import SHIM

STARTUP = SHIM / "jupyterlab_autoegg" / "startup" / "autoegg_startup.py"


def enable(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "autoegg", "enable", "--user"],
        env={"PYTHONPATH": str(SHIM), "IPYTHONDIR": str(tmp_path / "ipython"), "HOME": str(tmp_path)},
        check=True,
        timeout=120,
    )


def test_loading_twice_is_quiet_and_other_extensions_are_loaded_as_ever(open_notebook: Open) -> None:
    notebook = open_notebook(load=False)
    for _ in range(2):
        again = notebook.done("%load_ext autoegg")
        assert (again.stdout, again.stderr) == ("", "")
    notebook.done("%load_ext autoreload")
    assert "already loaded" in notebook.done("%load_ext autoreload").stdout
    assert "No module named 'no_such'" in str(notebook.run("%load_ext no_such").traceback)
    notebook.done("%unload_ext autoegg")
    for _ in range(2):
        assert notebook.done("%load_ext autoegg").stdout == ""
    assert "autoegg is on" in notebook.done("%autoegg").stdout


def test_a_kernel_with_a_start_up_file_of_its_own_keeps_a_library_current_from_its_first_cell(
    open_notebook: Open, tagger: Path, tmp_path: Path
) -> None:
    enable(tmp_path)
    own = tmp_path / "own.py"
    own.write_text("mine = 5\n")
    notebook = open_notebook(load=False, env={"PYTHONSTARTUP": str(own)})
    assert notebook.value("import tagger; (mine, tagger.tag())") == "(5, 'one')"
    say(tagger, "two")
    assert notebook.value("tagger.tag()") == "'two'"
    assert notebook.done("%load_ext autoegg").stdout == ""


def test_the_start_up_file_of_the_server_does_nothing_more(
    open_notebook: Open, tagger: Path, tmp_path: Path
) -> None:
    enable(tmp_path)
    notebook = open_notebook(load=False, env={"PYTHONSTARTUP": str(STARTUP)})
    assert (
        notebook.value("len([m for m in get_ipython().ast_transformers if 'autoegg' in type(m).__module__])")
        == "1"
    )
    notebook.done("import tagger")
    say(tagger, "two")
    assert notebook.value("tagger.tag()") == "'two'"
