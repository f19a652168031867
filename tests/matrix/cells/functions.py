"""Functions of Spark SQL. Each is asked twice: by a DataFrame made with it, and by a new query."""

import palette.deep.inner.words
from common import Any, Ask, Callable, numbers, rows, spark, words_of
from palette import rows as library
from pyspark.sql.functions import lit, pandas_udf, udf


def asked(query: Callable[[], Any]) -> Ask:
    """By the same DataFrame each time, and by a new one."""
    same = query()
    return lambda: words_of(same) | words_of(query())


def udf_lambda() -> Ask:
    function = udf(lambda number: library.word(number), "string")
    return asked(lambda: rows().select(function("id")))


def udf_by_reference() -> Ask:
    function = udf(library.word, "string")
    return asked(lambda: rows().select(function("id")))


def udf_deep() -> Ask:
    function = udf(lambda number: palette.deep.inner.words.word(number), "string")
    return asked(lambda: rows().select(function("id")))


def udf_arrow_optimised() -> Ask:
    function = udf(lambda number: library.word(number), "string", useArrow=True)
    return asked(lambda: rows().select(function("id")))


def arrow_udf_scalar() -> Ask:
    from palette import frames
    from pyspark.sql.functions import arrow_udf

    function = arrow_udf(frames.arrow_column, "string")
    return asked(lambda: rows().select(function("id")))


def pandas_udf_scalar() -> Ask:
    from palette import frames

    function = pandas_udf(frames.column, "string")
    return asked(lambda: rows().select(function("id")))


def pandas_udf_iterator() -> Ask:
    from palette import frames

    function = pandas_udf(frames.columns, "string")
    return asked(lambda: rows().select(function("id")))


def pandas_udf_grouped_agg() -> Ask:
    from palette import frames

    function = pandas_udf(frames.of_group, "string")
    return asked(lambda: rows().groupBy("id").agg(function("id").alias("word")).select("word"))


def pandas_udf_window() -> Ask:
    from palette import frames
    from pyspark.sql import Window

    function = pandas_udf(frames.of_group, "string")
    return asked(lambda: rows().select(function("id").over(Window.partitionBy("id"))))


def udtf_given_columns() -> Ask:
    from palette import tables
    from pyspark.sql.functions import udtf

    function = udtf(tables.Table, returnType="word: string")
    return asked(lambda: function(lit(1)))


def udtf_analyze() -> Ask:
    """The column's name is the word of `analyze`, its value that of `eval`."""
    from palette import analyzed
    from pyspark.sql.functions import udtf

    function = udtf(analyzed.Table)

    def ask() -> set[str]:
        frame = function(lit(1))
        return words_of(frame) | set(frame.columns)

    return ask


def sql_function() -> Ask:
    name = f"word_{next(numbers)}"
    spark.udf.register(name, library.word)
    return asked(lambda: spark.sql(f"select {name}(id) from range(4)"))


def sql_pandas_function() -> Ask:
    from palette import frames

    name = f"word_{next(numbers)}"
    spark.udf.register(name, pandas_udf(frames.column, "string"))
    return asked(lambda: spark.sql(f"select {name}(id) from range(4)"))


def sql_table_function() -> Ask:
    from palette import tables
    from pyspark.sql.functions import udtf

    name = f"words_{next(numbers)}"
    spark.udtf.register(name, udtf(tables.Table, returnType="word: string"))
    return asked(lambda: spark.sql(f"select * from {name}(1)"))


def sql_table_function_analyze() -> Ask:
    from palette import analyzed
    from pyspark.sql.functions import udtf

    name = f"words_{next(numbers)}"
    spark.udtf.register(name, udtf(analyzed.Table))

    def ask() -> set[str]:
        frame = spark.sql(f"select * from {name}(1)")
        return words_of(frame) | set(frame.columns)

    return ask
