"""Structured streaming: a query is fed one line at a time, and asked what it said about that line."""

from common import Any, Ask, Callable, here, new_folder, note, notes, numbers, spark, words_of
from palette import rows as library
from pyspark.sql.functions import udf


class Stream:
    """A running query over a folder of text files."""

    def __init__(self, start: Callable[[Any], Any]) -> None:
        """`start` gets the DataFrame of lines and gives the writer of the query."""
        self.folder = new_folder()
        writer = start(spark.readStream.text(str(self.folder)))
        self.query = writer.option("checkpointLocation", str(new_folder())).start()

    def feed(self) -> str:
        """Gives the query one new line, and waits until it has been dealt with."""
        line = f"line {next(numbers)}"
        part = here / "line.part"
        part.write_text(line + "\n")
        part.rename(self.folder / f"{line}.txt")
        self.query.processAllAvailable()
        return line


def stream_of(operator: Callable[[Any], Any], mode: str = "append") -> Ask:
    """A query whose operator makes rows of `value` and `word`."""
    name = f"stream_{next(numbers)}"
    stream = Stream(
        lambda lines: operator(lines).writeStream.format("memory").queryName(name).outputMode(mode)
    )

    def ask() -> set[str]:
        line = stream.feed()
        return {row.word for row in spark.table(name).collect() if row.value == line}

    return ask


def stream_udf() -> Ask:
    function = udf(lambda line: library.word(line), "string")
    return stream_of(lambda lines: lines.select("value", function("value").alias("word")))


def stream_foreach_batch() -> Ask:
    """The callback's own word, that of a new job in it, and that of a job on the batch with an older UDF."""
    older = udf(lambda line: library.word(line), "string")
    folder = new_folder()

    def batch(frame: Any, number: int) -> None:
        newer = udf(library.word, "string")
        note(folder, library.word())
        for word in words_of(frame.select(older("value"))) | words_of(frame.select(newer("value"))):
            note(folder, word)

    stream = Stream(lambda lines: lines.writeStream.foreachBatch(batch))

    def ask() -> list[str]:
        stream.feed()
        return notes(folder)

    return ask


def stream_foreach() -> Ask:
    folder = new_folder()
    stream = Stream(lambda lines: lines.writeStream.foreach(lambda row: note(folder, library.word(row))))

    def ask() -> list[str]:
        stream.feed()
        return notes(folder)

    return ask


def apply_in_pandas_with_state() -> Ask:
    from palette import stateful

    def operator(lines: Any) -> Any:
        columns = "value string, word string"
        return lines.groupBy("value").applyInPandasWithState(
            stateful.count, columns, "seen long", "update", "NoTimeout"
        )

    return stream_of(operator, "update")


def transform_with_state_in_pandas() -> Ask:
    from palette.processors import OfFrames

    def operator(lines: Any) -> Any:
        columns = "value string, word string"
        return lines.groupBy("value").transformWithStateInPandas(OfFrames(), columns, "Update", "None")

    return stream_of(operator, "update")


def transform_with_state() -> Ask:
    from palette.processors import OfRows

    def operator(lines: Any) -> Any:
        columns = "value string, word string"
        return lines.groupBy("value").transformWithState(OfRows(), columns, "Update", "None")

    return stream_of(operator, "update")
