"""A Python data source: what was registered is asked by a new query each time; the DataFrame that reads is kept, too."""

from common import Any, Ask, new_folder, notes, rows, spark, words_of


def data_source_read() -> Ask:
    from palette.sources import Source

    spark.dataSource.register(Source)
    same = spark.read.format("palette").load().select("read")

    def ask() -> set[str]:
        return words_of(same) | words_of(spark.read.format("palette").load().select("read"))

    return ask


def data_source_plan() -> Ask:
    """The schema names who made it, and each part who planned it."""
    from palette.sources import Source

    spark.dataSource.register(Source)

    def ask() -> set[str]:
        frame = spark.read.format("palette").load()
        return words_of(frame.select("planned")) | {frame.columns[-1]}

    return ask


def data_source_write() -> Ask:
    """The tasks that write send their words to the commit, which adds its own."""
    from palette.sources import Source

    spark.dataSource.register(Source)
    folder = new_folder()

    def frame() -> Any:
        return rows().selectExpr("'' as read", "'' as planned", "'' as schema")

    same = frame()

    def ask() -> list[str]:
        same.write.format("palette").mode("append").option("folder", str(folder)).save()
        return notes(folder)

    return ask
