"""Library objects that workers made come back as objects of the driver's newest class, or fail by a name."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from autoegg.errors import LibraryMissing

SOURCE = """
from pyspark.accumulators import AccumulatorParam

class Item:
    def __init__(self, row=0):
        self.row = row

    def tag(self):
        return "v1"

class Gone(Item):
    pass

class Items(AccumulatorParam):
    def zero(self, value):
        return []

    def addInPlace(self, one, other):
        return one + other
"""


@pytest.fixture
def lib(notebook: Any) -> Any:
    library = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": SOURCE})
    module = importlib.import_module(f"{library.name}.code")

    def edit(source: str) -> None:
        """On disk, for the workers, and in the driver's module: what a reload does, as far as it matters here."""
        library.edit({f"{library.name}/code.py": source})
        for name in ("Item", "Gone"):
            module.__dict__.pop(name, None)
        exec(compile(source, module.__file__, "exec"), module.__dict__)
        notebook.ship()

    module.edit = edit
    return module


def test_data_of_older_code_loads_as_the_newest_class(spark: Any, lib: Any, tmp_path: Path) -> None:
    context = spark.sparkContext
    cached = context.parallelize(range(4), 2).map(lib.Item).cache()
    cached.saveAsPickleFile(str(tmp_path / "items"))
    context.setCheckpointDir(str(tmp_path / "checkpoint"))
    checkpoint = context.parallelize(range(4), 2).map(lib.Item)
    checkpoint.checkpoint()
    old = cached.collect()
    assert checkpoint.count() == 4
    assert {item.tag() for item in old} == {"v1"}
    lib.edit(SOURCE.replace("v1", "v2"))
    for rdd in (cached, checkpoint, context.pickleFile(str(tmp_path / "items"))):
        items = rdd.collect()
        assert {type(item) for item in items} == {lib.Item}
        assert {item.tag() for item in items} == {"v2"}
        assert set(rdd.map(lambda item: item.tag()).collect()) == {"v2"}, "on workers"
        assert [item.row for item in rdd.take(1)] == [0]
    cached.unpersist()


def test_a_class_that_is_gone_is_named_with_its_version(spark: Any, notebook: Any, lib: Any) -> None:
    cached = spark.sparkContext.parallelize(range(4), 2).map(lib.Gone).cache()
    assert len(cached.collect()) == 4
    lib.edit(SOURCE.replace("class Gone(Item):\n    pass", ""))
    version = notebook.libraries[-1].version[:12]
    with pytest.raises(LibraryMissing, match=rf"{lib.__name__}\.Gone, which \w+ {version} does not define"):
        cached.collect()
    with pytest.raises(Exception, match=rf"Gone[^\n]* {version}"):
        cached.map(str).collect()
    cached.unpersist()


def test_accumulators_hold_the_newest_class_and_never_a_wrong_number_in_silence(
    spark: Any, lib: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    context = spark.sparkContext
    items = context.accumulator([], lib.Items())
    lost, counted = context.accumulator([], lib.Items()), context.accumulator(0)

    def work(row: int) -> None:
        items.add([lib.Item(row)])

    context.parallelize(range(4), 2).foreach(work)
    lib.edit(SOURCE.replace("v1", "v2"))
    context.parallelize(range(4), 2).foreach(work)
    assert len(items.value) == 8
    assert {type(item) for item in items.value[4:]} == {lib.Item}

    def lose(row: int) -> None:
        lost.add([lib.Gone(row)])
        counted.add(1)

    # The class is gone from the driver while a job is under way that began before.
    del lib.Gone
    context.parallelize(range(4), 2).foreach(lose)
    assert counted.value == 4, "other accumulators go on"
    with pytest.raises(LibraryMissing, match=rf"incomplete: an update of accumulator {lost.aid} .*Gone"):
        _ = lost.value
    told = [line for line in capsys.readouterr().err.splitlines() if f"accumulator {lost.aid} " in line]
    assert len(told) == 1 and told[0].startswith("autoegg: ")
    context.parallelize(range(4), 2).foreach(work)
    assert len(items.value) == 12, "later updates arrive"
