"""Eggs are given to Spark once, stay off the driver's own path, and the list of them stays short."""

from __future__ import annotations

import dataclasses
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autoegg.errors import ShipFailed
from autoegg.spark import Shipper, live_target

SOURCE = "def tag(*row):\n    return 0\n"


def files(name: str) -> dict[str, str]:
    return {f"{name}/__init__.py": "", f"{name}/code.py": SOURCE}


def tags(spark: Any, function: Any) -> set[Any]:
    return set(spark.sparkContext.parallelize(range(4), 2).map(function).collect())


def test_an_egg_is_shipped_once_and_stays_off_the_path_and_the_includes(spark: Any, notebook: Any) -> None:
    library = notebook.library(files)
    target = live_target()
    path, includes = list(sys.path), list(spark.sparkContext._python_includes)
    eggs = library.eggs()
    assert notebook.shipper.deliver(target, eggs) == sum(egg.bytes for egg in eggs)
    assert notebook.shipper.deliver(target, eggs) == 0
    assert sys.path == path
    assert spark.sparkContext._python_includes == includes
    for egg in eggs:  # the daemon's store may forget it now
        Path(egg.path).unlink()
    notebook.ship()
    assert tags(spark, importlib.import_module(f"{library.name}.code").tag) == {0}


def test_many_ships_leave_a_short_list_and_a_roll_back_finds_its_egg(spark: Any, notebook: Any) -> None:
    library = notebook.library(files)
    code = importlib.import_module(f"{library.name}.code")
    target = live_target()
    kept: list[set[str]] = []
    for number in range(12):
        library.edit({f"{library.name}/code.py": SOURCE.replace("0", str(number))})
        notebook.ship()
        kept = [*kept, {egg.name for egg in library.eggs()}][-3:]
        notebook.shipper.prune(target, set().union(*kept))
        if number % 4 == 0:
            assert tags(spark, code.tag) == {number}
    names = [key for key in spark.sparkContext.listFiles if f"/{library.name}-" in key]
    assert len(names) == len(set().union(*kept)) <= 4
    library.edit({f"{library.name}/code.py": SOURCE.replace("0", "1")})
    notebook.ship()
    assert tags(spark, code.tag) == {1}


def test_two_threads_deliver_at_once(spark: Any, notebook: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    library = notebook.library(files)
    target = live_target()
    with ThreadPoolExecutor(4) as pool:
        shipped = list(pool.map(lambda _: notebook.shipper.deliver(target, library.eggs()), range(4)))
    assert sorted(shipped) == [0, 0, 0, library.eggs()[0].bytes]


def test_an_egg_that_is_not_what_was_built_never_reaches_spark(
    spark: Any, notebook: Any, tmp_path: Path
) -> None:
    library = notebook.library(files)
    target = live_target()
    egg = library.eggs()[0]
    damaged = tmp_path / egg.name
    damaged.write_bytes(Path(egg.path).read_bytes()[:-1] + b"?")
    with pytest.raises(ShipFailed, match="was damaged and has been removed"):
        notebook.shipper.deliver(target, [dataclasses.replace(egg, path=str(damaged))])
    assert not damaged.exists()
    with pytest.raises(ShipFailed, match="cannot be read"):
        notebook.shipper.deliver(
            target, [dataclasses.replace(egg, name="other.egg", path="/nowhere/other.egg")]
        )
    assert not [key for key in spark.sparkContext.listFiles if egg.name in key or "other.egg" in key]
    assert notebook.shipper.deliver(target, [egg]) == egg.bytes


def test_an_old_egg_given_by_another_shipper_is_not_added_twice(
    spark: Any, notebook: Any, tmp_path: Path
) -> None:
    # Spark breaks the session when a second file of the same name comes from elsewhere.
    library = notebook.library(files)
    target = live_target()
    notebook.shipper.deliver(target, library.eggs())
    assert Shipper(tmp_path / "another").deliver(target, library.eggs()) == 0
    notebook.ship()
    assert tags(spark, importlib.import_module(f"{library.name}.code").tag) == {0}


LIFE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from conftest import Notebook, end_of_java, start

notebook = Notebook(Path(sys.argv[2]))
library = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": "def tag(*row): return 'v1'"})
code = __import__(f"{library.name}.code").code
try:
    spark = start("local[1]")  # before there are hooks
    from autoegg.spark import hooks, install, live_target
    install(notebook.prepare)
    def tags(spark):
        return set(spark.sparkContext.parallelize(range(2), 1).map(lambda row: (code.tag(), ".egg" in code.__file__)).collect())
    print(tags(spark), len({target.key for target in notebook.targets}))
    one = live_target()
    spark.stop()
    print(live_target())
    spark = start("local[1]")
    print(tags(spark), len({target.key for target in notebook.targets}), live_target().key != one.key)
    other = spark.newSession()
    other.udf.register("old", code.tag)
    query = other.range(1).selectExpr("old(id)")
    library.edit({f"{library.name}/code.py": "def tag(*row): return 'v2'"})
    notebook.ship()
    print(query.collect()[0][0])
finally:
    end_of_java()
"""


def test_a_session_from_before_the_hooks_and_the_next_one_are_shipped_to(java: Path, tmp_path: Path) -> None:
    here = str(Path(__file__).parent)
    shim = str(Path(__file__).parents[2] / "python-shim")
    code = f"import sys\nsys.path.insert(0, {shim!r})\n" + LIFE
    done = subprocess.run(
        [sys.executable, "-c", code, here, str(tmp_path)], capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said == ["{('v1', True)} 1", "None", "{('v1', True)} 2 True", "v2"]
