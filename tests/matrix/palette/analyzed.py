"""A table function that plans its own columns, as Spark 4 can."""

from collections.abc import Iterator

from pyspark.sql.types import StringType, StructType
from pyspark.sql.udtf import AnalyzeArgument, AnalyzeResult

from palette.deep.inner.words import say


class Table:
    """Its first column is named by the version that planned it."""

    @staticmethod
    def analyze(number: AnalyzeArgument) -> AnalyzeResult:
        return AnalyzeResult(StructType().add(say("v1"), StringType()))

    def eval(self, number: int) -> Iterator[tuple[str]]:
        yield (say("v1"),)
