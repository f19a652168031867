"""What has not changed is not taken for changed: neither by the run, as a report would tell, nor by a replay that looks at it."""

from __future__ import annotations

from pathlib import Path

from reload_harness import Notebook


def test_an_attribute_of_a_recreated_class_was_not_changed_by_the_run(tmp_path: Path) -> None:
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


def test_a_class_that_has_another_name_too_has_not_been_changed_by_the_run(tmp_path: Path) -> None:
    text = "class A:\n    limit = {}\nB = A\nK = abs({})\n"
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": text.format(1000, 1)}) as notebook:
        notebook.run("import lib.a\n")
        assert notebook.edit({"lib/a.py": text.format(2000, 1)}).lines == []
        whole = text.format(2000, 2).replace("B = A", "B = A ")
        assert notebook.edit({"lib/a.py": whole + "import math\nC = [B]\n"}).lines == []
        assert notebook.edit({"lib/a.py": "class A:\n    limit = 2000\n"}).lines == []
        notebook.run("lib.a.A.limit = 5\n")
        assert "lib.a.A.limit" in notebook.edit({"lib/a.py": "class A:\n    limit = 3000\n"}).lines[0]


def test_the_name_of_a_module_has_not_changed(tmp_path: Path) -> None:
    files = {
        "lib/__init__.py": "",
        "lib/a.py": "def f(): return __name__, __file__\n",
        "lib/b.py": "from .a import f\nX = [f()]\n",
    }
    with Notebook(tmp_path, files) as notebook:
        notebook.run("import lib.b\n")
        assert notebook.reloader.replay_all().statements == 0
        assert notebook.edit({"lib/a.py": files["lib/a.py"] + "g = 1\n"}).statements == 1
