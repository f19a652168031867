"""A Spark that is stopped and started again, and several sessions of one, are brought to the newest state."""

from __future__ import annotations

import importlib
from typing import Any

from own_process import in_own_process

TAG = "def tag(*row):\n    return 'v1'\n"


def test_a_recreated_context_is_reported_and_nothing_of_the_old_one_interferes() -> None:
    told = in_own_process(recreated)
    assert "autoegg:" not in told, told


def recreated(spark: Any, notebook: Any) -> None:
    from pyspark.sql.functions import udf

    from conftest import start

    library = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": TAG})
    code = importlib.import_module(f"{library.name}.code")
    function = udf(lambda x: code.tag(x), "string")

    def ask(session: Any) -> set[str]:
        session.udf.register("tagged", code.tag)
        rdd = session.sparkContext.parallelize(range(4), 2).map(lambda x: (code.tag(x), 1))
        rows = [
            *session.range(2).select(function("id")).collect(),
            *session.sql("select tagged(1)").collect(),
        ]
        return {row[0] for row in rows} | set(rdd.groupByKey().keys().collect())

    assert ask(spark) == {"v1"}
    other = spark.newSession()
    old = spark.sparkContext
    for version in ("v2", "v3"):
        library.edit({f"{library.name}/code.py": TAG.replace("v1", version)})
        notebook.ship()
        assert ask(spark) == ask(other) == {version}
        assert {row[0] for row in other.sql("select tagged(2)").collect()} == {version}
    spark.stop()
    again = start("local[2]")
    assert again.sparkContext is not old
    assert ask(again) == ask(again.newSession()) == {"v3"}
    library.edit({f"{library.name}/code.py": TAG.replace("v1", "v4")})
    notebook.ship()
    assert {row[0] for row in again.sql("select tagged(3)").collect()} == {"v4"}
    assert ask(again) == {"v4"}
    again.stop()
