"""Modules that somebody asks to run again as a whole: all is as a fresh import makes it, and old names lead there."""

from __future__ import annotations

from pathlib import Path

import pytest
from reload_harness import Notebook

from autoegg.errors import LibraryBroken

FILES: dict[str, str] = {
    "lib/__init__.py": "",
    "lib/base.py": "REG = []\ndef reg(f):\n    REG.append(f)\n    return f\nclass Base:\n    limit = 1\n",
    "lib/a.py": """
        from .base import Base, reg
        CACHE = {}
        N = 0
        @reg
        def f(): return CACHE
        class A(Base):
            items = []
        def bump():
            global N
            N += 1
            CACHE[N] = N
            A.items.append(N)
            Base.limit = 7
    """,
}
CELL = "import lib.a, lib.base\nfrom lib.a import f, A, CACHE, bump\nfrom lib.base import REG\nbump()\nA.extra = 5\nlib.a.new = 3\nwas = (f, A, CACHE)\n"


def test_what_the_run_has_made_of_them_is_reset_and_reported(tmp_path: Path) -> None:
    with Notebook(tmp_path, FILES) as notebook:
        notebook.run(CELL)
        report = notebook.reloader.run_again_whole(["lib.a"])
        assert report.whole == ["lib.a"]
        assert set(report.reset) == {"lib.a.N", "lib.a.CACHE", "lib.a.A.items", "lib.a.A.extra", "lib.a.new"}
        notebook.run(
            "assert (lib.a.N, CACHE, A.items, hasattr(A, 'extra'), hasattr(lib.a, 'new')) == (0, {}, [], False, False)"
        )


def test_names_and_registries_have_the_existing_objects_once(tmp_path: Path) -> None:
    with Notebook(tmp_path, FILES) as notebook:
        notebook.run(CELL)
        notebook.reloader.run_again_whole(["lib.a"])
        notebook.run("assert was == (lib.a.f, lib.a.A, lib.a.CACHE) and REG == [f] and lib.base.REG is REG")
        notebook.reloader.run_again_whole(notebook.reloader.modules)
        notebook.run("assert was == (lib.a.f, lib.a.A, lib.a.CACHE) and REG == [f] and lib.base.REG is REG")
        assert not notebook.reloader.replay_all().ran


def test_other_modules_keep_what_the_run_has_made_of_them(tmp_path: Path) -> None:
    with Notebook(tmp_path, FILES) as notebook:
        notebook.run(CELL)
        notebook.reloader.run_again_whole(["lib.a"])
        notebook.run("assert lib.base.Base.limit == 7")
        assert notebook.reloader.run_again_whole(["lib.base"]).reset == ["lib.base.Base.limit"]
        notebook.run("assert lib.base.Base.limit == 1")


def test_one_that_raises_leaves_everything_as_it_was(tmp_path: Path) -> None:
    files = {
        **FILES,
        "lib/b.py": "import os\nfrom .a import bump\nif os.environ.get('AUTOEGG_TEST_RAISES'): 1 / 0\n",
    }
    with Notebook(tmp_path, files) as notebook, pytest.MonkeyPatch.context() as patch:
        notebook.run(f"import lib.b\n{CELL}")
        patch.setenv("AUTOEGG_TEST_RAISES", "1")
        with pytest.raises(LibraryBroken, match=r"lib/b.py, line 3: ZeroDivisionError"):
            notebook.reloader.run_again_whole(notebook.reloader.modules)
        notebook.run(
            "assert (lib.a.N, CACHE, A.items, A.extra, lib.a.new, lib.base.Base.limit) == (1, {1: 1}, [1], 5, 3, 7)"
        )
        notebook.run("assert was == (lib.a.f, lib.a.A, lib.a.CACHE) and REG == [f]")


def test_a_refusal_names_the_statement_that_was_run_again_for_another_ones_sake(tmp_path: Path) -> None:
    with Notebook(tmp_path, FILES) as notebook:
        notebook.run(CELL)
        with pytest.raises(LibraryBroken) as caught:
            notebook.edit({"lib/base.py": FILES["lib/base.py"].replace("REG.append(f)", "REG.append(1 / 0)")})
        assert str(caught.value) == (
            "lib/base.py, line 3: ZeroDivisionError: division by zero"
            " (while lib.a, line 5, ran again, because a function that it ran has changed: def f(): return CACHE)"
        )
