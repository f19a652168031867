"""What functions of the library do to classes while it is imported: counters, methods that are added, registries on a class."""

from __future__ import annotations

from pathlib import Path

from reload_harness import Notebook

COUNTED = """
class Counted:
    made = 0

def make():
    Counted.made += 1
    return Counted.made
"""
ADDED = """
class A:
    pass

def add(cls):
    cls.added = lambda self: 1
    return cls

A = add(A)
x = len("1")
"""


def test_a_counter_on_a_class_counts_as_in_a_fresh_import(tmp_path: Path) -> None:
    files = {
        "lib/__init__.py": "from . import one\nfrom . import two\n",
        "lib/counted.py": COUNTED,
        "lib/one.py": "from .counted import make\na, b = make(), make()\n",
        "lib/two.py": "from .counted import make\nc = make()\n",
    }
    with Notebook(tmp_path, files) as notebook:
        notebook.run("import lib")
        notebook.edit({"lib/counted.py": COUNTED.replace("+= 1", "+= 10")})
        assert notebook.value("[lib.one.a, lib.one.b, lib.two.c, lib.counted.Counted.made]") == [
            10,
            20,
            30,
            30,
        ]
        notebook.edit({"lib/one.py": "from .counted import make\na = make()\n"})
        assert notebook.value("[lib.one.a, lib.two.c, lib.counted.Counted.made]") == [10, 20, 20]


def test_modules_that_one_statement_after_the_other_imports_keep_their_order(tmp_path: Path) -> None:
    files = {
        "lib/__init__.py": "from . import zeta\nfrom . import alpha\n",
        "lib/counted.py": COUNTED,
        "lib/zeta.py": "from .counted import make\na = make()\n",
        "lib/alpha.py": "from .counted import make\nb = make()\n",
    }
    with Notebook(tmp_path, files) as notebook:
        notebook.run("import lib")
        for number in ("2", "3"):
            notebook.edit({"lib/counted.py": COUNTED.replace("+= 1", f"+= {number}")})
            assert notebook.value("[lib.zeta.a, lib.alpha.b]") == [int(number), 2 * int(number)]


def test_what_a_function_added_to_a_class_stays_and_goes_with_its_statement(tmp_path: Path) -> None:
    with Notebook(tmp_path, {"lib.py": ADDED}) as notebook:
        notebook.run("import lib\na = lib.A()")
        for text in ('len("12")', 'len("123")'):
            notebook.edit({"lib.py": ADDED.replace('len("1")', text)})
            assert notebook.value("a.added()") == 1
        notebook.edit({"lib.py": ADDED.replace("A = add(A)\n", "")})
        assert not notebook.value("hasattr(lib.A, 'added')")


def test_slots_in_another_order_are_as_they_are_written(tmp_path: Path) -> None:
    text = "class A:\n    __slots__ = ({})\n"
    with Notebook(tmp_path, {"lib.py": text.format("'b', 'a'")}) as notebook:
        notebook.run("from lib import A\na = A()\na.b = 1")
        notebook.edit({"lib.py": text.format("'a', 'b'")})
        assert notebook.value("(A.__slots__, a.b, type(a) is A)") == (("a", "b"), 1, True)


def test_what_says_that_it_comes_from_elsewhere_stays_what_it_is(tmp_path: Path) -> None:
    inside = "class A:\n    def m(self): return {}\n\ndef f(): return {}\n"
    files = {
        "lib/inside.py": inside.format(1, 1),
        "lib/__init__.py": "from .inside import A, f\n__all__ = ['A', 'f']\n__locals = locals()\n"
        "for __name in __all__:\n    setattr(__locals[__name], '__module__', 'lib')\n",
    }
    with Notebook(tmp_path, files) as notebook:
        notebook.run("import lib, lib.inside\nfrom lib import A, f\na = A()")
        for text in (
            inside.format(2, 2),
            "x = 1\n\n" + inside.format(3, 3),
            inside.format(4, 4).replace("(self)", "(self, y=1)"),
        ):
            notebook.edit({"lib/inside.py": text})
            assert notebook.value("(a.m(), f())") == ((now := int(text.split("return ")[1][0])), now)
            assert notebook.value("(A is lib.A is lib.inside.A, f is lib.inside.f, type(a) is A)") == (
                True,
                True,
                True,
            )
            assert notebook.value("(A.__module__, f.__module__)") == ("lib", "lib")
        notebook.edit({"lib/__init__.py": files["lib/__init__.py"].partition("__locals")[0]})
        assert notebook.value("(A.__module__, f.__module__)") == ("lib.inside", "lib.inside")


def test_a_default_value_that_is_an_attribute_of_the_class_stays_that(tmp_path: Path) -> None:
    text = "class A:\n    every = {{1, 2}}\n    def __init__(self, some=every): self.some = some\n    kind = {!r}\n"
    with Notebook(tmp_path, {"lib.py": text.format("a")}) as notebook:
        notebook.run("from lib import A\nevery = A.every")
        notebook.edit({"lib.py": text.format("b")})
        assert notebook.value("(A().some is A.every is every, A.kind)") == (True, "b")


def test_code_that_attrs_generates_bears_the_name_that_it_has_in_a_fresh_import(tmp_path: Path) -> None:
    text = "import attr\n\n@attr.s(hash=True)\nclass A:\n    x{} = attr.ib(default=1)\n"
    with Notebook(tmp_path, {"lib.py": text.format(1)}) as notebook:
        notebook.run("from lib import A")
        name = notebook.value("A.__init__.__code__.co_filename")
        for value in (2, 3):
            notebook.edit({"lib.py": text.format(value)})
            assert notebook.value(f"(hasattr(A(), 'x{value}'), A.__init__.__code__.co_filename)") == (
                True,
                name,
            )
