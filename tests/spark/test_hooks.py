"""The hooks go in when pyspark is imported, know what they touch, and come out again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SHIM = Path(__file__).parents[2] / "python-shim"


def run(code: str) -> list[str]:
    head = f"import sys\nsys.path.insert(0, {str(SHIM)!r})\n"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", head + code], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


POINTS = """
def points():
    import importlib, importlib.util
    core = importlib.import_module("pyspark.core.rdd" if importlib.util.find_spec("pyspark.core") else "pyspark.rdd")
    import pyspark.sql.udf, pyspark.sql.udtf, pyspark.sql.utils
    return (core._prepare_for_python_RDD, getattr(pyspark.sql.udf, "_prepare_for_python_RDD", None),
        vars(pyspark.sql.udf.UserDefinedFunction)["_judf"], vars(pyspark.sql.udtf.UserDefinedTableFunction)["_judtf"],
        pyspark.sql.utils.ForeachBatchFunction.call)
"""


def test_installing_does_not_import_pyspark_and_its_import_brings_them_in() -> None:
    code = (
        POINTS
        + """
from autoegg.spark import install, uninstall, live_target, hooks
install(lambda target: None)
print(any(name.startswith("pyspark") for name in sys.modules), live_target())
hooked = points()
install(lambda target: None)
print(hooks.problem(), points() == hooked)
import pyspark.sql.udf
print(type(pyspark.sql.udf.__loader__).__name__, type(pyspark.sql.udf.__spec__.loader).__name__)
finders = len(sys.meta_path)
uninstall()
print(sum(a is not b for a, b in zip(hooked, points())) == len([point for point in hooked if point]), finders - len(sys.meta_path))
"""
    )
    assert run(code) == ["False None", "None True", "SourceFileLoader SourceFileLoader", "True 1"]


def test_they_also_go_into_a_pyspark_that_is_there() -> None:
    code = (
        POINTS
        + """
before = points()
from autoegg.spark import install, uninstall
install(lambda target: None)
print(sum(a is not b for a, b in zip(before, points())) == len([point for point in before if point]))
uninstall()
print(points() == before)
"""
    )
    assert run(code) == ["True", "True"]


def test_an_unknown_signature_is_refused_by_name_and_left_alone() -> None:
    code = (
        POINTS
        + """
import importlib
core = sys.modules[points()[0].__module__]
def _prepare_for_python_RDD(sc, command, more):
    pass
core._prepare_for_python_RDD = _prepare_for_python_RDD
from autoegg.spark import hooks, install
install(lambda target: None)
print(core._prepare_for_python_RDD is _prepare_for_python_RDD)
print(hooks.problem())
"""
    )
    untouched, sentence = run(code)
    assert untouched == "True"
    assert (
        sentence.startswith("autoegg does not know PySpark ")
        and "_prepare_for_python_RDD takes sc, command, more" in sentence
    )


def test_without_hooks_shipping_says_so() -> None:
    code = "from autoegg.spark import hooks\nprint(hooks.problem())"
    assert "not installed" in run(code)[0]
