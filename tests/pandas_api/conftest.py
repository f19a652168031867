"""The fixtures of the Spark tests, in an environment whose pandas the pandas API on Spark can be imported with."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_SPARK = Path(__file__).parents[1] / "spark"
sys.path.insert(0, str(_SPARK))

_spec = importlib.util.spec_from_file_location("spark_fixtures", _SPARK / "conftest.py")
assert _spec is not None and _spec.loader is not None
spark_fixtures = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(spark_fixtures)

java = spark_fixtures.java
kernel = spark_fixtures.kernel
session = spark_fixtures.session
spark = spark_fixtures.spark
notebook = spark_fixtures.notebook
