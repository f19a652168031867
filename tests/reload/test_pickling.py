"""Survivors pickle by reference, so that Spark ships a name and the workers' own code is used."""

from __future__ import annotations

import importlib
import importlib.util
import pickle
from pathlib import Path
from typing import Any

from reload_harness import Notebook

FILES = {
    "lib/__init__.py": "",
    "lib/d.py": "import functools\ndef deco(f):\n    @functools.wraps(f)\n    def w(*a): return f(*a)\n    return w\n",
    "lib/a.py": (
        "from .d import deco\n@deco\ndef g(x): return x\ndef f(x): return x\n"
        "class A:\n    def m(self): return 1\n    @staticmethod\n    def s(): return 1\n"
        "class Meta(type): pass\nclass M(metaclass=Meta): pass\n"
    ),
}
EDITS = {
    "bodies": {
        "lib/a.py": FILES["lib/a.py"].replace("return x\n", "return x + 1\n").replace("return 1", "return 2")
    },
    "whole module": {
        "lib/a.py": "import os\nK = os.getpid()\n" + FILES["lib/a.py"].replace("f(x)", "f(x, y=1)")
    },
    "class moved": {
        "lib/a.py": FILES["lib/a.py"].replace(
            "class A:\n    def m(self): return 1\n    @staticmethod\n    def s(): return 1\n",
            "from .e import A\n",
        ),
        "lib/e.py": "class A:\n    def m(self): return 2\n    @staticmethod\n    def s(): return 2\n",
    },
    "decorator": {"lib/d.py": FILES["lib/d.py"].replace("f(*a)\n", "[f(*a)]\n")},
}


def test_survivors_pickle_by_reference(tmp_path: Path) -> None:
    picklers: list[Any] = [pickle]
    name = "pyspark.cloudpickle" if importlib.util.find_spec("pyspark") is not None else "cloudpickle"
    picklers.append(importlib.import_module(name))
    for number, edit in enumerate(EDITS.values()):
        with Notebook(tmp_path / str(number), FILES) as notebook:
            notebook.run("from lib.a import f, g, A, M\nheld = [f, g, A, M, A.s]\nx = A()\n")
            notebook.edit(edit)  # type: ignore[arg-type]
            for value in notebook.value("[*held, f, g, A, M]"):
                for pickler in picklers:
                    data = pickler.dumps(value)
                    assert b"co_code" not in data and len(data) < 200
                    assert pickle.loads(data) is value
            assert isinstance(pickle.loads(pickle.dumps(notebook.value("x"))), notebook.value("A"))
