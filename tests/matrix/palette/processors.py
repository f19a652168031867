"""State of streams, by processors, as Spark 4 can."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from pyspark.sql import Row
from pyspark.sql.streaming.stateful_processor import StatefulProcessor, StatefulProcessorHandle

from palette.deep.inner.words import say


class Remembering(StatefulProcessor):
    """Keeps in its state the word of whoever wrote it first."""

    def init(self, handle: StatefulProcessorHandle) -> None:
        self.first = handle.getValueState("first", "word string")

    def word(self) -> str:
        if not self.first.exists():
            self.first.update((say("v1"),))
        return say("v1")

    def close(self) -> None:
        pass


class OfFrames(Remembering):
    def handleInputRows(self, key: Any, rows: Iterator[Any], timers: Any) -> Iterator[Any]:
        for _ in rows:
            pass
        yield pd.DataFrame({"value": [key[0]], "word": [self.word()]})


class OfRows(Remembering):
    def handleInputRows(self, key: Any, rows: Iterator[Any], timers: Any) -> Iterator[Any]:
        for _ in rows:
            pass
        yield Row(value=key[0], word=self.word())
