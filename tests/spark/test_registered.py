"""What was registered by name follows the state, in every session, until the user drops or replaces it."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import pytest

SOURCE = """
import pandas as pd

def tag(*row):
    return "v1"

def series(column: pd.Series) -> pd.Series:
    return column.map(tag)

class Table:
    @staticmethod
    def analyze(x):
        from pyspark.sql.types import StructType
        from pyspark.sql.udtf import AnalyzeResult
        return AnalyzeResult(StructType().add("tag_" + tag(), "string"))

    def eval(self, x: int):
        yield (tag(),)
"""

DATA_SOURCE = """
from pyspark.sql.datasource import DataSource, DataSourceReader

class Source(DataSource):
    @classmethod
    def name(cls):
        return "NAME"

    def schema(self):
        return f"planned_{tag()} string"

    def reader(self, schema):
        return Reader()

class Reader(DataSourceReader):
    def read(self, partition):
        yield (tag(),)
"""

LINE_4 = importlib.util.find_spec("pyspark.sql.datasource") is not None


@pytest.fixture
def lib(notebook: Any) -> Any:
    source = SOURCE + (DATA_SOURCE if LINE_4 else "")
    library = notebook.library(
        lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": source.replace("NAME", f"source_{name}")}
    )
    module = importlib.import_module(f"{library.name}.code")

    def say(old: str, new: str) -> None:
        text = library.files[f"{library.name}/code.py"].decode()
        library.edit({f"{library.name}/code.py": text.replace(old, new)})
        notebook.ship()

    module.say = say
    return module


def answers(session: Any, query: str) -> set[str]:
    return {row[0] for row in session.sql(query).collect()}


def test_a_new_query_is_not_answered_from_data_cached_under_older_code(spark: Any, lib: Any) -> None:
    from pyspark.sql.functions import pandas_udf, udf

    other = spark.newSession()
    made = {
        "by_function": lambda name: other.udf.register(name, lambda x: lib.tag(x)),
        "by_udf": lambda name: other.udf.register(name, udf(lib.tag, "string")),
        "by_pandas": lambda name: other.udf.register(name, pandas_udf(lib.series, "string")),
    }
    cached, views = {}, {}
    for name, register in made.items():
        register(name)
        cached[name] = other.sql(f"select {name}(id) as tag from range(3)").cache()
        assert {row.tag for row in cached[name].collect()} == {"v1"}
        other.sql(f"create temporary view view_{name} as select {name}(id + 1) as tag from range(3)")
        views[name] = other.sql(f"select {name}(id + 2) as tag from range(3)")
    lib.say("v1", "v2")
    for name in made:
        assert answers(other, f"select {name}(id) as tag from range(3)") == {"v2"}
        assert answers(other, f"select * from view_{name}") == {"v2"}
        assert {row.tag for row in views[name].collect()} == {"v2"}, "made before the edit"
        assert {row.tag for row in cached[name].collect()} == {"v1"}, "cached data itself stays"
        cached[name].unpersist()


def test_what_was_dropped_or_replaced_does_not_come_back(spark: Any, lib: Any) -> None:
    for name in ("dropped", "replaced_elsewhere", "replaced_in_python"):
        spark.udf.register(name, lib.tag)
    spark.sql("drop temporary function dropped")
    from pyspark.sql.functions import udf

    # As another language does: nothing of PySpark's registration is called.
    theirs = udf(lambda x: "theirs")
    spark._jsparkSession.udf().registerPython("replaced_elsewhere", theirs._unwrapped._judf)
    spark.udf.register("replaced_in_python", lambda x: "mine")
    lib.say("v1", "v2")
    with pytest.raises(Exception, match="dropped"):
        spark.sql("select dropped(1)")
    assert answers(spark, "select replaced_elsewhere(1)") == {"theirs"}
    assert answers(spark, "select replaced_in_python(1)") == {"mine"}


def test_a_function_that_cannot_be_pickled_again_is_reported_by_name(
    spark: Any, lib: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    import threading

    held: list[Any] = []
    spark.udf.register("heavy", lambda x: lib.tag(x) + str(len(held)))
    held.append(threading.Lock())
    lib.say("v1", "v2")
    told = [line for line in capsys.readouterr().err.splitlines() if "heavy" in line]
    assert len(told) == 1 and told[0].startswith("autoegg: the SQL function heavy keeps the bytes")
    assert answers(spark, "select heavy(id) from range(2)") == {"v20"}, "the job carries the state"
    lib.say("v2", "v3")
    assert "heavy" not in capsys.readouterr().err, "told once"


def test_a_registered_table_function_follows(spark: Any, lib: Any) -> None:
    from pyspark.sql.functions import udtf

    class Plain:
        def eval(self, x: int) -> Any:
            yield (lib.tag(),)

    spark.udtf.register("plain_table", udtf(Plain, returnType="tag: string"))
    cached = spark.sql("select * from plain_table(1)").cache()
    assert {row.tag for row in cached.collect()} == {"v1"}
    lib.say("v1", "v2")
    assert answers(spark, "select * from plain_table(1)") == {"v2"}
    cached.unpersist()


if LINE_4:

    def test_what_plans_in_a_process_of_its_own_plans_with_the_newest_code(spark: Any, lib: Any) -> None:
        from pyspark.sql.functions import lit, udtf

        table = udtf(lib.Table)
        spark.udtf.register("analysed", table)
        spark.dataSource.register(lib.Source)
        name = lib.Source.name()
        for old, new in (("v1", "v1"), ("v1", "v2"), ("v2", "v3")):
            lib.say(f'"{old}"', f'"{new}"')
            frames = [
                spark.sql("select * from analysed(1)"),
                table(lit(1)),
                spark.read.format(name).load(),
            ]
            names = [f"tag_{new}", f"tag_{new}", f"planned_{new}"]
            assert [frame.columns for frame in frames] == [[column] for column in names]
            assert [{row[0] for row in frame.collect()} for frame in frames] == [{new}] * 3
