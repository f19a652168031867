"""No action gives rows of older code. Which actions there are is read in PySpark's own source, so a new one is noticed here."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CODE = "def tag(*row):\n    return 'v1'\n"
pytestmark = pytest.mark.parametrize("session", ["local[2]"], indirect=True)
"""Where the workers are makes no difference to what an action asks."""

SPARK_4 = importlib.util.find_spec("pyspark.core") is not None


@pytest.fixture
def lib(notebook: Any) -> Any:
    library = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": CODE})
    module = importlib.import_module(f"{library.name}.code")

    def say(version: str) -> None:
        library.edit({f"{library.name}/code.py": CODE.replace("v1", version)})
        notebook.ship()

    module.say = say
    return module


def java_calls(cls: type, attribute: str) -> Iterator[tuple[str, str]]:
    """Each method of ``cls`` that uses ``attribute`` of some object, with what it asks that for; "" if it gives it away."""
    tree = ast.parse(inspect.getsource(sys.modules[cls.__module__]))
    body = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == cls.__name__)
    for method in (node for node in body.body if isinstance(node, ast.FunctionDef)):
        asked = {id(node.value): node.attr for node in ast.walk(method) if isinstance(node, ast.Attribute)}
        for node in ast.walk(method):
            if isinstance(node, ast.Attribute) and node.attr == attribute and isinstance(node.ctx, ast.Load):
                yield method.name, asked.get(id(node), "")


def classic_frame() -> type:
    name = "pyspark.sql.classic.dataframe" if SPARK_4 else "pyspark.sql.dataframe"
    return importlib.import_module(name).DataFrame  # type: ignore[no-any-return]


def rows(frame: Any) -> list[str]:
    return sorted({row[0] for row in frame})


FRAME_ACTIONS: dict[str, Callable[[Any, Path], list[str]]] = {
    "collectToPython": lambda frame, _: rows(frame.collect()),
    "tailToPython": lambda frame, _: rows(frame.tail(9)),
    "toPythonIterator": lambda frame, _: rows(frame.toLocalIterator()),
    "collectAsArrowToPython": lambda frame, _: sorted(set(frame.toPandas().tag)),
    "javaToPython": lambda frame, _: rows(frame.rdd.collect()),
    "checkpoint": lambda frame, _: rows(frame.checkpoint().collect()),
    "localCheckpoint": lambda frame, _: rows(frame.localCheckpoint().collect()),
    "showString": lambda frame, _: [
        line.strip("| ") for line in frame._show_string().split("\n") if "v" in line
    ],
    "htmlString": lambda frame, _: [
        part[:2] for part in frame._jdf.htmlString(9, 9).split("<td>") if part[0] == "v"
    ],
    "toJSON": lambda frame, _: [text.split('"')[3] for text in frame.toJSON().collect()],
    "count": lambda frame, _: ["v" + str(frame.count())],
    "isEmpty": lambda frame, _: ["v" + str(int(not frame.isEmpty()))],
    "write": lambda frame, place: [
        frame.write.mode("overwrite").text(str(place)) or next(place.glob("part*")).read_text().strip()
    ],
    "describe": lambda frame, _: rows(frame.describe("tag").where("summary = 'max'").select("tag").collect()),
    "summary": lambda frame, _: rows(frame.summary("max").select("tag").collect()),
    "stat": lambda frame, _: frame.freqItems(["tag"]).collect()[0][0],
}
"""By the method of Java's Dataset that a DataFrame asks."""

NEW_FRAMES = {
    "alias",
    "apply",
    "as",
    "asTable",
    "cache",
    "coalesce",
    "colRegex",
    "crossJoin",
    "cube",
    "distinct",
    "drop",
    "dropDuplicates",
    "dropDuplicatesWithinWatermark",
    "exceptAll",
    "exists",
    "filter",
    "groupBy",
    "groupingSets",
    "hint",
    "intersect",
    "intersectAll",
    "join",
    "joinAsOf",
    "lateralJoin",
    "limit",
    "mapInArrow",
    "mapInPandas",
    "mergeInto",
    "metadataColumn",
    "na",
    "nearestByJoin",
    "observe",
    "offset",
    "persist",
    "pythonMapInArrow",
    "randomSplit",
    "repartition",
    "repartitionById",
    "repartitionByRange",
    "rollup",
    "sample",
    "scalar",
    "select",
    "selectExpr",
    "sort",
    "sortWithinPartitions",
    "to",
    "toDF",
    "transpose",
    "union",
    "unionByName",
    "unpivotWithSeq",
    "withColumn",
    "withColumnRenamed",
    "withColumns",
    "withColumnsRenamed",
    "withMetadata",
    "withWatermark",
    "writeStream",
    "writeTo",
    "zip",
    "zipWithIndex",
}
"""What gives a new query, or names data that was cached on purpose."""

NO_ROWS = {
    "createGlobalTempView",
    "createOrReplaceGlobalTempView",
    "createOrReplaceTempView",
    "createTempView",
    "inputFiles",
    "isLocal",
    "isStreaming",
    "queryExecution",
    "sameSemantics",
    "schema",
    "semanticHash",
    "sparkSession",
    "storageLevel",
    "unpersist",
}


def test_every_method_of_a_dataframe_that_asks_java_is_known_here(spark: Any) -> None:
    cls = classic_frame()
    asked = {what: method for method, what in java_calls(cls, "_jdf") if what}
    from pyspark.sql.pandas.conversion import PandasConversionMixin

    asked |= {what: method for method, what in java_calls(PandasConversionMixin, "_jdf") if what}
    unknown = set(asked) - set(FRAME_ACTIONS) - NEW_FRAMES - NO_ROWS
    assert not unknown, "does it bring rows? then try it here: " + str(
        {asked[name]: name for name in unknown}
    )
    held = {target.attr for target in assigned_from_java(cls)}
    assert held == {"_jdf"}, "a DataFrame keeps its Java side under another name too"


def assigned_from_java(cls: type) -> Iterator[ast.Attribute]:
    """Attributes that ``__init__`` gives its first parameter to."""
    import textwrap

    made = ast.parse(textwrap.dedent(inspect.getsource(cls.__init__))).body[0]  # type: ignore[misc]
    assert isinstance(made, ast.FunctionDef)
    given = made.args.args[1].arg
    for node in ast.walk(made):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and getattr(node.value, "id", None) == given:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target for target in targets if isinstance(target, ast.Attribute))


def grouped(spark: Any, lib: Any) -> Any:
    """A DataFrame whose plan would be run from its shuffled data a second time."""
    from pyspark.sql.functions import udf

    tag = udf(lambda x: lib.tag(x), "string")
    return spark.range(3).select(tag("id").alias("tag")).groupBy("tag").count().select("tag")


def test_no_action_of_a_dataframe_brings_rows_of_older_code(spark: Any, lib: Any, tmp_path: Path) -> None:
    spark.sparkContext.setCheckpointDir(str(tmp_path / "checkpoints"))
    frames = {name: grouped(spark, lib) for name in FRAME_ACTIONS}
    for version in ("v1", "v2", "v3"):
        if version != "v1":
            lib.say(version)
        found = {name: act(frames[name], tmp_path / "out") for name, act in FRAME_ACTIONS.items()}
        assert found == {name: [version] for name in FRAME_ACTIONS} | {"count": ["v1"], "isEmpty": ["v1"]}


def test_any_two_actions_agree_after_a_change(spark: Any, lib: Any) -> None:
    """What one of them left behind is not what the other brings: the plan belongs to the DataFrame, not to the action."""
    actions = [FRAME_ACTIONS[name] for name in ("tailToPython", "collectToPython", "collectAsArrowToPython")]
    for first in actions:
        frame = grouped(spark, lib)
        before = first(frame, Path())
        lib.say("v" + str(int(before[0][1:]) + 1))
        assert {action(frame, Path())[0] for action in actions} == {"v" + str(int(before[0][1:]) + 1)}


def test_what_java_hands_out_a_second_time_is_not_of_older_code(spark: Any, lib: Any) -> None:
    """Summaries of ``pyspark.ml`` keep Java's Dataset, and wrap it anew each time they are asked."""
    from pyspark.ml import common

    java = grouped(spark, lib)._jdf
    assert rows(common._java2py(spark.sparkContext, java).collect()) == ["v1"]
    lib.say("v2")
    assert rows(common._java2py(spark.sparkContext, java).collect()) == ["v2"]


def test_a_command_is_not_executed_again_after_a_change(spark: Any, lib: Any, tmp_path: Path) -> None:
    from pyspark.sql.functions import udf

    spark.udf.register("tag_of", udf(lambda x: lib.tag(x), "string"))
    path = str(tmp_path / "table")
    spark.sql(f"CREATE TABLE inserted (tag STRING) USING parquet LOCATION '{path}'").collect()
    try:
        done = spark.sql("INSERT INTO inserted SELECT tag_of(id) FROM range(2)")
        shown = spark.sql("SHOW TABLES LIKE 'inserted'")
        assert (done.collect(), len(shown.collect())) == ([], 1)
        lib.say("v2")
        assert (done.collect(), len(shown.collect()), shown.count()) == ([], 1, 1)
        assert [row.tag for row in spark.table("inserted").collect()] == ["v1", "v1"]
    finally:
        spark.sql("DROP TABLE inserted")


RDD_ACTIONS: dict[str, Callable[[Any, Path], list[str]]] = {
    "collect": lambda rdd, _: rdd.collect(),
    "collectWithJobGroup": lambda rdd, _: rdd.collectWithJobGroup("group", "described"),
    "toLocalIterator": lambda rdd, _: list(rdd.toLocalIterator()),
    "saveAsPickleFile": lambda rdd, place: (
        rdd.saveAsPickleFile(str(place)) or rdd.ctx.pickleFile(str(place)).collect()
    ),
    "saveAsTextFile": lambda rdd, place: (
        rdd.saveAsTextFile(str(place)) or rdd.ctx.textFile(str(place)).collect()
    ),
    "saveAsSequenceFile": lambda rdd, place: (
        rdd.map(lambda tag: (tag, tag)).saveAsSequenceFile(str(place))
        or rdd.ctx.sequenceFile(str(place)).keys().collect()
    ),
    "_to_java_object_rdd": lambda rdd, _: [str(value) for value in rdd._to_java_object_rdd().collect()],
}

HADOOP = {"saveAsNewAPIHadoopDataset", "saveAsNewAPIHadoopFile", "saveAsHadoopDataset", "saveAsHadoopFile"}
"""As ``saveAsSequenceFile``, with more parameters."""

NO_JOBS = {
    "__init__",
    "__repr__",
    "_is_barrier",
    "_jrdd",
    "cartesian",
    "checkpoint",
    "cleanShuffleDependencies",
    "coalesce",
    "getCheckpointFile",
    "getNumPartitions",
    "getResourceProfile",
    "getStorageLevel",
    "id",
    "isCheckpointed",
    "isLocallyCheckpointed",
    "localCheckpoint",
    "name",
    "partitionBy",
    "persist",
    "setName",
    "toDebugString",
    "union",
    "unpersist",
    "withResources",
    "zip",
}


def test_every_method_of_an_rdd_that_asks_java_is_known_here(spark: Any) -> None:
    rdds = importlib.import_module("pyspark.core.rdd" if SPARK_4 else "pyspark.rdd")
    found = {method for cls in (rdds.RDD, rdds.PipelinedRDD) for method, _ in java_calls(cls, "_jrdd")}
    unknown = found - set(RDD_ACTIONS) - HADOOP - NO_JOBS
    assert not unknown, f"does it run a job? then try it here: {unknown}"
    from autoegg.spark.classic.commands import ACTIONS

    assert found - NO_JOBS == set(ACTIONS), "those that run what was pickled earlier bring the state"


def test_no_action_of_an_rdd_brings_rows_of_older_code(spark: Any, lib: Any, tmp_path: Path) -> None:
    from pyspark.ml import common as ml
    from pyspark.mllib import common as mllib

    others: dict[str, Callable[[Any, Path], list[str]]] = {
        "ml": lambda rdd, _: [str(value) for value in ml._to_java_object_rdd(rdd).collect()],
        "mllib": lambda rdd, _: [str(value) for value in mllib._to_java_object_rdd(rdd).collect()],
        "read.json": lambda rdd, _: spark.read.json(rdd.map(lambda tag: f'{{"{tag}": 1}}')).columns,
    }
    actions = RDD_ACTIONS | others

    def shuffled() -> Any:
        pairs = spark.sparkContext.parallelize(range(4), 2).map(lambda x: (lib.tag(), x))
        return pairs.reduceByKey(lambda a, b: a + b).keys()

    rdds = {name: shuffled() for name in actions}
    for version in ("v1", "v2", "v3"):
        if version != "v1":
            lib.say(version)
        found = {name: act(rdds[name], tmp_path / f"{name}-{version}") for name, act in actions.items()}
        assert found == {name: [version] for name in actions}
