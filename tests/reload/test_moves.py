"""What went away and comes back, perhaps from elsewhere: whoever has held it all the time has it again."""

from __future__ import annotations

from pathlib import Path

import pytest
from reload_harness import Notebook

F, A = "def f(): return {}\n", "class A:\n    def m(self): return {}\n"


def test_a_function_that_was_gone_comes_back_as_an_import(tmp_path: Path) -> None:
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": F.format(1), "lib/b.py": ""}) as notebook:
        notebook.run("import lib.a, lib.b\nfrom lib.a import f\nheld = [f]\n")
        notebook.edit({"lib/a.py": ""})
        notebook.edit({"lib/a.py": "from .b import f\n", "lib/b.py": F.format(2)})
        notebook.run("assert f() == 2 and held[0]() == 2 and held[0] is f is lib.b.f")


def test_a_class_that_was_gone_comes_back_as_an_import(tmp_path: Path) -> None:
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": A.format(1), "lib/b.py": ""}) as notebook:
        notebook.run("import lib.a, lib.b\nfrom lib.a import A\nheld = [A]\nx = A()\n")
        notebook.edit({"lib/a.py": ""})
        notebook.edit({"lib/a.py": "from .b import A\n", "lib/b.py": A.format(2)})
        notebook.run("assert x.m() == 2 and isinstance(x, A) and held[0] is A is lib.b.A")


def test_a_name_of_two_star_imports_goes_in_one_and_comes_in_the_other(tmp_path: Path) -> None:
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": F.format(1), "lib/b.py": ""}) as notebook:
        notebook.run("from lib.a import *\nfrom lib.b import *\n")
        notebook.edit({"lib/a.py": "", "lib/b.py": F.format(2)})
        notebook.run("import lib.b\nassert f() == 2 and f is lib.b.f")


def test_a_module_that_was_renamed_and_renamed_back_is_the_one_that_it_was(tmp_path: Path) -> None:
    text, user = F.format(1) + A.format(1), "from .{} import A, f\n"
    with Notebook(
        tmp_path, {"lib/__init__.py": "", "lib/one.py": text, "lib/a.py": user.format("one")}
    ) as notebook:
        notebook.run("import lib.a, lib.one\nfrom lib.a import A, f\nx = A()\nheld = [f, x.m, A]\n")
        notebook.edit({"lib/one.py": None, "lib/two.py": text, "lib/a.py": user.format("two")})
        notebook.edit(
            {"lib/two.py": None, "lib/one.py": text.replace("1", "3"), "lib/a.py": user.format("one")}
        )
        notebook.run(
            "import lib.one\nassert held[0]() == held[1]() == f() == 3 and isinstance(x, A) and held[2] is A is lib.one.A"
        )


def test_a_name_that_all_knows_again_comes_with_the_star_import(tmp_path: Path) -> None:
    files = {"lib/__init__.py": "", "lib/a.py": "__all__ = []\n" + F.format(1)}
    with Notebook(tmp_path, files) as notebook:
        notebook.run("from lib.a import *\n")
        notebook.edit({"lib/a.py": "__all__ = ['f']\n" + F.format(1)})
        notebook.run("import lib.a\nassert f is lib.a.f")


def test_a_constant_that_one_of_two_star_imports_loses_is_the_others(tmp_path: Path) -> None:
    files = {"lib/__init__.py": "", "lib/a.py": "X = 'a'\n", "lib/b.py": "X = 'b'\nY = 1\n"}
    with Notebook(tmp_path, files) as notebook:
        notebook.run("from lib.a import *\nfrom lib.b import *\n")
        assert notebook.edit({"lib/b.py": "Y = 1\n"}).lines == []
        notebook.run("assert X == 'a'")
        assert notebook.edit({"lib/b.py": None, "lib/a.py": "X = 'aa'\n"}).unbound == ["Y"]
        notebook.run("assert X == 'aa' and 'Y' not in globals()")


def test_a_name_that_the_user_deleted_stays_deleted(tmp_path: Path) -> None:
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": "X = 1\nY = 1\n"}) as notebook:
        notebook.run("from lib.a import *\ndel X\n")
        notebook.edit({"lib/a.py": "X = 2\nY = 2\n"})
        notebook.run("assert 'X' not in globals() and Y == 2")


PAIRS = {
    "method and property": (
        "class A:\n    def m(self): return 1\n",
        "class A:\n    @property\n    def m(self): return 2\n",
        "x.m() == 1",
        "x.m == 2",
    ),
    "function and class": (
        "def T(): return 1\n",
        "class T:\n    v = 2\n",
        "held[0]() == 1",
        "held[0]().v == 2",
    ),
    "function and property of a class": (
        "class A:\n    p = property(lambda self: 1)\n",
        "class A:\n    def p(self): return 2\n",
        "x.p == 1",
        "x.p() == 2",
    ),
    "plain and decorated": (
        "import functools\ndef T(): return 1\n",
        "import functools\n@functools.lru_cache\ndef T(): return 2\n",
        "T() == 1",
        "held[0]() == T() == 2",
    ),
    "function and coroutine": (
        "def T(): return 1\n",
        "async def T(): return 2\n",
        "held[0]() == 1",
        "asyncio.run(held[0]()) == 2",
    ),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_there_and_back_and_there_again(pair: str, tmp_path: Path) -> None:
    first, second, before, after = PAIRS[pair]
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": first}) as notebook:
        notebook.run(
            "import asyncio, lib.a\nfrom lib.a import *\nheld = [globals().get('T')]\nx = A() if 'A' in globals() else None\n"
        )
        for text, check in [(second, after), (first, before)] * 2:
            notebook.edit({"lib/a.py": text})
            notebook.run(f"assert {check}")


def test_a_module_becomes_a_package_and_a_module_again(tmp_path: Path) -> None:
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/m.py": F.format(1) + A.format(1)}) as notebook:
        notebook.run("from lib.m import A, f\nx = A()\nheld = [f, x.m]\n")
        for number in (2, 4):
            notebook.edit(
                {
                    "lib/m.py": None,
                    "lib/m/__init__.py": "from .x import A, f\n",
                    "lib/m/x.py": F.format(number) + A.format(number),
                }
            )
            notebook.run(f"assert f() == held[0]() == held[1]() == {number} and isinstance(x, A)")
            notebook.edit(
                {
                    "lib/m/__init__.py": None,
                    "lib/m/x.py": None,
                    "lib/m.py": F.format(number + 1) + A.format(number + 1),
                }
            )
            notebook.run(f"assert f() == held[0]() == held[1]() == {number + 1} and isinstance(x, A)")


def test_what_the_notebook_registered_stays_over_several_edits(tmp_path: Path) -> None:
    text = "import os\nHANDLERS = {{'x': len, 'n': {}}}\nHOOKS = [len, {}]\n"
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": text.format(0, 0)}) as notebook:
        notebook.run(
            "from lib.a import HANDLERS, HOOKS\ndef mine(): pass\nHANDLERS['mine'] = mine\nHOOKS.append(mine)\n"
        )
        for number in (1, 2, 3):
            notebook.edit({"lib/a.py": text.format(number, number)})
            notebook.run(
                f"assert HANDLERS == {{'x': len, 'n': {number}, 'mine': mine}} and HOOKS == [len, {number}, mine]"
            )


def test_an_enum_whose_members_had_gone_to_another_class_has_members_of_its_own_again(tmp_path: Path) -> None:
    text = "import enum\nclass C(enum.Enum):\n    R = 1\n    def m(self): return {}\nc = C.R\n"
    user = "from .{} import *\n"
    with Notebook(
        tmp_path, {"lib/__init__.py": "", "lib/one.py": text.format(1), "lib/a.py": user.format("one")}
    ) as notebook:
        notebook.run("import lib.a\nfrom lib.a import C, c\nheld = [c, C]\n")
        hidden = "__all__ = ['c']\n" + text.format(
            2
        )  # so the users of the class do not follow it, those of the member do
        notebook.edit({"lib/one.py": None, "lib/two.py": hidden, "lib/a.py": user.format("two")})
        notebook.run("import lib.two\nassert held[0] is c is lib.a.c is lib.two.C.R and c.m() == 2")
        notebook.edit({"lib/two.py": None, "lib/one.py": text.format(3), "lib/a.py": user.format("one")})
        notebook.run(
            "import lib.one\nC = lib.one.C\nassert list(map(type, C)) == [C] == [held[1]]\n"
            "assert held[0] is c is lib.a.c is lib.one.c is C.R and c.m() == 3"
        )


def test_a_decorated_function_that_moves_to_its_decorator_is_one_object_for_all(tmp_path: Path) -> None:
    deco, g = (
        "def deco(f):\n    def w(): return ['d', f()]\n    return w\n",
        "@{}deco\ndef g(x={}): return [x, {}]\n",
    )
    a, b = "from . import b\n" + g.format("b.", 1, 1), "from . import b\nfrom .b import g\n"
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/b.py": deco, "lib/a.py": a}) as notebook:
        notebook.run("import lib.a\nheld = lib.a.g\n")
        notebook.edit({"lib/a.py": b, "lib/b.py": deco + g.format("", 2, 2)})
        notebook.run("import lib.b\nassert lib.a.g is lib.b.g and lib.a.g() == held() == ['d', [2, 2]]")
        notebook.edit({"lib/b.py": deco + "K = 3\n" + g.format("", "K", 3)})
        notebook.run("assert lib.a.g is lib.b.g and lib.a.g() == held() == ['d', [3, 3]]")


def test_a_name_of_two_star_imports_that_both_had_lost_comes_back_with_one_of_the_files(
    tmp_path: Path,
) -> None:
    files = {"lib/__init__.py": "", "lib/a.py": F.format(1), "lib/b.py": F.format(2)}
    with Notebook(tmp_path, files) as notebook:
        notebook.run("from lib.a import *\nfrom lib.b import *\nassert f() == 2\n")
        notebook.edit({"lib/a.py": None})
        notebook.edit({"lib/b.py": ""})
        notebook.edit({"lib/a.py": F.format(3)})
        notebook.run("import lib.a\nassert f is lib.a.f and f() == 3")
