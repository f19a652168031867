"""Only what the run has changed is told as changed at run time, also after several edits."""

from __future__ import annotations

from pathlib import Path

from reload_harness import Notebook


def test_an_attribute_of_a_class_that_was_made_anew_has_not_been_changed_by_the_run(tmp_path: Path) -> None:
    text = "class A({}):\n    limit = {}\nclass B: pass\n"
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": text.format("", 1000)}) as notebook:
        notebook.run("import lib.a\n")
        notebook.edit({"lib/a.py": text.format("dict", 1000)})
        notebook.run("assert issubclass(lib.a.A, dict)")
        assert notebook.edit({"lib/a.py": text.format("dict", 2000)}).lines == []
        notebook.run("assert lib.a.A.limit == 2000\nlib.a.A.limit = 5\n")
        assert "lib.a.A.limit" in notebook.edit({"lib/a.py": text.format("dict", 3000)}).lines[0]


def test_an_enum_member_under_another_name_has_not_been_changed_by_the_run(tmp_path: Path) -> None:
    text = "import enum\nclass C(enum.Enum):\n    R = {}\n    def m(self): return 1\n{}"
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": text.format(1000, "r = C.R\n")}) as notebook:
        notebook.run("import lib.a\n")
        notebook.edit({"lib/a.py": text.format(2000, "r = C.R\n")})
        assert notebook.edit({"lib/a.py": text.format(2000, "")}).lines == []
