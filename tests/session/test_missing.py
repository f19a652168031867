"""What workers lack and the driver has is told in one sentence, with what to do; doing it helps."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_library import Open, write
from kernel_notebook import Notebook

START = """
from pyspark.sql import SparkSession
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.local.dir", {scratch!r})
    .getOrCreate()
)
spark.sparkContext.setLogLevel("OFF")
import sys
def on_worker(function):
    return spark.sparkContext.parallelize([0], 1).map(function).collect()[0]
"""


@pytest.fixture
def notebook(open_notebook: Open, tmp_path: Path) -> Iterator[Notebook]:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "empty").mkdir()
    # Local workers have the folder that Spark was started in on their path, so nothing lies in that one.
    notebook = open_notebook(tmp_path / "empty", {"SPARK_LOCAL_IP": "127.0.0.1"})
    notebook.done(START.format(scratch=str(tmp_path / "scratch")))
    yield notebook
    notebook.run("spark.stop()")


def told(notebook: Notebook, cell: str) -> str:
    """The line of ours under a cell that fails on a worker."""
    outcome = notebook.run(cell)
    assert not outcome.ok
    (line,) = [line for line in outcome.stderr.splitlines() if line.startswith("autoegg: ")]
    return line


def test_what_workers_lack_is_named_with_how_to_bring_it(notebook: Notebook, tmp_path: Path) -> None:
    """One session for all of it, because each takes long to start."""
    own = tmp_path / "own"

    # Code that is imported by a computed name only.
    write(own / "helpers.py", "def f():\n    return 'helped'\n")
    notebook.done(f"sys.path.insert(0, {str(own)!r})")
    cell = "on_worker(lambda _: __import__('hel' + 'pers').f())"
    line = told(notebook, cell)
    assert f"helpers is your own code and is not shipped: `%autoegg add {own}/helpers.py`" in line
    notebook.done(f"%autoegg add {own}/helpers.py")
    assert notebook.value(cell) == "'helped'"

    # Code in a zip file.
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("zipped/__init__.py", "X = 22\n")
    notebook.done(f"sys.path.insert(0, {str(tmp_path / 'code.zip')!r})\nimport zipped")
    cell = "on_worker(lambda _: __import__('zipped').X)"
    line = told(notebook, cell)
    assert f"zipped is in {tmp_path}/code.zip, which is neither watched nor shipped" in line
    notebook.done(f"spark.sparkContext.addPyFile({str(tmp_path / 'code.zip')!r})")
    assert notebook.value(cell) == "22"

    # Code that is installed for the driver alone.
    write(tmp_path / "site-packages" / "theirs.py", "X = 1\n")
    notebook.done(f"sys.path.insert(0, {str(tmp_path / 'site-packages')!r})")
    line = told(notebook, "on_worker(lambda _: __import__('theirs').X)")
    assert f"theirs is installed for the driver ({tmp_path}/site-packages/theirs.py)" in line

    # A part of a library that is built somewhere else, as editable installs of build backends have it.
    part = write(tmp_path / "built" / "part.py", "def f():\n    return 'built'\n")
    parted = write(own / "parted" / "__init__.py", "").parent
    notebook.done(f"import parted\nparted.__path__.append({str(part.parent)!r})\nimport parted.part")
    for cell in (
        "on_worker(lambda _: __import__('parted.part').part.f())",
        "def f(_):\n    from parted import part\n    return part.f()\non_worker(f)",
    ):
        line = told(notebook, cell)
        assert f"parted.part lies outside {parted} ({part}), so it is not shipped with parted" in line
    (parted / "part.py").symlink_to(part)
    assert notebook.value(cell) == "'built'"

    # The installed part of a namespace of which another part is one's own.
    write(own / "spread" / "mine.py", "X = 1\n")
    write(tmp_path / "site-packages" / "spread" / "theirs.py", "X = 1\n")
    notebook.done("import spread.mine, spread.theirs")
    line = told(notebook, "on_worker(lambda _: __import__('spread.theirs'))")
    assert f"spread.theirs is installed for the driver ({tmp_path}/site-packages/spread/theirs.py)" in line

    # What nobody has is Python's own matter.
    outcome = notebook.run("on_worker(lambda _: __import__('nowhere'))")
    assert not outcome.ok and "autoegg:" not in outcome.stderr

    # Data that a rule leaves out.
    library = write(
        own / "reader" / "__init__.py",
        """
        from pathlib import Path
        def read(name):
            return Path(__file__).with_name(name).read_text()
        """,
    ).parent
    subprocess.run(["git", "init", "-q"], cwd=own, check=True)
    write(own / ".gitignore", "*.dat\n")
    for name in ("made.dat", ".hidden", "api_key.json"):
        write(library / name, "data")
    assert notebook.value("import reader\nreader.read('made.dat')") == "'data'"
    for name, why in {
        "made.dat": "because a .gitignore leaves it out",
        ".hidden": "because hidden files are not",
        "api_key.json": "because it looks like a secret",
    }.items():
        line = told(notebook, f"on_worker(lambda _: reader.read({name!r}))")
        assert f"{library}/{name} is not shipped, {why}: name it under `include`" in line
    write(
        own / "pyproject.toml",
        '[tool.autoegg]\ninclude = ["reader/made.dat", "reader/.hidden", "reader/api_key.json"]\n',
    )
    for name in ("made.dat", ".hidden", "api_key.json"):
        assert notebook.value(f"on_worker(lambda _: reader.read({name!r}))") == "'data'"

    # An extension module that this Python cannot load; one that is not needed is no error.
    write(library / "fast.cpython-39-x86_64-linux-gnu.so", "")
    write(
        library / "quick.py",
        """
        def quick():
            try:
                from reader import fast
            except ImportError:
                return "slow"
        """,
    )
    failed = notebook.run("on_worker(lambda _: __import__('reader.fast'))")
    assert "reader.fast cannot be imported on node" in str(failed.traceback)
    assert "fast.cpython-39-x86_64-linux-gnu.so was built for another Python" in str(failed.traceback)
    assert notebook.value("import reader.quick\non_worker(lambda _: reader.quick.quick())") == "'slow'"
