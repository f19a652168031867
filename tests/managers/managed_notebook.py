"""A notebook whose session runs on a cluster manager, the library beside it, and what each way of running it there says."""

from __future__ import annotations

import ast
import shutil
import sys
from pathlib import Path
from typing import Any

from kernel_notebook import Notebook
from standalone import Executor, eventually

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.python.authenticate.socketTimeout": "300s",
}
"""A busy machine is no failure: Python and the JVM of one process wait for each other for 15 s, unless told."""

# The objects are made once; each later cell asks them again. Tasks take a moment, so that every executor gets some.
_ASK = """
import time
import pandas
from pyspark.sql.functions import udf
from pyspark.sql.functions import pandas_udf
import ledger.code

frame = spark.range(0, 8, 1, 8)
def slowly(row):
    time.sleep(0.1)
    return ledger.code.tag(row)
spark.udf.register("registered", ledger.code.tag)
by_way = {
    "closure": frame.select(udf(slowly)("id")),
    "reference": frame.select(udf(ledger.code.tag)("id")),
    "rdd": spark.sparkContext.parallelize(range(4), 4).map(lambda row: (ledger.code.tag(row),)),
    "pandas": frame.select(pandas_udf(lambda rows: rows.map(ledger.code.tag), "string")("id")),
}
def said():
    rows = {way: asked.collect() for way, asked in by_way.items()}
    rows["sql"] = spark.sql("select registered(id) from range(4)").collect()
    return {way: sorted({row[0] for row in its}) for way, its in rows.items()}
"""

_WHERE = """
import os
block = spark.sparkContext.parallelize(range(8), 8).map(lambda row: (slowly(row), os.getcwd()))
sorted(set(block.collect()))
"""


class ManagedNotebook:
    """``cluster`` is a :class:`yarn.Yarn` or the like; the library ``ledger`` lies in ``folder / "src"``.

    ``python`` is what executors run, and ``pandas`` whether that has pandas; ``settings`` come on top of the cluster's own.
    """

    def __init__(
        self, folder: Path, cluster: Any, python: str = sys.executable, pandas: bool = True, **settings: str
    ) -> None:
        self.cluster = cluster
        self.library = folder / "src" / "ledger"
        shutil.rmtree(self.library, ignore_errors=True)
        self.library.mkdir(parents=True)
        (self.library / "__init__.py").touch()
        self.edit("v1")
        local = folder / "local"
        local.mkdir(exist_ok=True)
        environment = {
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_AUTH_SOCKET_TIMEOUT": "300",
            "PYSPARK_PYTHON": python,
            **cluster.environment,
        }
        self.notebook = Notebook(local, environment)
        try:
            self._start({**SETTINGS, "spark.local.dir": str(local), **cluster.settings, **settings})
            ask = _ASK if pandas else "\n".join(line for line in _ASK.splitlines() if "pandas" not in line)
            self.notebook.done(ask)
        except BaseException:
            self.close()
            raise

    def _start(self, settings: dict[str, str]) -> None:
        self.notebook.cell_seconds = 600  # three JVMs start, one after the other
        self.notebook.done(
            f"import os, sys\nsys.path.insert(0, {str(self.library.parent)!r})\n"
            "os.environ.pop('PYTHONPATH', None)  # nothing of this project is on workers\n"
            "from pyspark.sql import SparkSession\n"
            f"builder = SparkSession.builder.master({self.cluster.master!r})\n"
            f"for name, value in {settings!r}.items():\n"
            "    builder = builder.config(name, value)\n"
            "spark = builder.getOrCreate()"
        )

    def write(self, file: str, text: str) -> None:
        (self.library / file).write_text(text)

    def edit(self, tag: str) -> None:
        """The library says ``tag`` from now on."""
        self.write("code.py", f"def tag(row=None):\n    return {tag!r}\n")

    def said(self) -> dict[str, list[str]]:
        """What each way of running the library's function says: all its answers."""
        found: dict[str, list[str]] = ast.literal_eval(self.notebook.value("said()"))
        return found

    def expect(self, tag: str, executors: int = 0) -> None:
        """Every way says ``tag``, and so do as many executors."""
        said = self.said()
        assert said == {way: [tag] for way in said}
        homes: set[str] = set()

        def all_said() -> bool:
            answers = ast.literal_eval(self.notebook.value(_WHERE))
            assert {found for found, _ in answers} == {tag}
            homes.update(home for _, home in answers)
            return len(homes) >= executors

        eventually(all_said, f"{executors} executors", 300)

    @property
    def executors(self) -> list[Executor]:
        found: list[Executor] = self.cluster.executors
        return found

    def verified(self) -> bool:
        """Whether the driver and every executor say that they run what is on disk."""
        return self.notebook.value("import autoegg\nautoegg.verify(spark, timeout=60).agree") == "True"

    def close(self) -> None:
        self.notebook.run("spark.stop()")
        self.notebook.close()
