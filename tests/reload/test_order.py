"""Statements of several modules run, and are taken back, in the order of a fresh import; where that fails, modules run as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from reload_harness import Notebook
from scenario import in_library

from autoegg.errors import LibraryBroken
from autoegg.reload.replay.replay import Replay

BASE = "KEPT = []\nclass Base: pass\n"


def after(tmp_path: Path, files: dict[str, str], edit: dict[str, str | None], expression: str) -> Any:
    with Notebook(tmp_path, in_library({"__init__.py": "", **files})) as notebook:  # type: ignore[arg-type]
        notebook.run("import lib, lib.a")
        notebook.edit(in_library(edit))  # type: ignore[arg-type]
        return notebook.value(expression)


def test_modules_that_one_group_of_imports_loads_fill_a_list_in_their_order(tmp_path: Path) -> None:
    fill = "from .base import KEPT\nKEPT.append({})\n"
    files = {
        "base.py": BASE,
        "a.py": "from . import b\nfrom . import c\n",
        "b.py": "",
        "c.py": fill.format(2),
    }
    assert after(tmp_path, files, {"b.py": fill.format(1)}, "lib.base.KEPT") == [1, 2]


def test_imports_change_places(tmp_path: Path) -> None:
    fill = "from .base import KEPT\nKEPT.append({})\n"
    files = {
        "base.py": BASE,
        "a.py": "from . import b\nfrom . import c\n",
        "b.py": fill.format(1),
        "c.py": fill.format(2),
    }
    assert after(tmp_path, files, {"a.py": "from . import c\nfrom . import b\n"}, "lib.base.KEPT") == [2, 1]


def test_two_statements_change_places(tmp_path: Path) -> None:
    files = {"a.py": "KEPT = []\nKEPT.append(1)\nKEPT.append(2)\n"}
    assert after(tmp_path, files, {"a.py": "KEPT = []\nKEPT.append(2)\nKEPT.append(1)\n"}, "lib.a.KEPT") == [
        2,
        1,
    ]


def test_a_new_import_by_name_brings_a_module_forward(tmp_path: Path) -> None:
    fill = "from .base import KEPT\nKEPT.append({})\n"
    files = {
        "base.py": BASE,
        "a.py": "import importlib\nfrom . import b\nfrom . import c\n",
        "b.py": fill.format(1),
        "c.py": fill.format(2),
    }
    edit: dict[str, str | None] = {
        "a.py": "import importlib\nn = importlib.import_module('lib.c')\nfrom . import b\n"
    }
    assert after(tmp_path, files, edit, "lib.base.KEPT") == [2, 1]


def test_what_another_module_writes_later_is_not_seen_yet(tmp_path: Path) -> None:
    files = {
        "base.py": BASE,
        "a.py": "from . import b\nfrom . import c\n",
        "b.py": "",
        "c.py": "from . import base\nbase.more = 1\n",
    }
    edit: dict[str, str | None] = {
        "b.py": "from . import base\nnames = [name for name in vars(base) if name == 'more']\n"
    }
    assert after(tmp_path, files, edit, "lib.b.names, lib.base.more") == ([], 1)


def test_a_module_that_waits_for_an_import_has_the_names_bound_so_far(tmp_path: Path) -> None:
    files = {"a.py": "one = 1\nfrom . import b\ntwo = 2\n", "b.py": "from . import a\n"}
    edit: dict[str, str | None] = {
        "b.py": "from . import a\nnames = sorted(name for name in vars(a) if name in ('one', 'two'))\n"
    }
    assert after(tmp_path, files, edit, "lib.b.names, lib.a.two") == (["one"], 2)


def test_names_come_in_the_order_in_which_they_are_bound(tmp_path: Path) -> None:
    files = {"a.py": "x = 1\ny = x + 1\nz = 3\n"}
    edit: dict[str, str | None] = {
        "a.py": "z = 3\nx = 1\ny = x + 1\nnames = [name for name in list(globals()) if name in 'xyz']\n"
    }
    assert after(tmp_path, files, edit, "lib.a.names") == ["z", "x", "y"]


def test_subclasses_are_asked_for_in_the_order_of_a_fresh_import(tmp_path: Path) -> None:
    files = {
        "base.py": BASE,
        "a.py": "from . import b, c\n",
        "b.py": "from .base import Base\n",
        "c.py": "from .base import Base\nclass C(Base): pass\nfound = [cls.__name__ for cls in Base.__subclasses__()]\nclass D(Base): pass\n",
    }
    assert after(
        tmp_path, files, {"b.py": "from .base import Base\nclass B(Base): pass\n"}, "lib.c.found"
    ) == ["B", "C"]


def test_a_method_that_singledispatch_no_longer_has(tmp_path: Path) -> None:
    text = "import functools\n@functools.singledispatch\ndef f(x): return 'any'\n"
    more = "@f.register\ndef _(x: str): return 'text'\n"
    with Notebook(tmp_path, in_library({"__init__.py": "", "a.py": text + more})) as notebook:  # type: ignore[arg-type]
        notebook.run("from lib.a import f\nassert f('') == 'text'")
        notebook.edit(in_library({"a.py": text}))  # type: ignore[arg-type]
        assert notebook.value("f('')") == "any"


def test_a_name_changes_its_kind_again_and_again(tmp_path: Path) -> None:
    with Notebook(tmp_path, in_library({"__init__.py": "", "a.py": "n = [1]\n"})) as notebook:  # type: ignore[arg-type]
        notebook.run("import lib.a")
        for text in (
            "def n(): return 2\n",
            "class n: x = 3\n",
            "n = 4\n",
            "n = [5]\n",
            "n = lambda: 6\n",
            "class n: x = 7\n",
        ):
            notebook.edit(in_library({"a.py": text + "m = str(1)\n"}))  # type: ignore[arg-type]
        assert notebook.value("lib.a.n.x") == 7


def test_what_fails_statement_by_statement_is_tried_by_whole_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Replay.run

    def fails(replay: Replay) -> None:
        run(replay)
        if not replay.whole:
            raise TypeError("a fault of the replay")

    with Notebook(
        tmp_path,
        in_library(
            {"__init__.py": "", "a.py": "x = 1\ndef f(): return x\n", "b.py": "from .a import x\ny = x + 1\n"}
        ),
    ) as notebook:  # type: ignore[arg-type]
        notebook.run("from lib.a import f\nimport lib.b")
        monkeypatch.setattr(Replay, "run", fails)
        notebook.edit(in_library({"a.py": "x = 5\ndef f(): return x\n"}))  # type: ignore[arg-type]
        assert notebook.value("f(), lib.b.y") == (5, 6)


def test_a_refusal_names_the_line_that_a_fresh_import_fails_at(tmp_path: Path) -> None:
    with Notebook(tmp_path, in_library({"__init__.py": "", "a.py": "x = 1\n"})) as notebook:  # type: ignore[arg-type]
        notebook.run("import lib.a")
        with pytest.raises(LibraryBroken, match=r"lib/a\.py, line 2: ZeroDivisionError"):
            notebook.edit(in_library({"a.py": "x = 2\ny = x / 0\n"}))  # type: ignore[arg-type]
        assert notebook.value("lib.a.x") == 1


def test_what_another_module_wrote_stays_when_its_module_is_replayed_in_the_middle(tmp_path: Path) -> None:
    files = {
        "a.py": "from . import b\nfrom . import c\nc.more = 4\n",
        "b.py": "x = 1\n",
        "c.py": "from .b import x\nhere = sorted(name for name in list(globals()) if name == 'more')\ny = str(x)\n",
    }
    assert after(tmp_path, files, {"b.py": "x = 2\n"}, "lib.c.here, lib.c.more, lib.c.y") == ([], 4, "2")
