"""Every way of giving library code to Spark runs the newest state, with objects made before the edit and after it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

SOURCE = """
import pandas as pd

def tag(*row):
    return "v1"

def tags(row):
    return [tag(row), tag(row)]

def series(column: pd.Series) -> pd.Series:
    return column.map(tag)

def frames(parts):
    for part in parts:
        yield pd.DataFrame({"tag": part["id"].map(tag)})

def group(part):
    return pd.DataFrame({"tag": [tag()]})

class Table:
    def eval(self, x: int):
        yield (tag(),)
"""


def files(name: str) -> dict[str, str]:
    return {f"{name}/__init__.py": "", f"{name}/deep/__init__.py": "", f"{name}/deep/code.py": SOURCE}


def rdd_map(spark: Any, lib: Any) -> Any:
    return spark.sparkContext.parallelize(range(4), 4).map(lib.tag)


def rdd_flat_map(spark: Any, lib: Any) -> Any:
    return spark.sparkContext.parallelize(range(4), 4).flatMap(lambda row: lib.tags(row))


def rdd_map_partitions(spark: Any, lib: Any) -> Any:
    return spark.sparkContext.parallelize(range(4), 4).mapPartitions(lambda rows: map(lib.tag, rows))


def udf_by_reference(spark: Any, lib: Any) -> Any:
    from pyspark.sql.functions import udf

    return udf(lib.tag, "string")


def udf_lambda(spark: Any, lib: Any) -> Any:
    from pyspark.sql.functions import udf

    return udf(lambda x: lib.tag(x), "string")


def udf_with_arrow(spark: Any, lib: Any) -> Any:
    from pyspark.sql.functions import udf

    return udf(lambda x: lib.tag(x), "string", useArrow=True)


def pandas_udf_scalar(spark: Any, lib: Any) -> Any:
    from pyspark.sql.functions import pandas_udf

    return pandas_udf(lib.series, "string")


def map_in_pandas(spark: Any, lib: Any) -> Any:
    return spark.range(4, numPartitions=2).mapInPandas(lib.frames, "tag string")


def apply_in_pandas(spark: Any, lib: Any) -> Any:
    return spark.range(4).groupBy("id").applyInPandas(lib.group, "tag string")


def table_function(spark: Any, lib: Any) -> Any:
    from pyspark.sql.functions import lit, udtf

    function = udtf(lib.Table, returnType="tag: string")
    return lambda: function(lit(1))


def sql_function(spark: Any, lib: Any) -> Any:
    name = f"f{lib.__name__.partition('.')[0]}"
    spark.udf.register(name, lib.tag)
    return lambda: spark.sql(f"select {name}(id) as tag from range(4)")


APIS: list[Callable[[Any, Any], Any]] = [
    rdd_map,
    rdd_flat_map,
    rdd_map_partitions,
    udf_by_reference,
    udf_lambda,
    udf_with_arrow,
    pandas_udf_scalar,
    map_in_pandas,
    apply_in_pandas,
    table_function,
    sql_function,
]


def run(spark: Any, made: Any) -> set[str]:
    if hasattr(made, "returnType"):  # a UDF: a new query with it
        made = spark.range(4, numPartitions=4).select(made("id").alias("tag"))
    elif callable(made):
        made = made()
    return {row if isinstance(row, str) else row[0] for row in made.collect()}


@pytest.fixture
def library(notebook: Any) -> Iterator[Any]:
    yield notebook.library(files)


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.__name__)
def test_runs_the_edited_code_with_old_and_new_objects(
    spark: Any, notebook: Any, library: Any, api: Any
) -> None:
    lib = importlib.import_module(f"{library.name}.deep.code")
    before = api(spark, lib)
    assert run(spark, before) == {"v1"}

    # Equal size: only the content tells the versions apart.
    library.edit({f"{library.name}/deep/code.py": SOURCE.replace("v1", "v2")})
    notebook.ship()

    assert run(spark, before) == {"v2"}
    assert run(spark, api(spark, lib)) == {"v2"}

    library.edit({f"{library.name}/deep/code.py": SOURCE})
    notebook.ship()

    assert run(spark, before) == {"v1"}, "rolled back"
