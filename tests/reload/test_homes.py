"""A loaded module is where it was loaded from as long as its file is there"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from reload_harness import Notebook

from autoegg.errors import LibraryBroken

A = {
    "a/utils/__init__.py": "def f(): return 'a1'\n",
    "a/utils/more.py": "def m(): return 'a1'\n",
    "a/helpers.py": "def h(): return 'a1'\n",
    "a/space/part.py": "def p(): return 'a1'\n",
}
B = {path.replace("a/", "b/", 1): text.replace("a1", "b") for path, text in A.items()}
IMPORTS = "import utils.more, helpers, space.part\nfrom utils import f\nfrom helpers import h\nfrom space.part import p"
VALUES = "(f(), utils.f(), utils.more.m(), h(), helpers.h(), p(), space.part.p())"


def in_front(root: Path) -> None:
    sys.path.insert(0, str(root / "b"))


def replaced(root: Path) -> None:
    sys.path[sys.path.index(str(root / "a"))] = str(root / "b")


def gone(root: Path) -> None:
    sys.path.remove(str(root / "a"))


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    path, folder = list(sys.path), Path.cwd()
    with Notebook(tmp_path, {**A, **B}) as notebook:
        sys.path.insert(0, str(tmp_path / "a"))
        yield notebook
    sys.path[:] = path
    os.chdir(folder)


def edited(word: str) -> dict[str, str | None]:
    return {path: text.replace("a1", word) for path, text in A.items()}


@pytest.mark.parametrize("leads", [in_front, replaced, gone])
def test_whatever_sys_path_leads_to_by_now(notebook: Notebook, tmp_path: Path, leads: object) -> None:
    notebook.run(IMPORTS)
    assert callable(leads)
    leads(tmp_path)
    news = {"a/utils/new.py": "x = 1\n", "a/space/new.py": "x = 1\n", "a/new.py": "x = 1\n"}
    report = notebook.edit({**edited("a2"), **news})
    assert not report.removed_modules
    assert notebook.value(VALUES) == ("a2",) * 7
    report = notebook.edit({**dict.fromkeys(news), **edited("a3")})
    assert not report.removed_modules
    assert notebook.value(VALUES) == ("a3",) * 7
    notebook.reloader.reload(None)
    assert notebook.value(VALUES) == ("a3",) * 7


def test_and_whatever_the_working_directory_is(notebook: Notebook, tmp_path: Path) -> None:
    sys.path[0] = ""
    os.chdir(tmp_path / "a")
    notebook.run(IMPORTS)
    os.chdir(tmp_path / "b")
    notebook.edit({**edited("a2"), "a/utils/new.py": "x = 1\n", "a/space/new.py": "x = 1\n"})
    assert notebook.value(VALUES) == ("a2",) * 7
    notebook.run("import utils.new, space.new")
    assert notebook.value("(utils.new.__file__, space.new.__file__)") == (
        str(tmp_path / "a/utils/new.py"),
        str(tmp_path / "a/space/new.py"),
    )


@pytest.mark.parametrize("leads", [in_front, replaced, gone])
def test_what_has_to_run_again_as_a_whole_runs_from_there(
    notebook: Notebook, tmp_path: Path, leads: object
) -> None:
    notebook.run(IMPORTS)
    assert callable(leads)
    leads(tmp_path)
    notebook.edit({path: f"import os\nif os.sep:\n    {text}" for path, text in edited("a2").items()})
    assert notebook.value(VALUES) == ("a2",) * 7
    with pytest.raises(LibraryBroken):
        notebook.edit({"a/utils/__init__.py": "1 / 0\n"})
    assert notebook.value(VALUES) == ("a2",) * 7
    notebook.edit(edited("a3"))
    for name in ("utils", "utils.more", "helpers", "space.part"):
        importlib.reload(sys.modules[name])
    assert notebook.value(VALUES) == ("a3",) * 7


def test_a_file_that_an_import_prefers_in_the_same_folder_is_taken(
    notebook: Notebook, tmp_path: Path
) -> None:
    notebook.run(IMPORTS)
    in_front(tmp_path)
    notebook.edit({"a/utils/more/__init__.py": "def m(): return 'package'\n"})
    assert notebook.value("utils.more.m()") == "package"
    notebook.edit({"a/utils/more/__init__.py": None})
    assert notebook.value("utils.more.m()") == "a1"


def test_a_module_whose_file_is_gone_is_gone(notebook: Notebook, tmp_path: Path) -> None:
    notebook.run(IMPORTS)
    gone(tmp_path)
    report = notebook.edit({"a/utils/more.py": None, "a/helpers.py": None})
    assert set(report.removed_modules) == {"helpers", "utils.more"}


def test_a_module_removed_from_sys_modules_and_imported_again_is_the_current_one(
    notebook: Notebook, tmp_path: Path
) -> None:
    notebook.run(IMPORTS)
    in_front(tmp_path)
    notebook.run("import sys\ndel sys.modules['helpers']\nimport helpers")
    assert notebook.value("helpers.h()") == "b"
    notebook.edit({"b/helpers.py": "def h(): return 'b2'\n"})
    assert notebook.value("helpers.h()") == "b2"
