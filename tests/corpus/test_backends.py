"""Editable installs with the real build backends: found, run on workers that do not have them, edited, run again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from backends import PROJECTS, Project
from kernel_notebook import Notebook, private_spark_home
from package_index import pip
from place import START, interpreter, linked, own_packages

pytestmark = pytest.mark.whole_corpus

ON_WORKERS = """
import {name}
def on_workers():
    import {name}
    rows = spark.sparkContext.parallelize(range(4), 4).map(lambda _: {name}.value())
    return sorted(set(rows.collect()))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backends")


def place_of(project: Project, folder: Path) -> Path:
    return folder / "projects" / project.name


@pytest.fixture(scope="module")
def notebook(folder: Path) -> Iterator[Notebook]:
    """One environment and one Spark session for all of them, because each takes long to start."""
    python = interpreter(folder / "driver", own_packages())
    worker = interpreter(folder / "worker", linked(folder / "spark-needs", "pyarrow"))
    for project in PROJECTS:
        place = place_of(project, folder)
        for name, text in project.contents().items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text)
        pip("--python", python, "install", "--quiet", "--no-deps", "--editable", place)
    (folder / "notebook").mkdir()
    (folder / "spark").mkdir()
    environment = {
        "SPARK_HOME": str(private_spark_home(folder / "spark")),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": str(worker),
        "PYSPARK_DRIVER_PYTHON": str(python),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "IPYTHONDIR": str(folder / "ipython"),
    }
    opened = Notebook(folder / "notebook", environment, python=python)
    try:
        opened.done(START.format(needs=""))
        yield opened
        opened.run("spark.stop()")
    finally:
        opened.close()


@pytest.mark.parametrize("project", [pytest.param(project, id=project.name) for project in PROJECTS])
def test_an_editable_install_runs_on_workers_as_it_is_on_disk(
    project: Project, notebook: Notebook, folder: Path
) -> None:
    name, package = project.name, place_of(project, folder) / "src" / project.name
    notebook.done(ON_WORKERS.format(name=name))
    if project.outside:
        failed = notebook.run("on_workers()")
        assert not failed.ok
        assert f"autoegg: {name}.built lies outside {package}" in failed.stderr
        (package / "built.py").symlink_to(notebook.value(f"{name}.part.built.__file__").strip("'"))
    assert notebook.value(f"{name}.value(), on_workers()") == "('as built', ['as built'])"
    part = package / "part.py"
    text = part.read_text()
    part.write_text(text.replace("return ", "return 'edited, ' + "))
    assert notebook.value(f"{name}.value(), on_workers()") == "('edited, as built', ['edited, as built'])"
