"""The fixtures of the Spark tests, with a session that writes Delta and Iceberg tables."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_SPARK = Path(__file__).parents[1] / "spark"
sys.path.insert(0, str(_SPARK))
sys.path.insert(0, str(Path(__file__).parent))

from maven_jars import jars  # noqa: E402 - found by the path above

_spec = importlib.util.spec_from_file_location("spark_fixtures", _SPARK / "conftest.py")
assert _spec is not None and _spec.loader is not None
spark_fixtures = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(spark_fixtures)

java = spark_fixtures.java
kernel = spark_fixtures.kernel
notebook = spark_fixtures.notebook


@pytest.fixture(scope="session")
def spark(kernel: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Delta in the session's own catalog, Iceberg in one called ``ice``."""
    folder = tmp_path_factory.mktemp("tables")
    extensions = (
        "io.delta.sql.DeltaSparkSessionExtension",
        "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    )
    session = spark_fixtures.start(
        "local[2]",
        **{
            "spark.jars": ",".join(map(str, jars())),
            "spark.sql.warehouse.dir": str(folder / "delta"),
            "spark.sql.extensions": ",".join(extensions),
            "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
            "spark.sql.catalog.ice": "org.apache.iceberg.spark.SparkCatalog",
            "spark.sql.catalog.ice.type": "hadoop",
            "spark.sql.catalog.ice.warehouse": str(folder / "ice"),
        },
    )
    try:
        yield session
    finally:
        session.stop()
