"""A data source, as Spark 4 can have in Python. Whoever plans and whoever reads or writes says its own word."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql.datasource import (
    DataSource,
    DataSourceReader,
    DataSourceWriter,
    InputPartition,
    WriterCommitMessage,
)

from palette.deep.inner.words import say


def note(folder: str, word: str) -> None:
    """Leaves a word where the test finds it, from whichever process."""
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".part", delete=False) as file:
        file.write(word)
    Path(file.name).rename(file.name.removesuffix("part") + "txt")


class Source(DataSource):
    @classmethod
    def name(cls) -> str:
        return "palette"

    def schema(self) -> str:
        made_by = say("v1")
        return f"read string, planned string, `{made_by}` string"

    def reader(self, schema: object) -> "Reader":
        return Reader()

    def writer(self, schema: object, overwrite: bool) -> "Writer":
        return Writer(self.options["folder"])


class Planned(InputPartition):
    """A part of the table that knows who planned it."""

    def __init__(self, word: str) -> None:
        self.word = word


class Reader(DataSourceReader):
    def partitions(self) -> list[InputPartition]:
        return [Planned(say("v1")), Planned(say("v1"))]

    def read(self, partition: InputPartition) -> Iterator[tuple[str, str, str]]:
        assert isinstance(partition, Planned)
        yield say("v1"), partition.word, ""


@dataclass
class Written(WriterCommitMessage):
    word: str


class Writer(DataSourceWriter):
    def __init__(self, folder: str) -> None:
        self.folder = folder

    def write(self, rows: Iterator[object]) -> Written:
        for _ in rows:
            pass
        return Written(say("v1"))

    def commit(self, messages: list[WriterCommitMessage | None]) -> None:
        note(self.folder, say("v1"))
        for message in messages:
            if isinstance(message, Written):
                note(self.folder, message.word)
