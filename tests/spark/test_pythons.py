"""Workers of another Python than the driver's are named before the first job, and when they are asked what they run."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from own_process import in_own_process

from autoegg.kernel.advice import advice_on
from autoegg.kernel.proof import Proof

CODE = "def tag(row):\n    return 'v1'\n"

# No other Python need be installed for the tests: this one says that it is the minor version before.
OLDER = "import collections, sys\nkind = collections.namedtuple('version_info', 'major minor micro releaselevel serial')\n"
OLDER += "sys.version_info = kind(3, sys.version_info[1] - 1, 0, 'final', 0)\n"


def ask(spark: Any, notebook: Any) -> None:
    from autoegg.spark import live_target, verify

    library = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": CODE})
    code = importlib.import_module(f"{library.name}.code")
    notebook.ship()
    notebook.ship()
    print("SHIPPED", file=sys.stderr)
    try:
        spark.sparkContext.parallelize([1], 1).map(code.tag).collect()
    except Exception as error:
        print(f"ADVICE {advice_on(error)}", file=sys.stderr)
    target = live_target()
    assert target is not None
    proof = Proof(verify(target, notebook.state, 20.0)[0])
    print("\n".join(f"VERIFY {line}" for line in proof.verdict), file=sys.stderr)


@pytest.mark.parametrize("master", ["local[1]", "local-cluster[1,1,1024]"])
def test_both_versions_and_the_cure_are_named_before_the_first_job(tmp_path: Path, master: str) -> None:
    import pyspark

    (tmp_path / "sitecustomize.py").write_text(OLDER)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}:$PYTHONPATH" exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    said = in_own_process(
        ask,
        TEST_MASTER=master,
        PYSPARK_PYTHON=str(python),
        SPARK_HOME=pyspark.__path__[0],
        SPARK_WORKER_DIR=str(tmp_path / "work"),
    )
    before, _, after = said.partition("SHIPPED")
    driver, workers = (f"3.{sys.version_info[1] - older}" for older in (0, 1))
    told = [line for line in before.splitlines() if line.startswith("autoegg:")]
    assert told == [
        f"autoegg: the workers run Python {workers} ({python}) and the driver {driver}, so no Python function can run on them: "
        f'set os.environ["PYSPARK_PYTHON"] = "{sys.executable}" (on a cluster, a Python {driver} that every node has), stop '
        "the session and build it again"
    ]
    lines = after.splitlines()
    sentence = f"the workers run Python {workers} and the driver {driver}"
    assert any(line.startswith("ADVICE ") and sentence in line for line in lines)
    assert any(line.startswith("VERIFY ") and "cannot answer: " + sentence in line for line in lines)


def test_a_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    from types import SimpleNamespace

    from autoegg.spark.classic.pythons import differing

    version = f"3.{sys.version_info[1]}"
    context = SimpleNamespace(master="local[2]", pythonExec=str(tmp_path / "none"), pythonVer=version)
    assert f"{tmp_path / 'none'}, which is not on this machine" in str(differing(context))
    context.pythonExec = sys.executable
    assert differing(context) is None
    (tmp_path / "link").symlink_to(os.path.realpath(sys.executable))
    context.pythonExec = str(tmp_path / "link")
    assert differing(context) is None
    context.pythonExec, context.master = str(tmp_path / "none"), "spark://elsewhere:7077"
    assert differing(context) is None, "another machine has its own files"
