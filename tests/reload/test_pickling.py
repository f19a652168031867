"""Survivors pickle by reference, so that Spark ships a name and the workers' own code is used."""

from __future__ import annotations

import importlib
import importlib.util
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from reload_harness import Notebook

CLOUDPICKLE = "pyspark.cloudpickle" if importlib.util.find_spec("pyspark") is not None else "cloudpickle"

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
    picklers.append(importlib.import_module(CLOUDPICKLE))
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


RESULTS = {
    "lib/__init__.py": "",
    "lib/a.py": (
        "import dataclasses, enum, typing\n"
        "class Plain:\n    def __init__(self): self.x = 1\n    def m(self): return 1\n    class Inner:\n        def m(self): return 1\n"
        "@dataclasses.dataclass(slots=True, frozen=True)\nclass Row:\n    x: int = 1\n    def m(self): return 1\n"
        "class Kind(enum.Enum):\n    A = 1\n    def m(self): return 1\n"
        "class Pair(typing.NamedTuple):\n    x: int = 1\n    def m(self): return 1\n"
        "class Error(Exception):\n    def m(self): return 1\n"
        "def results(): return [Plain(), Plain.Inner(), Row(), Kind.A, Pair(), Error('e'), [{Kind.A: Row()}]]\n"
    ),
}
MORE = "import os\nPID = os.getpid()\n"
RESULT_EDITS: dict[str, dict[str, str | None]] = {
    "nothing": {},
    "bodies": {"lib/a.py": RESULTS["lib/a.py"].replace("return 1", "return 2")},
    "statements": {"lib/a.py": MORE + RESULTS["lib/a.py"].replace("def m(self)", "def m(self, y=1)")},
    "layout": {
        "lib/a.py": RESULTS["lib/a.py"].replace("    x: int = 1\n", "    x: int = 1\n    y: int = 2\n")
    },
    "moved": {
        "lib/a.py": "from .b import *\n",
        "lib/b.py": RESULTS["lib/a.py"].replace("return 1", "return 2"),
    },
}
WORKER = """
import importlib, pickle, sys
sys.path[:0] = sys.argv[2:]
import lib.a
dumps = importlib.import_module(sys.argv[1]).dumps
sys.stdout.buffer.write(dumps(lib.a.results()))
"""


@pytest.mark.parametrize("edit", RESULT_EDITS)
@pytest.mark.parametrize("pickler", ["pickle", CLOUDPICKLE])
def test_results_of_another_process_are_instances_of_the_classes_that_the_notebook_has(
    pickler: str, edit: str, tmp_path: Path
) -> None:
    with Notebook(tmp_path, RESULTS) as notebook:
        notebook.run(
            "from lib.a import Error, Kind, Pair, Plain, Row\nkinds = [Plain, Plain.Inner, Row, Kind, Pair, Error]\n"
        )
        notebook.edit(RESULT_EDITS[edit])
        command = [sys.executable, "-B", "-c", WORKER, pickler, str(tmp_path)]
        sent = subprocess.run(command, check=True, capture_output=True, timeout=300).stdout
        notebook.namespace["results"] = pickle.loads(sent)
        notebook.run(
            "import lib.a\n"
            "assert [type(result) for result in results[:6]] == kinds == [Plain, Plain.Inner, Row, Kind, Pair, Error]\n"
            "assert results[3] is Kind.A and results[2] == Row() and results[6] == [{Kind.A: Row()}]\n"
            "assert [result.m() for result in results[:6]] == [made.m() for made in lib.a.results()[:6]]\n"
        )


@pytest.mark.parametrize("pickler", ["pickle", CLOUDPICKLE])
def test_results_that_were_sent_before_an_edit_are_instances_too(pickler: str, tmp_path: Path) -> None:
    with Notebook(tmp_path, RESULTS) as notebook:
        notebook.run("from lib.a import Plain, Row, Kind")
        sent = importlib.import_module(pickler).dumps(notebook.value("[Plain(), Row(), Kind.A]"))
        for edit in RESULT_EDITS.values():
            notebook.edit(edit)
            notebook.namespace["results"] = pickle.loads(sent)
            notebook.run("assert list(map(type, results)) == [Plain, Row, Kind] and results[2] is Kind.A")
