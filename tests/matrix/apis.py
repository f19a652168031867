"""The rows of the matrix: every way of giving Python code to Spark, and what Spark itself cannot do, with the proof."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Absent:
    """Why an API is not there. ``error`` is what Spark answers (a pattern), which the test makes it say."""

    reason: str
    error: str


@dataclass(frozen=True)
class Api:
    """One row.

    ``name`` is the function in ``cells/`` that makes the object. ``kept``: a stream's own operators, which keep the state
    that they began with; ``kept_in``: modes in which this is so only there. ``driver``: the library also runs in the
    driver, where it comes from the disk. ``since``: the first Spark that has it, ``not_before``: what an older one says.
    ``absent``: by mode, where Spark cannot do it.
    """

    name: str
    title: str
    kind: str
    kept: bool = False
    kept_in: tuple[str, ...] = ()
    driver: bool = False
    since: tuple[int, int] = (3, 5)
    not_before: str = ""
    absent: dict[str, Absent] = field(default_factory=dict)

    def keeps(self, mode: str) -> bool:
        return self.kept or mode in self.kept_in

    def absence(self, mode: str, spark: tuple[int, int]) -> Absent | None:
        if spark < self.since:
            return Absent(f"new in Spark {self.since[0]}.{self.since[1]}", self.not_before)
        return self.absent.get(mode)


NO_RDDS = {
    "connect": Absent(
        "a Spark Connect session has no RDDs, broadcast variables and accumulators",
        "sparkContext|JVM_ATTRIBUTE_NOT_SUPPORTED|not supported in Spark Connect",
    )
}


def _missing(name: str) -> str:
    """What Python says about a name that a module or class does not have."""
    return f"cannot import name '{name}'|has no attribute '{name}'|No module named '.*{name}'"


ANALYZE = {"since": (4, 0), "not_before": r"cannot import name 'Analyze\w+'"}
SOURCE = {"since": (4, 0), "not_before": _missing("(dataSource|pyspark.sql.datasource|datasource)")}
PROCESSOR = r"No module named 'pyspark.sql.streaming.stateful_processor'"

FUNCTIONS = "functions"
FRAMES = "frames"
SOURCES = "sources"
RDDS = "rdds"
STREAMS = "streams"

APIS = [
    Api("udf_lambda", "`udf` with a lambda", FUNCTIONS),
    Api("udf_by_reference", "`udf` by reference", FUNCTIONS),
    Api("udf_deep", "`udf` that calls deep into the library", FUNCTIONS),
    Api("udf_arrow_optimised", "`udf(useArrow=True)`", FUNCTIONS),
    Api("arrow_udf_scalar", "`arrow_udf`", FUNCTIONS, since=(4, 1), not_before=_missing("arrow_udf")),
    Api("pandas_udf_scalar", "`pandas_udf`, scalar", FUNCTIONS),
    Api("pandas_udf_iterator", "`pandas_udf`, iterator", FUNCTIONS),
    Api("pandas_udf_grouped_agg", "`pandas_udf`, grouped aggregate", FUNCTIONS),
    Api("pandas_udf_window", "`pandas_udf` over a window", FUNCTIONS),
    Api("udtf_given_columns", "`udtf`", FUNCTIONS),
    Api("udtf_analyze", "`udtf` with `analyze`", FUNCTIONS, **ANALYZE),
    Api("sql_function", "SQL: registered function", FUNCTIONS),
    Api("sql_pandas_function", "SQL: registered `pandas_udf`", FUNCTIONS),
    Api("sql_table_function", "SQL: registered `udtf`", FUNCTIONS),
    Api("sql_table_function_analyze", "SQL: registered `udtf` with `analyze`", FUNCTIONS, **ANALYZE),
    Api("shuffled_frame", "DataFrame that shuffles what a `udf` said", FRAMES),
    Api("map_in_pandas", "`mapInPandas`", FRAMES),
    Api("map_in_arrow", "`mapInArrow`", FRAMES),
    Api("apply_in_pandas", "`applyInPandas`", FRAMES),
    Api("apply_in_arrow", "`applyInArrow`", FRAMES, since=(4, 0), not_before=_missing("applyInArrow")),
    Api("cogroup_pandas", "`cogroup`, `applyInPandas`", FRAMES),
    Api(
        "cogroup_arrow",
        "`cogroup`, `applyInArrow`",
        FRAMES,
        since=(4, 0),
        not_before=_missing("applyInArrow"),
    ),
    Api("data_source_read", "Python data source: read", SOURCES, **SOURCE),
    Api("data_source_plan", "Python data source: schema and plan", SOURCES, **SOURCE),
    Api("data_source_write", "Python data source: write and commit", SOURCES, **SOURCE),
    Api("rdd_map", "RDD `map`", RDDS, absent=NO_RDDS),
    Api("rdd_map_partitions", "RDD `mapPartitions`", RDDS, absent=NO_RDDS),
    Api("rdd_shuffled", "RDD that shuffles what `map` said", RDDS, absent=NO_RDDS),
    Api("rdd_foreach_partition", "RDD `foreachPartition`", RDDS, absent=NO_RDDS),
    Api("rdd_aggregate", "RDD `aggregate`", RDDS, driver=True, absent=NO_RDDS),
    Api("broadcast_object", "broadcast library object", RDDS, absent=NO_RDDS),
    Api("accumulator_object", "accumulator of library objects", RDDS, driver=True, absent=NO_RDDS),
    Api("cached_rdd_of_objects", "cached RDD of library objects", RDDS, driver=True, absent=NO_RDDS),
    Api("stream_udf", "stream: `udf`", STREAMS, kept=True),
    Api("stream_foreach_batch", "stream: `foreachBatch`", STREAMS, driver=True, kept_in=("connect",)),
    Api("stream_foreach", "stream: `foreach`", STREAMS, kept=True),
    Api("apply_in_pandas_with_state", "stream: `applyInPandasWithState`", STREAMS, kept=True),
    Api(
        "transform_with_state_in_pandas",
        "stream: `transformWithStateInPandas`",
        STREAMS,
        kept=True,
        since=(4, 0),
        not_before=PROCESSOR,
    ),
    Api(
        "transform_with_state",
        "stream: `transformWithState`",
        STREAMS,
        kept=True,
        since=(4, 1),
        not_before=PROCESSOR + "|" + _missing("transformWithState"),
    ),
]
