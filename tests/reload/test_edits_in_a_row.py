"""One edit after another: what the first one left alone is followed as well by the second."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from reload_harness import Notebook

TEXT = "def first():\n    return 1\n\ndef second():\n    return 1\n\ndef third():\n    return 1\n"


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    with Notebook(tmp_path) as made:
        yield made


def _edited(text: str, name: str, value: int) -> str:
    head, body = text.split(f"def {name}():\n", 1)
    return f"{head}def {name}():\n    return {value}\n" + body.split("\n", 1)[1]


@pytest.mark.parametrize("order", [("third", "first"), ("first", "third"), ("second", "second", "first")])
def test_functions_are_edited_one_after_the_other(notebook: Notebook, order: tuple[str, ...]) -> None:
    notebook.write({"lib.py": TEXT})
    notebook.run("from lib import first, second, third")
    text, expected = TEXT, {"first": 1, "second": 1, "third": 1}
    for value, name in enumerate(order, 2):
        text, expected[name] = _edited(text, name, value), value
        notebook.edit({"lib.py": text})
        assert {key: notebook.value(f"{key}()") for key in expected} == expected


def test_functions_on_one_line_are_distinguished(notebook: Notebook) -> None:
    text = "f = lambda: 1; g = lambda: 2\n\ndef h():\n    return 3\n"
    notebook.write({"lib.py": text})
    notebook.run("import lib")
    for old, new in (("3", "4"), ("2", "5"), ("1", "6")):
        text = text.replace(old, new)
        notebook.edit({"lib.py": text})
    assert notebook.value("[lib.f(), lib.g(), lib.h()]") == [6, 5, 4]


def test_lines_move_between_edits(notebook: Notebook) -> None:
    notebook.write({"lib.py": TEXT})
    notebook.run("from lib import first, second, third")
    text = _edited(TEXT, "third", 2)
    notebook.edit({"lib.py": text})
    notebook.edit({"lib.py": "import os\n\n" + text})
    notebook.edit({"lib.py": "import os\n\n" + _edited(text, "second", 3)})
    assert notebook.value("[first(), second(), third()]") == [1, 3, 2]


def test_a_class_that_took_anothers_place_keeps_what_it_has(notebook: Notebook) -> None:
    notebook.write({"lib/__init__.py": "", "lib/a.py": "class A:\n    x = 1\n", "lib/b.py": "y = len('1')\n"})
    notebook.run("import lib.b\nfrom lib.a import A\na = A()")
    notebook.edit(
        {"lib/a.py": "from abc import ABC\nclass A(ABC):\n    x = 1\n    def __call__(self): return 1\n"}
    )
    notebook.edit({"lib/b.py": "y = len('12')\n"})
    assert notebook.value("A()()") == 1


def test_another_future_leaves_values_alone(notebook: Notebook) -> None:
    text = "seen = {}\n\ndef f(x: int): return x\n\nclass A:\n    y: int = 1\n"
    notebook.write({"lib.py": text})
    notebook.run("from lib import A, f, seen\nseen['by'] = 'the run'\na = A()\nimport lib")
    notebook.edit({"lib.py": "from __future__ import annotations\n" + text.replace("return x", "return [x]")})
    assert notebook.value("(f.__annotations__, A.__annotations__)") == ({"x": "int"}, {"y": "int"})
    assert notebook.value("(seen, seen is lib.seen, type(a) is lib.A, f is lib.f)") == (
        {"by": "the run"},
        True,
        True,
        True,
    )
    assert notebook.report.lines == []
    notebook.edit({"lib.py": text})
    assert notebook.value("(f.__annotations__, A.__annotations__, seen)") == (
        {"x": int},
        {"y": int},
        {"by": "the run"},
    )


def test_imports_for_type_checkers_change_no_order(tmp_path: Path) -> None:
    use, make = (
        "from .make import made\nvalue = made()\n",
        "{}import functools\n\n{}\ndef made(): return {}\n",
    )
    files = {
        "lib/__init__.py": "from . import make\nfrom . import use\n",
        "lib/use.py": use,
        "lib/make.py": make.format("", "@functools.cache", 1),
    }
    with Notebook(tmp_path, files) as notebook:
        notebook.run("import lib")
        checked = "import typing\nif typing.TYPE_CHECKING:\n    from .use import value\n"
        text = make.format(checked, "@functools.lru_cache(maxsize=None)", 2)
        notebook.edit({"lib/make.py": text, "lib/use.py": "import os\n" + use})
        assert notebook.value("(lib.use.made is lib.make.made, lib.use.value)") == (True, 2)


def test_a_global_that_a_function_sets_is_as_in_a_fresh_import(tmp_path: Path) -> None:
    tools = "ready = False\n\ndef prepare():\n    global ready\n    ready = True\n    return {}\n"
    files = {
        "lib/__init__.py": "from . import a, b\n",
        "lib/tools.py": tools.format(1),
        "lib/a.py": "from .tools import prepare\nx = prepare()\n",
        "lib/b.py": "from .tools import prepare\nx = prepare()\n",
    }
    with Notebook(tmp_path, files) as notebook:
        notebook.run("import lib")
        notebook.edit({"lib/tools.py": tools.format(2)})
        assert notebook.value("(lib.a.x, lib.b.x, lib.tools.ready)") == (2, 2, True)
        notebook.edit({"lib/a.py": "", "lib/b.py": ""})
        assert notebook.value("lib.tools.ready") is False


ANNOTATED = """import abc
X: int = 1
class A(metaclass=abc.ABCMeta):
    y: int = 0
if X:
    Q: float = 1.0
else:
    R: float = 2.0
W: list = []
W.append(1)
Z: {}
"""


def test_a_modules_annotations_are_those_of_all_its_statements(tmp_path: Path) -> None:
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/t.py": ANNOTATED.format("str")}) as notebook:
        notebook.run("import lib.t, typing")
        expected = {"X": int, "Q": float, "W": list, "Z": str}
        assert notebook.value("lib.t.__annotations__") == expected
        notebook.edit({"lib/t.py": "import os\n" + ANNOTATED.format("bytes")})
        assert notebook.value("lib.t.__annotations__") == {**expected, "Z": bytes}
        assert notebook.value("typing.get_type_hints(lib.t)") == {**expected, "Z": bytes}
        notebook.edit({"lib/t.py": ANNOTATED.format("bytes").replace("W: list = []\nW.append(1)\n", "")})
        assert notebook.value("lib.t.__annotations__") == {"X": int, "Q": float, "Z": bytes}


def test_a_function_keeps_annotations_that_name_what_comes_later(tmp_path: Path) -> None:
    later = "Later" if sys.version_info >= (3, 14) else "'Later'"
    text = f"def f(x: {later}) -> {later}: return {{}}\nclass Later: pass\n"
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/t.py": text.format(1)}) as notebook:
        notebook.run("from lib.t import f, Later\nimport typing")
        notebook.edit({"lib/t.py": text.format(2)})
        assert notebook.value("f(0)") == 2
        assert notebook.value("typing.get_type_hints(f) == {'x': Later, 'return': Later}")
        notebook.edit({"lib/t.py": text.format(2).replace(f"-> {later}", "-> int")})
        assert notebook.value("typing.get_type_hints(f) == {'x': Later, 'return': int}")


def test_annotations_of_names_below_an_edit_stay(tmp_path: Path) -> None:
    text = "from __future__ import annotations\nimport typing\nX: typing.TypeAlias = int\n{}Y: typing.TypeAlias = typing.Callable\n"
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/t.py": text.format("")}) as notebook:
        notebook.run("import lib.t")
        notebook.edit({"lib/t.py": text.format("Z: typing.TypeAlias = str\n")})
        notebook.run("assert sorted(lib.t.__annotations__) == ['X', 'Y', 'Z']")


def test_a_function_of_another_kind_keeps_its_identity_without_a_warning(tmp_path: Path) -> None:
    with Notebook(
        tmp_path, {"lib.py": "def f(): return 1\nclass C:\n    def m(self): return 1\n"}
    ) as notebook:
        notebook.run("import lib\nfrom lib import f\nx = lib.C()\n")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            notebook.edit({"lib.py": "async def f(): return 1\nclass C:\n    def m(self): yield 1\n"})
            notebook.run(
                "import inspect\nassert inspect.iscoroutinefunction(f) and f is lib.f and list(x.m()) == [1]"
            )
            notebook.edit({"lib.py": "n = 1\n"})
            with pytest.raises(NameError):
                notebook.run("f()")


METACLASSES = """class Meta(type):
    def __init__(cls, name, bases, names):
        super().__init__(name, bases, names)
        cls.setup()
    def setup(cls):
        cls.made = [{}]
class SubMeta(Meta):
    def setup(cls):
        super().setup()
        cls.more = [{}]
class Base(metaclass=Meta): pass
"""


def test_a_class_whose_metaclass_has_given_it_attributes_is_replaced_and_then_only_looked_at(
    tmp_path: Path,
) -> None:
    files = {
        "lib/__init__.py": "",
        "lib/a.py": METACLASSES.format(1, 1),
        "lib/b.py": "from .a import Base, SubMeta\nclass Sub(Base, metaclass=SubMeta): pass\n",
    }
    with Notebook(tmp_path, files) as notebook:
        notebook.run("import lib.b\nfrom lib.a import Base")
        notebook.edit({"lib/a.py": METACLASSES.format(2, 1)})
        notebook.edit({"lib/a.py": METACLASSES.format(2, 2)})
        notebook.run("assert (Base.made, lib.b.Sub.made, lib.b.Sub.more) == ([2], [2], [2])")


def test_statements_that_ran_a_function_before_and_in_an_edit_that_moves_it(tmp_path: Path) -> None:
    files = {
        "lib/__init__.py": "",
        "lib/a.py": "def make(): return 1\n",
        "lib/b.py": "from .a import make\nV = [make(), 1]\n",
        "lib/c.py": "from .a import make\nV = [make()]\n",
    }
    with Notebook(tmp_path, files) as notebook:
        notebook.run("import lib.b, lib.c")
        notebook.edit(
            {"lib/a.py": "\n\ndef make(): return 1\n", "lib/b.py": "from .a import make\nV = [make(), 2]\n"}
        )
        notebook.edit({"lib/a.py": "def make(): return 2\n"})
        notebook.run("assert (lib.b.V, lib.c.V) == ([2, 2], [2])")
