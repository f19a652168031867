"""Releases of real distributions: imported, used on workers that do not have them, edited, used again."""

from __future__ import annotations

import ast
import fnmatch
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kernel_notebook import Notebook, private_spark_home
from package_index import installed
from place import (
    START,
    edited,
    files_of_wheel,
    interpreter,
    linked,
    make_importable,
    own_packages,
    unpacked,
)
from records import record
from releases import ROWS
from rows import Row

LIBRARY = """
{imports}
def told(number):
    {imports}
    return repr(({call})), repr(({uses}))
def on_worker(number):
    import sys
    return repr((*told(number), sys.modules[{module!r}].__file__))
def on_workers():
    frame = spark.range(4).repartition(4).select(udf(on_worker)("id"))
    return sorted({{row[0] for row in frame.collect()}})
"""

# As text, because IPython shows no more than a thousand items of a list.
SHIPPED = """
from autoegg.kernel.loaded import current as _current
str(sorted(
    (library.name, library.spec.path, *library.version.manifest["files"])
    for library in _current().sync.libraries
    if library.version
))
"""


def marked(row: Row) -> Any:
    return pytest.param(row, id=row.name, marks=() if row.quick else pytest.mark.whole_corpus)


@pytest.fixture(params=map(marked, ROWS))
def row(request: pytest.FixtureRequest) -> Row:
    found: Row = request.param
    return found


class Group:
    """Rows that share an environment and a kernel with a Spark session: a person, too, has more than one library."""

    def __init__(self, rows: list[Row], folder: Path) -> None:
        self._folder = folder
        self._notebook: Notebook | None = None
        self.beside = folder / "notebook"
        self.beside.mkdir()
        self.projects: dict[str, Path] = {}
        self._failed: dict[str, Exception] = {}
        needs = installed(tuple(dict.fromkeys(need for row in rows for need in row.needs)))
        self._needs = ":".join(map(str, needs))
        self._python = interpreter(folder / "driver", own_packages(), *needs)
        # What Spark's own worker imports is all that workers have besides.
        self._worker = interpreter(folder / "worker", linked(folder / "spark-needs", "pyarrow"))
        self._first: list[Path] = []
        for row in rows:
            self._place(row)
        (folder / "spark").mkdir()
        self._spark = private_spark_home(folder / "spark")

    def _place(self, row: Row) -> None:
        folder = self._folder / "projects" / row.name
        folder.mkdir(parents=True)
        try:
            project = self.projects[row.release] = unpacked(row, folder)
            self._first += make_importable(row, project, self._python, self.beside)
        except Exception as error:  # told by the test of that row
            self._failed[row.release] = error

    def notebook(self, row: Row) -> Notebook:
        """The kernel, in which the row's library can be imported."""
        if row.release in self._failed:
            raise self._failed[row.release]
        if self._notebook is None:
            environment = {
                "SPARK_HOME": str(self._spark),
                "SPARK_LOCAL_IP": "127.0.0.1",
                "PYSPARK_PYTHON": str(self._worker),
                "PYSPARK_DRIVER_PYTHON": str(self._python),
                "XDG_CACHE_HOME": str(self._folder / "cache"),
                "IPYTHONDIR": str(self._folder / "ipython"),
            }
            self._notebook = Notebook(self.beside, environment, python=self._python, first=self._first)
            self._notebook.done(START.format(needs=self._needs))
        if row.way == "sys.path":
            self._notebook.done(f"sys.path.insert(0, {str(self.projects[row.release] / row.folder)!r})")
        return self._notebook

    def close(self) -> None:
        """The next notebook is a new one: what a row that failed left behind must not make others fail."""
        notebook, self._notebook = self._notebook, None
        if notebook is not None:
            try:
                notebook.run("spark.stop()")
            finally:
                notebook.close()


@pytest.fixture(scope="session")
def groups(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Row], Group]]:
    """What is put on ``sys.path`` in the notebook, and what has to be there before its kernel starts."""
    found: dict[bool, Group] = {}
    items = [item for item in request.session.items if "row" in getattr(item, "fixturenames", ())]
    rows: list[Row] = [item.callspec.params["row"] for item in items]  # type: ignore[attr-defined]

    def group_of(row: Row) -> Group:
        late = row.way == "sys.path"
        if late not in found:
            its = [row for row in rows if (row.way == "sys.path") == late]
            found[late] = Group(its, tmp_path_factory.mktemp("group"))
        return found[late]

    yield group_of
    for group in found.values():
        group.close()


def both(notebook: Notebook, row: Row) -> tuple[str, str]:
    """What the driver and all workers say: one answer, as (value of ``call``, value of ``uses``)."""
    driver: tuple[str, str] = ast.literal_eval(notebook.value("told(0)"))
    said = [ast.literal_eval(text) for text in ast.literal_eval(notebook.value("on_workers()"))]
    assert {answer[:2] for answer in said} == {driver}, (
        f"{row.release}: workers say {said}, the driver {driver}"
    )
    assert all(".egg/" in file for _, _, file in said), said
    return driver


def shipped(notebook: Notebook, *folders: Path) -> set[str]:
    """The files of the libraries that lie in these folders."""
    libraries = ast.literal_eval(ast.literal_eval(notebook.value(SHIPPED)))
    return {
        file
        for _, path, *files in libraries
        for file in files
        if any(Path(path).is_relative_to(folder.resolve()) for folder in folders)
    }


def test_workers_run_the_release_and_then_the_edited_one(row: Row, groups: Callable[[Row], Group]) -> None:
    group = groups(row)
    well = False
    try:
        with record(row.release) as said:
            notebook = group.notebook(row)
            project = group.projects[row.release]
            notebook.done(
                LIBRARY.format(imports=row.statement, call=row.call, uses=row.uses, module=row.module)
            )
            before = both(notebook, row)
            files = shipped(notebook, group.beside if row.way == "beside" else project)
            source = (group.beside if row.way == "beside" else project / row.folder) / row.file
            with edited(source, row.function):
                after = both(notebook, row)
            assert "edited" in after[0] and "edited" not in before[0], (before, after)
            assert after[1] == before[1]
            well = True
            said["files"] = len(files)
            compare(row, files, said)
    finally:
        if not well:
            group.close()


def compare(row: Row, files: set[str], said: dict[str, Any]) -> None:
    """The files that were shipped, with those that the release's wheel has of the packages that were used."""
    wheel = files_of_wheel(row)
    if wheel is None:
        return
    used = {file.partition("/")[0] for file in files}
    wheel = {file for file in wheel if file.partition("/")[0] in used}
    said["missing"], said["more"] = sorted(wheel - files), sorted(files - wheel)
    unexplained = [
        path for path in said["missing"] if not any(fnmatch.fnmatch(path, pattern) for pattern in row.missing)
    ]
    assert not unexplained, f"in the wheel, and not shipped: {unexplained[:10]}"
