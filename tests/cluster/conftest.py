"""The fixtures of the Spark tests, and clusters whose executors and nodes can be lost."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(_TESTS / "cluster"), str(_TESTS / "spark")]

_spec = importlib.util.spec_from_file_location("spark_fixtures", _TESTS / "spark" / "conftest.py")
assert _spec is not None and _spec.loader is not None
spark_fixtures = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(spark_fixtures)

from standalone import Executor, Standalone, executors_below  # noqa: E402

java = spark_fixtures.java
kernel = spark_fixtures.kernel
notebook = spark_fixtures.notebook


@dataclass
class Cluster:
    """A SparkSession with executors of its own."""

    spark: Any
    standalone: Standalone | None

    @property
    def executors(self) -> list[Executor]:
        if self.standalone is not None:
            return self.standalone.executors
        from pyspark import SparkContext

        return executors_below(SparkContext._gateway.proc.pid)


def _forget(settings: dict[str, str]) -> None:
    """The settings of the first SparkContext are properties of the JVM, and so the defaults of all later ones."""
    from pyspark import SparkContext

    for name in settings:
        if SparkContext._jvm is not None:
            SparkContext._jvm.java.lang.System.clearProperty(name)


StartCluster = Callable[..., Cluster]


@pytest.fixture
def start_cluster(
    kernel: Any, notebook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StartCluster]:
    """Starts Spark on ``standalone`` (two workers) or another master, with settings; it ends with the test."""
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    with ExitStack() as ending:

        def start(master: str, **settings: str) -> Cluster:
            standalone = None
            if master == "standalone":
                standalone = ending.enter_context(Standalone(tmp_path / "cluster"))
            settings = {"spark.executor.memory": "512m", **settings}
            url = master if standalone is None else standalone.url
            ending.callback(_forget, settings)
            spark = spark_fixtures.start(url, **settings)
            ending.callback(spark.stop)
            return Cluster(spark, standalone)

        yield start
