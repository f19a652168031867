"""A release as a user would have it on disk, and the interpreters of driver and workers."""

from __future__ import annotations

import ast
import contextlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from package_index import download, pip
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
"""The cell that starts Spark. ``needs``: folders of packages that workers have."""


def unpacked(row: Row, folder: Path) -> Path:
    """The sdist, unpacked into a project's folder."""
    with tarfile.open(download(row.release, wheel=False)) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (project,) = (folder / "unpacked").iterdir()
    return project.rename(folder / "project")


def files_of_wheel(row: Row) -> set[str] | None:
    """What the release's own wheel installs as code and data; None where there is no wheel of it."""
    try:
        wheel = download(row.release, wheel=True)
    except AssertionError:
        return None
    with zipfile.ZipFile(wheel) as archive:
        return {
            name
            for name in archive.namelist()
            if not name.endswith("/") and not re.match(r"[^/]+\.(dist-info|data)/", name)
        }


def interpreter(folder: Path, *others: Path) -> Path:
    """A new environment of this Python that has nothing installed, but for what lies in these folders."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=120)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    # The last of all .pth files: an editable install comes first.
    (site_packages / "zz-others.pth").write_text("".join(f"{other}\n" for other in others))
    return folder / "bin" / "python"


def own_packages() -> Path:
    """Where this interpreter has JupyterLab, IPython and pyspark."""
    return Path(sysconfig.get_path("purelib"))


def linked(folder: Path, *names: str) -> Path:
    """A folder of installed packages with these packages of this interpreter, and without what lies beside them there."""
    site_packages = folder / "site-packages"
    site_packages.mkdir(parents=True)
    for name in names:
        (site_packages / name).symlink_to(own_packages() / name)
    return site_packages


def make_importable(row: Row, project: Path, python: Path, notebook: Path) -> list[Path]:
    """Brings the library onto the driver's path as the row says; what has to be on PYTHONPATH is returned."""
    root = project / row.folder
    if row.way in ("editable", "strict"):
        mode = ["--config-settings", "editable_mode=strict"] if row.way == "strict" else []
        # pip of this environment, for that one.
        pip("--python", python, "install", "--quiet", "--no-deps", *mode, "--editable", project)
        return []
    if row.way == "beside":
        shutil.copy(root / row.file, notebook)
    return [root] if row.way == "path" else []


@contextlib.contextmanager
def edited(file: Path, function: str) -> Iterator[None]:
    """Every definition of ``function`` returns "edited" meanwhile; without a name, the module has a new constant."""
    text = file.read_text(encoding="utf-8")
    file.write_text(_edited(text, file, function), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(text, encoding="utf-8")


def _is_empty(node: ast.FunctionDef) -> bool:
    """An overload is for type checkers only."""
    (first, *more) = node.body
    return not more and isinstance(first, ast.Expr) and getattr(first.value, "value", None) is ...


def _edited(text: str, file: Path, function: str) -> str:
    lines = text.splitlines(keepends=True)
    if not function:
        lines.append('\nEDITED = "edited"\n')
    found = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.name == function and not _is_empty(node)
    ]
    assert found or not function, f"{file} has no function {function}"
    for node in sorted(found, key=lambda node: -node.lineno):
        first = node.body[0]
        is_docstring = (
            isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(node.body) > 1
        )
        first = node.body[1] if is_docstring else first
        start = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", ()))])
        lines.insert(start - 1, f"{' ' * first.col_offset}return 'edited'\n")
    return "".join(lines)
