"""Releases of real distributions: imported, used on workers that do not have them, edited, used again."""

from __future__ import annotations

import ast
import fnmatch
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
import sys
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
def on_worker(number):
    import sys
    return repr((*told(number), sys.modules[{module!r}].__file__))
def on_workers():
    frame = spark.range(4).repartition(4).select(udf(on_worker)("id"))
    return sorted({{row[0] for row in frame.collect()}})
"""

SHIPPED = """
from autoegg.kernel.loaded import current as _current
sorted(
    (library.name, library.spec.path, *library.version._manifest["files"])
    for library in _current().sync.libraries
    if library.version
)
"""


def marked(row: Row) -> Any:
    return pytest.param(row, id=row.name, marks=() if row.quick else pytest.mark.whole_corpus)


@pytest.fixture(params=map(marked, ROWS))
def row(request: pytest.FixtureRequest) -> Row:
    found: Row = request.param
    return found


class Kernels:
    """A kernel of its own for each row that needs one; the others share one, with one Spark session."""

    def __init__(self, folder: Callable[[str], Path]) -> None:
        self._folder = folder
        self._shared: Notebook | None = None
        self._own: list[Notebook] = []

    def of(self, row: Row, project: Path, beside: Path) -> Notebook:
        """A notebook with a Spark session, where the row's library can be imported as the row says."""
        if row.way != "sys.path":
            notebook = self._open([row], project, beside)
            self._own.append(notebook)
            return notebook
        if self._shared is None:
            self._shared = self._open([row for row in ROWS if row.way == "sys.path"], project, beside)
        self._shared.done(f"sys.path.insert(0, {str(project / row.folder)!r})")
        return self._shared

    def _open(self, rows: list[Row], project: Path, beside: Path) -> Notebook:
        folder = self._folder("kernel")
        needs = installed(tuple(dict.fromkeys(need for row in rows for need in row.needs)))
        python = interpreter(folder / "driver", own_packages(), *needs)
        # What Spark's own worker imports is all that workers have besides.
        worker = interpreter(folder / "worker", linked(folder / "spark-needs", "pyarrow"))
        first = make_importable(rows[0], project, python, beside)
        environment = {
            "SPARK_HOME": str(private_spark_home(folder)),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": str(worker),
            "PYSPARK_DRIVER_PYTHON": str(python),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "IPYTHONDIR": str(folder / "ipython"),
        }
        notebook = Notebook(beside, environment, python=python, first=first)
        try:
            notebook.done(START.format(needs=":".join(map(str, needs))))
        except BaseException:
            notebook.close()
            raise
        return notebook

    def row_has_ended(self, well: bool) -> None:
        """What a row that failed left in the shared kernel must not make the next one fail."""
        gone, self._own = self._own, []
        if not well and self._shared is not None:
            gone.append(self._shared)
            self._shared = None
        for notebook in gone:
            end(notebook)

    def close(self) -> None:
        self.row_has_ended(well=False)


def end(notebook: Notebook) -> None:
    try:
        notebook.run("spark.stop()")
    finally:
        notebook.close()


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernels]:
    kernels = Kernels(tmp_path_factory.mktemp)
    yield kernels
    kernels.close()


def both(notebook: Notebook, row: Row) -> tuple[str, str]:
    """What the driver and all workers say: one answer, as (value of ``call``, value of ``uses``)."""
    driver: tuple[str, str] = ast.literal_eval(notebook.value("told(0)"))
    said = [ast.literal_eval(text) for text in ast.literal_eval(notebook.value("on_workers()"))]
    assert {answer[:2] for answer in said} == {driver}, (
        f"{row.release}: workers say {said}, the driver {driver}"
    )
    assert all(".egg/" in file for _, _, file in said), said
    return driver


def shipped(notebook: Notebook, project: Path, beside: Path) -> set[str]:
    """The files of the libraries that lie in these folders."""
    libraries = ast.literal_eval(notebook.value(SHIPPED))
    inside = [
        files
        for _, path, *files in libraries
        if Path(path).is_relative_to(project.resolve()) or Path(path).is_relative_to(beside.resolve())
    ]
    return {file for files in inside for file in files}


def test_workers_run_the_release_and_then_the_edited_one(row: Row, tmp_path: Path, kernels: Kernels) -> None:
    beside = tmp_path / "notebook"
    beside.mkdir()
    well = False
    try:
        with record(row.release) as said:
            project = unpacked(row, tmp_path)
            notebook = kernels.of(row, project, beside)
            notebook.done(
                LIBRARY.format(imports=row.statement, call=row.call, uses=row.uses, module=row.module)
            )
            before = both(notebook, row)
            files = shipped(notebook, project, beside)
            edit((beside if row.way == "beside" else project / row.folder) / row.file, row.function)
            after = both(notebook, row)
            assert "edited" in after[0] and "edited" not in before[0], (before, after)
            assert after[1] == before[1]
            said["files"] = len(files)
            compare(row, files, said)
        well = True
    finally:
        kernels.row_has_ended(well)


def compare(row: Row, files: set[str], said: dict[str, Any]) -> None:
    """The files that were shipped, with those of the release's wheel."""
    wheel = files_of_wheel(row)
    if wheel is None:
        return
    said["missing"], said["more"] = sorted(wheel - files), sorted(files - wheel)
    unexplained = [
        path for path in said["missing"] if not any(fnmatch.fnmatch(path, pattern) for pattern in row.missing)
    ]
    assert not unexplained, f"in the wheel, and not shipped: {unexplained[:10]}"
