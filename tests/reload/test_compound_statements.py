"""Statements with blocks: what they hand on before they end, and what they leave as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from reload_harness import Notebook

REGISTERED = """
from .base import TABLE
if True:
    def f(x=0):
        return [x, 82]
    class C:
        pass
    TABLE["f"], TABLE["C"] = f, C
"""


@pytest.mark.parametrize("more", ["    y = f\n", "    def g():\n        return 1\n", "    TABLE['g'] = f\n"])
def test_a_definition_in_a_block_is_registered_with_its_identity(tmp_path: Path, more: str) -> None:
    with Notebook(tmp_path / "root") as notebook:
        notebook.write({"lib/__init__.py": "", "lib/base.py": "TABLE = {}\n", "lib/a.py": REGISTERED})
        notebook.run("import lib.a; from lib.a import f, C")
        notebook.edit({"lib/a.py": REGISTERED + more})
        for name in ("f", "C"):
            assert notebook.value(f"{name} is lib.a.{name} is lib.base.TABLE['{name}']")


def test_a_name_that_a_block_may_bind_goes_with_the_statement_that_bound_it(tmp_path: Path) -> None:
    block = "if not __debug__:\n    del t\n    u = 1\n"
    with Notebook(tmp_path / "root") as notebook:
        notebook.write({"lib.py": f"t = 89\nu = 1\n{block}"})
        notebook.run("import lib")
        notebook.edit({"lib.py": block})
        assert not notebook.value("hasattr(lib, 't') or hasattr(lib, 'u')")


NESTED = "class A:\n    class In:\n        a = 74\n{}        def n(*a): return [78, a]\n    def m(self): return self.In.a\n"
INNER = "        class Inner:\n            b = 22\n"


def test_a_class_inside_a_class_has_what_its_text_says(tmp_path: Path) -> None:
    files = {
        "lib/__init__.py": "",
        "lib/base.py": "def keep(cls):\n    cls.seen = 1\n    return cls\n",
        "lib/a.py": NESTED.format(INNER),
        "lib/b.py": "from .base import keep\nfrom . import a\na.A = keep(a.A)\n",
    }
    with Notebook(tmp_path / "root", files) as notebook:
        notebook.run("import lib.b")
        notebook.edit({"lib/a.py": NESTED.format(INNER + "        c = 1\n")})
        assert notebook.value("lib.a.A.In.c == 1 and lib.a.A.In.Inner.b == 22")
        notebook.edit({"lib/a.py": NESTED.format("        b = 22\n")})
        assert notebook.value("lib.a.A.In.b == 22 and lib.a.A.seen == 1")
        assert not notebook.value("hasattr(lib.a.A.In, 'Inner') or hasattr(lib.a.A.In, 'c')")
