"""Functions of a library that cloudpickle copies, because of ``@udf`` or because they are lambdas, follow the code by name."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.parametrize("session", ["local[2]"], indirect=True)

SOURCE = """
import re
import pandas as pd
from pyspark.sql import functions as F
from pyspark.sql.functions import udf

LIMIT = 1
WORDS = re.compile("w+")

def helper(x):
    return x + LIMIT

@udf("long")
def plus(x):
    return helper(x) if WORDS else None

times = F.udf(lambda x: x * 1, "long")
short = lambda x: x + 1

@F.pandas_udf("long")
def columns(s: pd.Series) -> pd.Series:
    return s + 1

class Steps:
    @staticmethod
    @udf("long")
    def step(x):
        return x + 1

def countdown(x):
    return recursive(x)
recursive = lambda x: 1 if x <= 0 else recursive(x - 1)

@F.udtf(returnType="x: long")
class Rows:
    def eval(self):
        yield 1,
"""


def renewed(module: Any, source: str) -> None:
    """The driver's reload, as far as it matters here."""
    exec(compile(source, module.__file__, "exec"), module.__dict__)


@pytest.fixture
def lib(notebook: Any) -> Any:
    library = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": SOURCE})
    module = importlib.import_module(f"{library.name}.code")

    def edit(**changes: str) -> None:
        text = (library.root / library.name / "code.py").read_text()
        for old, new in changes.values():
            assert old in text
            text = text.replace(old, new)
        library.edit({f"{library.name}/code.py": text})
        importlib.invalidate_caches()
        renewed(module, text)
        notebook.ship()

    module.edit = edit
    return module


def test_dataframes_views_and_rdds_made_before_the_edit_follow_it(
    spark: Any, lib: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = spark.range(1, 2, 1, 1)
    frame = rows.select(lib.plus("id"), lib.times("id"), lib.columns("id"), lib.Steps.step("id"))
    frame.createOrReplaceTempView("decorated")
    lambdas = spark.sparkContext.parallelize([1], 1).map(lib.short)
    recursive = spark.sparkContext.parallelize([3], 1).map(lib.recursive)
    table = lib.Rows()

    def ask() -> list[Any]:
        spark_rows = [*frame.collect()[0], *spark.table("decorated").collect()[0], *table.collect()[0]]
        return [*spark_rows, lambdas.collect()[0], recursive.collect()[0]]

    assert ask() == [2, 1, 2, 2, 2, 1, 2, 2, 1, 2, 1]
    lib.edit(
        a=("LIMIT = 1", "LIMIT = 10"),
        b=("x * 1", "x * 10"),
        c=("s + 1", "s + 10"),
        d=("x + 1", "x + 10"),
        e=("1 if x", "10 if x"),
        f=("yield 1", "yield 10"),
    )
    assert ask() == [11, 10, 11, 11, 11, 10, 11, 11, 10, 11, 10]
    assert "autoegg:" not in capsys.readouterr().err


def test_one_that_is_not_decorated_any_more_is_still_found(spark: Any, lib: Any) -> None:
    frame = spark.range(1, 2, 1, 1).select(lib.plus("id"))
    assert frame.collect()[0][0] == 2
    lib.edit(a=('@udf("long")\ndef plus(x):\n    return', "def plus(x):\n    return 100 +"))
    assert frame.collect()[0][0] == 102


def test_one_that_is_gone_is_missed_by_name(spark: Any, lib: Any) -> None:
    frame = spark.range(1, 2, 1, 1).select(lib.plus("id"))
    assert frame.collect()[0][0] == 2
    del lib.plus
    lib.edit(a=("def plus", "def other"))
    with pytest.raises(Exception, match="plus"):
        frame.collect()


def test_what_was_set_at_run_time_goes_along_and_is_reported(
    spark: Any, notebook: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        "from pyspark.sql.functions import udf\nMODEL, LIMIT = None, 1\nTABLE = {}\n"
        "def load():\n    global MODEL\n    MODEL = {'a': 5}\n"
        "@udf('long')\ndef predict(x):\n    return MODEL['a'] + x\n"
        "@udf('long')\ndef looked(x):\n    return TABLE['a'] + x\n"
    )
    library = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": source})
    code = importlib.import_module(f"{library.name}.code")
    code.load()
    code.TABLE["a"] = 6
    frame = spark.range(1).select(code.predict("id"), code.looked("id"))
    assert tuple(frame.collect()[0]) == (5, 6)
    changed = source.replace("['a'] + x", "['a'] - x")
    library.edit({f"{library.name}/code.py": changed})
    renewed(code, changed)
    notebook.ship()
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("autoegg:")]
    assert len(told) == 2 and any(
        f"{code.__name__}.predict has changed" in line and "MODEL" in line for line in told
    )


def test_a_module_that_only_the_driver_can_import_is_copied_and_refused_after_a_change(
    spark: Any, notebook: Any
) -> None:
    source = (
        "from pyspark.sql import SparkSession\nfrom pyspark.sql.functions import col, udf\n"
        "spark = SparkSession.builder.getOrCreate()\nVALID = col('id') >= 0\n"
        "@udf('long')\ndef plus(x):\n    return x + 1\n"
    )
    library = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": source})
    code = importlib.import_module(f"{library.name}.code")
    frame = spark.range(1).where(code.VALID).select(code.plus("id"))
    assert frame.collect()[0][0] == 1
    changed = source.replace("x + 1", "x + 2")
    library.edit({f"{library.name}/code.py": changed})
    renewed(code, changed)
    notebook.ship()
    assert spark.range(1).select(code.plus("id")).collect()[0][0] == 2
    with pytest.raises(Exception, match=r"cannot be imported on node .* Recreate the RDD, DataFrame or view"):
        frame.collect()


def test_other_decorators_are_recognised_by_what_they_put_in_the_functions_place(
    spark: Any, notebook: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        "class Task:\n    def __init__(self, run):\n        self.run = run\n"
        "@Task\ndef plus(x):\n    return x + 1\n"
    )
    library = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": source})
    code = importlib.import_module(f"{library.name}.code")
    rdd = spark.sparkContext.parallelize([1], 1).map(code.plus.run)
    assert rdd.collect() == [2]
    changed = source.replace("x + 1", "x + 2")
    library.edit({f"{library.name}/code.py": changed})
    renewed(code, changed)
    notebook.ship()
    (told,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("autoegg:")]
    assert f"{code.__name__}.plus has changed" in told and f"{code.__name__}.Task" in told
    assert sys.modules[code.__name__] is code
