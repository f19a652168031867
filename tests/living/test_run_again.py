"""``%autoegg reload``: the way out when in doubt. A library runs anew as a whole, and what was reset is said."""

from __future__ import annotations

from pathlib import Path

from kernel_library import write
from kernel_notebook import Notebook


def test_a_library_runs_again_as_a_whole_and_what_was_reset_is_reported(
    notebook: Notebook, tagger: Path
) -> None:
    write(tagger / "state.py", "SEEN = []\n")
    notebook.done("import tagger.state\nfrom tagger.state import SEEN\nSEEN.append(1)")
    said = notebook.done("%autoegg reload tagger").stdout.splitlines()
    assert said[0].startswith("tagger: ") and said[0].endswith(" modules were run again as a whole")
    assert said[1:] == ["Run-time value discarded and reset from the source: tagger.state.SEEN."]
    assert notebook.value("(SEEN, SEEN is tagger.state.SEEN)") == "([], True)"
    log = notebook.done("%autoegg log").stdout
    assert "tagger.state, line 1: SEEN = [] (its module was to run as a whole)" in log


def test_without_a_name_all_libraries_run_again(notebook: Notebook, tagger: Path, tmp_path: Path) -> None:
    write(tmp_path / "shop.py", "PRICES = {}\n")
    notebook.done("import tagger, shop\nshop.PRICES['a'] = 1")
    assert notebook.done("%autoegg reload").stdout.splitlines()[1:] == [
        "Run-time value discarded and reset from the source: shop.PRICES."
    ]
    assert notebook.value("shop.PRICES") == "{}"


def test_a_name_that_is_none_of_the_libraries_is_refused(notebook: Notebook, tagger: Path) -> None:
    notebook.done("import tagger")
    assert "no library named json is kept up to date here" in notebook.done("%autoegg reload json").stdout
