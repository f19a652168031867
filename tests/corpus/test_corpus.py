"""Releases of real distributions: imported, used on workers that do not have them, edited, used again."""

from __future__ import annotations

import ast
import fnmatch
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_notebook import Notebook, private_spark_home
from place import (
    edit,
    files_of_wheel,
    installed,
    interpreter,
    linked,
    make_importable,
    own_packages,
    unpacked,
)
from records import record
from releases import ROWS
from rows import Row

START = """
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf
spark = (
    SparkSession.builder.master("local-cluster[2,1,1024]")
    .config("spark.ui.enabled", "false")
    .config("spark.executorEnv.PYTHONPATH", {needs!r})
    .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    .config("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("OFF")
"""

LIBRARY = """
{imports}
def told(number):
    {imports}
    return repr({call}), repr({uses})
def on_workers():
    frame = spark.range(4).repartition(4).select(udf(lambda number: repr(told(number)))("id"))
    return sorted({{row[0] for row in frame.collect()}})
"""

SHIPPED = """
from autoegg.kernel.loaded import current as _current
sorted(
    path
    for library in _current().sync.libraries
    for path in library.version._manifest["files"]
)
"""


@pytest.fixture(params=ROWS, ids=lambda row: row.name)
def row(request: pytest.FixtureRequest) -> Row:
    found: Row = request.param
    return found


@pytest.fixture
def worker(tmp_path: Path) -> Path:
    """A Python that has nothing installed but what Spark's own worker imports."""
    return interpreter(tmp_path / "worker", linked(tmp_path / "spark-needs", "pyarrow"))


@pytest.fixture
def notebooks() -> Iterator[list[Notebook]]:
    opened: list[Notebook] = []
    yield opened
    for notebook in opened:
        notebook.run("spark.stop()")
        notebook.close()


def open_notebook(row: Row, project: Path, folder: Path, worker: Path) -> Notebook:
    """A kernel of an environment that has the row's library as the row says, with a Spark session."""
    (folder / "notebook").mkdir()
    needs = installed(row.needs)
    python = interpreter(folder / "driver", own_packages(), *needs)
    first = make_importable(row, project, python, folder / "notebook")
    environment = {
        "SPARK_HOME": str(private_spark_home(folder)),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": str(worker),
        "PYSPARK_DRIVER_PYTHON": str(python),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "IPYTHONDIR": str(folder / "ipython"),
    }
    notebook = Notebook(folder / "notebook", environment, python=python, first=first)
    if row.way == "sys.path":
        notebook.done(f"import sys\nsys.path.insert(0, {str(project / row.folder)!r})")
    return notebook


def both(notebook: Notebook, row: Row) -> tuple[str, str]:
    """What the driver and all workers say: one answer, as (value of ``call``, value of ``uses``)."""
    driver = ast.literal_eval(notebook.value("told(0)"))
    workers = [ast.literal_eval(said) for said in ast.literal_eval(notebook.value("on_workers()"))]
    assert workers == [driver], f"{row.release}: workers say {workers}, the driver {driver}"
    return driver


def test_workers_run_the_release_and_then_the_edited_one(
    row: Row, tmp_path: Path, worker: Path, notebooks: list[Notebook]
) -> None:
    with record(row.release) as said:
        project = unpacked(row, tmp_path)
        notebook = open_notebook(row, project, tmp_path, worker)
        notebooks.append(notebook)
        imports = row.imports or f"import {row.name.replace('-', '_')}"
        notebook.done(START.format(needs=":".join(map(str, installed(row.needs)))))
        notebook.done(LIBRARY.format(imports=imports, call=row.call, uses=row.uses))
        before = both(notebook, row)
        shipped = set(ast.literal_eval(notebook.value(SHIPPED)))
        root = tmp_path / "notebook" if row.way == "beside" else project / row.folder
        edit(root / row.file, row.function)
        after = both(notebook, row)
        assert "edited" in after[0] and "edited" not in before[0], (before, after)
        assert after[1] == before[1]
        wheel = files_of_wheel(row)
        said["files"] = len(shipped)
        if wheel is not None:
            said["missing"] = sorted(wheel - shipped)
            said["more"] = sorted(shipped - wheel)
            unexplained = [
                path
                for path in said["missing"]
                if not any(fnmatch.fnmatch(path, pattern) for pattern in row.missing)
            ]
            assert not unexplained, f"in the wheel, and not shipped: {unexplained[:10]}"
