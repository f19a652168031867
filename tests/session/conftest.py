"""Fixtures: the same kernels and libraries as in tests/kernel, here with a Spark session."""

from __future__ import annotations

import contextlib
import importlib.metadata
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "kernel"))

from kernel_fixtures import daemon_is_built, environment, notebook, open_notebook, tagger

__all__ = ["daemon_is_built", "environment", "notebook", "open_notebook", "tagger"]


def _is_spark_35() -> bool:
    # A client alone (pyspark-client, databricks-connect) is another distribution.
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version("pyspark") < "4"
    return False


# Spark 3.5 has its Connect server in a jar of its own, which nothing here gets.
collect_ignore = ["test_connect.py"] if _is_spark_35() else []
