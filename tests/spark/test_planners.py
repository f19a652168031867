"""What Spark plans in Python processes of its own (UDTF ``analyze``, data sources) runs one version, there and on executors."""

from __future__ import annotations

import importlib
import importlib.util
import threading
import time
from pathlib import Path
from typing import Any

SOURCE = """
from pathlib import Path
from pyspark.sql.datasource import *
VERSION = "v1"
class Part(InputPartition):
    def __init__(self, made): self.made = made
class Message(WriterCommitMessage):
    def __init__(self, wrote): self.wrote = wrote
class Reader(DataSourceReader):
    def __init__(self): self.planned = VERSION
    def partitions(self): return [Part(VERSION), Part(VERSION)]
    def read(self, partition): yield self.planned, partition.made, VERSION
class Writer(DataSourceWriter):
    def __init__(self, path): self.path, self.planned = path, VERSION
    def write(self, rows):
        list(rows)
        return Message(VERSION)
    def commit(self, messages):
        Path(self.path).write_text(" ".join([self.planned, VERSION, *(message.wrote for message in messages)]))
class Stream(DataSourceStreamReader):
    def __init__(self): self.planned = VERSION
    def initialOffset(self): return {"at": 0}
    def latestOffset(self, *limits): return {"at": 1}
    def partitions(self, start, end): return [Part(VERSION)]
    def read(self, partition): yield self.planned, partition.made, VERSION
    def commit(self, end): pass
class Source(DataSource):
    @classmethod
    def name(cls): return "NAME"
    def schema(self): return "planned string, made string, read string"
    def reader(self, schema): return Reader()
    def writer(self, schema, overwrite): return Writer(self.options["path"])
    def streamReader(self, schema): return Stream()
"""

TABLE = """
from dataclasses import dataclass
from pyspark.sql.types import StringType, StructType
from pyspark.sql.udtf import AnalyzeResult
VERSION = "v1"
@dataclass
class Analyzed(AnalyzeResult):
    by: str = ""
class Table:
    def __init__(self, analyzed): self.analyzed = analyzed
    @staticmethod
    def analyze(*arguments):
        schema = StructType().add("analyzed", StringType()).add("ran", StringType())
        return Analyzed(schema=schema, by=VERSION)
    def eval(self, *arguments): yield self.analyzed.by, VERSION
"""


def made(notebook: Any, source: str) -> tuple[Any, Any, str]:
    library = notebook.library(
        lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": source.replace("NAME", f"{name}_source")}
    )
    code = importlib.import_module(f"{library.name}.code")
    notebook.ship()
    return library, code, (library.root / library.name / "code.py").read_text()


def edit(notebook: Any, library: Any, code: Any, text: str) -> Any:
    library.edit({f"{library.name}/code.py": text.replace('"v1"', '"v2"')})
    notebook.ship()
    return importlib.reload(code)


if importlib.util.find_spec("pyspark.sql.datasource") is not None:  # from Spark 4 on

    def test_a_data_source_is_planned_and_read_in_one_version(spark: Any, notebook: Any) -> None:
        library, code, text = made(notebook, SOURCE)

        def read() -> set[tuple[str, ...]]:
            spark.dataSource.register(code.Source)
            return {tuple(row) for row in spark.read.format(f"{library.name}_source").load().collect()}

        assert read() == {("v1",) * 3}
        code = edit(notebook, library, code, text)
        assert read() == {("v2",) * 3}

    def test_a_data_source_is_written_and_committed_in_one_version(
        spark: Any, notebook: Any, tmp_path: Path
    ) -> None:
        library, code, text = made(notebook, SOURCE)
        target = tmp_path / "written"

        def write() -> str:
            spark.dataSource.register(code.Source)
            rows = spark.range(2, numPartitions=2).selectExpr("'a' planned", "'b' made", "'c' read")
            rows.write.format(f"{library.name}_source").mode("append").save(str(target))
            return target.read_text()

        assert write() == "v1 v1 v1 v1"
        code = edit(notebook, library, code, text)
        assert write() == "v2 v2 v2 v2"

    def test_a_streaming_data_source_is_planned_and_read_in_one_version(
        spark: Any, notebook: Any, tmp_path: Path
    ) -> None:
        library, code, text = made(notebook, SOURCE)

        def first_row(checkpoint: str) -> tuple[str, ...]:
            spark.dataSource.register(code.Source)
            seen: list[tuple[str, ...]] = []
            some = threading.Event()

            def batch(frame: Any, number: int) -> None:
                seen.extend(tuple(row) for row in frame.collect())
                some.set()

            stream = spark.readStream.format(f"{library.name}_source").load().writeStream.foreachBatch(batch)
            query = stream.option("checkpointLocation", str(tmp_path / checkpoint)).start()
            deadline = time.monotonic() + 200
            try:
                while query.isActive and not some.wait(0.1) and time.monotonic() < deadline:
                    pass
                assert seen, str(query.exception())
            finally:
                query.stop()
            return seen[0]

        assert first_row("one") == ("v1",) * 3
        code = edit(notebook, library, code, text)
        assert first_row("two") == ("v2",) * 3

    def test_a_table_function_is_analyzed_and_run_in_one_version(spark: Any, notebook: Any) -> None:
        from pyspark.sql.functions import udtf

        library, code, text = made(notebook, TABLE)

        def ask() -> set[tuple[str, ...]]:
            return {tuple(row) for row in udtf(code.Table)().collect()}

        assert ask() == {("v1", "v1")}
        code = edit(notebook, library, code, text)
        assert ask() == {("v2", "v2")}
