"""Projects with packages of the same name: what is loaded stays where it is, and what is imported anew is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_library import Open, write
from kernel_notebook import Notebook


def project(root: Path, word: str) -> Path:
    write(root / "utils" / "__init__.py", f"def f():\n    return '{word}'\n")
    write(root / "utils" / "more.py", f"def m():\n    return '{word}'\n")
    return root


def places(notebook: Notebook) -> list[str]:
    return [library["path"] for library in notebook.action("state()")["state"]["libraries"]]


@pytest.mark.parametrize(
    "leads",
    [
        "%cd ../b",
        "sys.path.insert(0, '../b')",
        "sys.path.remove('')\n%cd ..",
        "sys.path[:0] = ['../b']\n%cd ../c",
    ],
)
def test_a_loaded_library_is_where_it_was_loaded_from(
    open_notebook: Open, tmp_path: Path, leads: str
) -> None:
    here = project(tmp_path / "a", "a1")
    project(tmp_path / "b", "b")
    (tmp_path / "c").mkdir()
    notebook = open_notebook(cwd=here)
    notebook.done(
        "import sys\nif '' not in sys.path: sys.path.insert(0, '')\nimport utils.more\nfrom utils import f"
    )
    notebook.done(leads)
    write(here / "utils" / "new.py", "x = 1\n")
    project(here, "a2")
    assert notebook.value("f(), utils.f(), utils.more.m()") == "('a2', 'a2', 'a2')"
    (here / "utils" / "new.py").unlink()
    assert notebook.value("f(), utils.f(), utils.more.m()") == "('a2', 'a2', 'a2')"
    assert places(notebook) == [str(here / "utils")]


def test_a_module_that_becomes_a_package_is_looked_for_in_its_own_folder_first(
    open_notebook: Open, tmp_path: Path
) -> None:
    write(tmp_path / "a" / "helpers.py", "def f():\n    return 1\n")
    write(tmp_path / "b" / "helpers.py", "def f():\n    return 'b'\n")
    notebook = open_notebook(cwd=tmp_path)
    notebook.done("import sys\nsys.path.insert(0, 'a')\nimport helpers\nsys.path.insert(0, 'b')")
    (tmp_path / "a" / "helpers.py").unlink()
    write(tmp_path / "a" / "helpers" / "__init__.py", "def f():\n    return 2\n")
    assert notebook.value("helpers.f()") == "2"
    assert places(notebook) == [str(tmp_path / "a" / "helpers")]


def test_what_is_imported_in_its_place_is_the_library_from_then_on(
    open_notebook: Open, tmp_path: Path
) -> None:
    here, there = project(tmp_path / "a", "a1"), project(tmp_path / "b", "b1")
    notebook = open_notebook(cwd=tmp_path)
    notebook.done("import sys\nsys.path.insert(0, 'a')\nimport utils.more")
    notebook.done(
        "del sys.modules['utils.more'], sys.modules['utils']\nsys.path.insert(0, 'b')\nimport utils.more"
    )
    told = notebook.done("pass").stderr
    assert str(there / "utils") in told and str(here / "utils") in told, told
    assert notebook.done("pass").stderr == ""
    assert places(notebook) == [str(there / "utils")]
    project(there, "b2")
    project(here, "a2")
    assert notebook.value("utils.f(), utils.more.m()") == "('b2', 'b2')"
    notebook.done("del sys.modules['utils.more'], sys.modules['utils'], sys.path[0]\nimport utils.more")
    assert notebook.value("utils.f(), utils.more.m()") == "('a2', 'a2')"
    assert places(notebook) == [str(here / "utils")]
