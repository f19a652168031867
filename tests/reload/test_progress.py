"""While a reload runs, what it is doing can be read: the class whose old self it looks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from reload_harness import Notebook

from autoegg.reload import progress


def test_a_class_whose_old_self_is_looked_for_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(progress, "doing", said.append)
    before = "import os\nclass Item:\n    __slots__ = ('a',)\n"
    with Notebook(tmp_path, {"lib/__init__.py": "", "lib/a.py": before}) as notebook:
        notebook.run("from lib.a import Item\nheld = Item()")
        notebook.edit({"lib/a.py": before.replace("'a'", "'a', 'b'")})
    assert said[-1] == "looking for what refers to the old lib.a.Item"


def test_modules_are_named_while_they_run(tmp_path: Path) -> None:
    files = {
        "lib/__init__.py": "",
        "lib/a.py": "X = 1\n",
        "lib/b.py": "from .a import X\nfrom autoegg.reload import progress\nSAID = [progress.now, X]\n",
    }
    with Notebook(tmp_path, files) as notebook:
        notebook.run("import lib.b")
        notebook.edit({"lib/a.py": "X = 2\n"})
        notebook.run("assert lib.b.SAID == ['running lib.b', 2]")
