"""DataFrames made by functions over whole parts of others. The same DataFrame is asked again."""

from common import Ask, rows, words_of
from palette import rows as library
from pyspark.sql.functions import udf


def shuffled_frame() -> Ask:
    """Spark keeps what it shuffled for the same DataFrame."""
    function = udf(library.word, "string")
    frame = rows().select(function("id").alias("word")).groupBy("word").count().select("word")
    return lambda: words_of(frame)


def map_in_pandas() -> Ask:
    from palette import frames

    frame = rows().mapInPandas(frames.frames, "word string")
    return lambda: words_of(frame)


def map_in_arrow() -> Ask:
    from palette import frames

    frame = rows().mapInArrow(frames.batches, "word string")
    return lambda: words_of(frame)


def apply_in_pandas() -> Ask:
    from palette import frames

    frame = rows().groupBy("id").applyInPandas(frames.group, "word string")
    return lambda: words_of(frame)


def apply_in_arrow() -> Ask:
    from palette import frames

    frame = rows().groupBy("id").applyInArrow(frames.arrow_group, "word string")
    return lambda: words_of(frame)


def cogroup_pandas() -> Ask:
    from palette import frames

    both = rows().groupBy("id").cogroup(rows().groupBy("id"))
    frame = both.applyInPandas(frames.groups, "word string")
    return lambda: words_of(frame)


def cogroup_arrow() -> Ask:
    from palette import frames

    both = rows().groupBy("id").cogroup(rows().groupBy("id"))
    frame = both.applyInArrow(frames.arrow_groups, "word string")
    return lambda: words_of(frame)
