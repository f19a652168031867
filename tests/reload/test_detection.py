"""What counts as a change: bytes, not times; whole files, not half-saved ones; whatever way they came to be as they are."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from reload_harness import Notebook

from autoegg.errors import LibraryBroken

FILES = {
    "lib/__init__.py": "",
    "lib/a.py": "SEEN = []\ndef f(): return 1\nclass A:\n    def m(self): return 1\n",
    "lib/b.py": "from .a import f\ndef g(): return f() + 1\n",
}


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def test_a_checkout_of_another_branch_and_back(tmp_path: Path) -> None:
    with Notebook(tmp_path, FILES) as notebook:
        git(tmp_path, "init", "-q", "-b", "one")
        git(tmp_path, "add", "lib")
        git(tmp_path, "commit", "-qm", "one")
        notebook.run(
            "import lib.a\nfrom lib.a import A, f\nfrom lib.b import g\nx = A()\nlib.a.SEEN.append(1)\n"
        )
        git(tmp_path, "checkout", "-qb", "two")
        notebook.write(
            {"lib/a.py": FILES["lib/a.py"].replace("return 1", "return 2"), "lib/c.py": "K = 1\n", "lib/b.py": "from .a import f\nfrom .c import K\ndef g(): return f() + K * 10\n"}
        )  # fmt: skip
        git(tmp_path, "add", "lib")
        git(tmp_path, "commit", "-qm", "two")
        notebook.reloader.reload(None)
        notebook.run("assert (x.m(), f(), g()) == (2, 2, 12) and lib.a.SEEN == [1]")
        git(tmp_path, "checkout", "-q", "one")
        notebook.reloader.reload(None)
        notebook.run(
            "import sys\nassert (x.m(), f(), g()) == (1, 1, 2) and lib.a.SEEN == [1] and 'lib.c' not in sys.modules"
        )
        git(tmp_path, "checkout", "-q", "two")
        notebook.reloader.reload(None)
        notebook.run("assert (x.m(), f(), g()) == (2, 2, 12) and lib.a.SEEN == [1]")


def test_a_stash_takes_a_file_away_and_brings_it_back(tmp_path: Path) -> None:
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/keep.py": "X = 1\n"}) as notebook:
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", "lib")
        git(tmp_path, "commit", "-qm", "one")
        notebook.write({"lib/a.py": FILES["lib/a.py"]})
        notebook.run("import lib.a\nfrom lib.a import A, f\nx = A()\nheld = [f, x.m, A]\n")
        git(tmp_path, "stash", "-qu")
        assert notebook.reloader.reload(None).removed_modules == ["lib.a"]
        git(tmp_path, "stash", "pop", "-q")
        notebook.reloader.reload(None)
        notebook.run(
            "import lib.a\nassert held[0]() == 1 and held[1]() == 1 and held[2] is A and lib.a.f is f and isinstance(x, A)"
        )


def test_times_that_go_back_are_seen(tmp_path: Path) -> None:
    with Notebook(tmp_path, FILES) as notebook:
        notebook.run("from lib.a import f")
        path = tmp_path / "lib/a.py"
        path.write_text(FILES["lib/a.py"].replace("return 1", "return 3"))
        os.utime(path, (1, 1))
        notebook.reloader.reload(None)
        notebook.run("assert f() == 3")


def test_an_edit_while_a_cell_runs_is_for_the_next_cell(tmp_path: Path) -> None:
    with Notebook(tmp_path, FILES) as notebook:
        notebook.run("from lib.a import f")
        changed = notebook.write({"lib/a.py": FILES["lib/a.py"].replace("return 1", "return 4")})
        notebook.run("assert f() == 1")
        notebook.reloader.reload(*changed)
        notebook.run("assert f() == 4")


@pytest.mark.parametrize(
    "half", ["", "SEEN = []\ndef f(): return 1\ncl", "SEEN = []\ndef f(): retu", "SEEN = ["]
)
def test_a_half_saved_file_is_refused_or_comes_to_life_again_when_it_is_whole(
    half: str, tmp_path: Path
) -> None:
    with Notebook(tmp_path, FILES) as notebook:
        notebook.run(
            "import lib.a\nfrom lib.a import A, f\nfrom lib.b import g\nx = A()\nheld = f\nlib.a.SEEN.append(1)\n"
        )
        try:
            notebook.edit({"lib/a.py": half})
        except LibraryBroken:
            notebook.run("assert x.m() == 1 and f() == 1 and g() == 2 and lib.a.SEEN == [1]")
        notebook.edit({"lib/a.py": FILES["lib/a.py"].replace("return 1", "return 5")})
        notebook.run(
            "assert x.m() == 5 and held() == 5 and f is held and g() == 6 and type(x) is A and lib.a.SEEN == [1]"
        )
