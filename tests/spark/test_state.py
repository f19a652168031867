"""What belongs to a state: data that was cached stays, everything else is the newest code, and nothing else ever runs."""

from __future__ import annotations

import importlib
import os
from typing import Any

import pytest


def one_module(source: str) -> Any:
    return lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": source}


TAG = "def tag(*row):\n    return 'v1'\n"


def tags(spark: Any, function: Any) -> set[Any]:
    return set(spark.sparkContext.parallelize(range(8), 4).map(function).collect())


def test_a_module_lies_in_an_egg_directory_and_is_read_from_there(spark: Any, notebook: Any) -> None:
    source = "from pathlib import Path\ndef look(row):\n    return __file__, (Path(__file__).parent / 'data.txt').read_text()\n"
    library = notebook.library(lambda name: {**one_module(source)(name), f"{name}/data.txt": "one"})
    code = importlib.import_module(f"{library.name}.code")
    for content in ("one", "two"):
        library.edit({f"{library.name}/data.txt": content})
        notebook.ship()
        for file, data in tags(spark, code.look):
            folder = f"{os.sep}autoegg{os.sep}{library.name}-{library.version[:16]}.egg{os.sep}"
            assert folder in file
            assert data == content


def test_cached_data_stays_and_a_new_query_is_not_answered_from_it(spark: Any, notebook: Any) -> None:
    from pyspark.sql.functions import udf

    library = notebook.library(one_module(TAG))
    code = importlib.import_module(f"{library.name}.code")
    function = udf(lambda x: code.tag(x), "string")

    def query() -> Any:
        return spark.range(3).select(function("id").alias("tag"))

    cached = query().cache()
    assert {row.tag for row in cached.collect()} == {"v1"}
    library.edit({f"{library.name}/code.py": TAG.replace("v1", "v2")})
    notebook.ship()
    assert {row.tag for row in query().collect()} == {"v2"}
    assert {row.tag for row in cached.collect()} == {"v1"}
    cached.unpersist()


def test_broadcasts_and_notebook_subclasses_of_library_classes_become_the_new_class(
    spark: Any, notebook: Any
) -> None:
    source = "class Item:\n    def tag(self):\n        return 'v1'\n"
    library = notebook.library(one_module(source))
    code = importlib.import_module(f"{library.name}.code")
    shared = spark.sparkContext.broadcast(code.Item())

    class Mine(code.Item):
        pass

    mine = Mine()

    def ask(row: int) -> tuple[str, str]:
        return shared.value.tag(), mine.tag()

    rdd = spark.sparkContext.parallelize(range(8), 4).map(ask)
    assert set(rdd.collect()) == {("v1", "v1")}
    library.edit({f"{library.name}/code.py": source.replace("v1", "v2")})
    notebook.ship()
    assert set(rdd.collect()) == {("v2", "v2")}
    assert tags(spark, ask) == {("v2", "v2")}


def test_two_libraries_of_which_one_imports_the_other_switch_together(spark: Any, notebook: Any) -> None:
    low = notebook.library(one_module("VERSION = 'low 1'\n"))
    source = f"from {low.name}.code import VERSION\ndef tag(row):\n    return VERSION\n"
    high = notebook.library(one_module(source))
    code = importlib.import_module(f"{high.name}.code")
    assert tags(spark, code.tag) == {"low 1"}
    low.edit({f"{low.name}/code.py": "VERSION = 'low 2'\n"})
    notebook.ship()
    assert tags(spark, code.tag) == {"low 2"}


def test_a_deleted_module_cannot_be_imported_any_more(spark: Any, notebook: Any) -> None:
    library = notebook.library(
        lambda name: {**one_module(TAG)(name), f"{name}/old.py": "", "__ignored__.txt": ""}
    )
    name = f"{library.name}.old"

    def found(row: int) -> bool:
        import importlib

        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            return False
        return True

    assert tags(spark, found) == {True}
    library.edit({}, deleted=(f"{library.name}/old.py",))
    notebook.ship()
    assert tags(spark, found) == {False}


def test_a_portion_of_a_namespace_switches_and_the_others_stay(spark: Any, notebook: Any) -> None:
    # A folder below SparkFiles stands for the portion that is installed on the workers.
    source = "TAG = 'v1'\n"
    library = notebook.library(
        lambda name: {"shared_ns/mine/code.py": source}, name="shared_ns", kind="namespace"
    )

    def look(row: int) -> tuple[str, int, bool]:
        import os
        import sys

        other = os.path.join(os.environ.get("SPARK_LOCAL_DIRS", "/tmp"), "installed")
        os.makedirs(os.path.join(other, "shared_ns"), exist_ok=True)
        with open(os.path.join(other, "shared_ns", "theirs.py"), "w") as file:  # noqa: PTH123
            file.write("")
        if other not in sys.path:
            sys.path.append(other)
        import shared_ns.theirs
        from shared_ns.mine import code

        shared_ns.theirs.seen = getattr(shared_ns.theirs, "seen", 0) + 1
        return code.TAG, shared_ns.theirs.seen, code.__file__.startswith(tuple(sys.path))

    first = spark.sparkContext.parallelize(range(8), 4).map(look).collect()
    assert {tag for tag, *_ in first} == {"v1"}
    library.edit({"shared_ns/mine/code.py": source.replace("v1", "v2")})
    notebook.ship()
    second = spark.sparkContext.parallelize(range(8), 4).map(look).collect()
    assert {tag for tag, *_ in second} == {"v2"}
    assert max(seen for _, seen, _ in second) > max(seen for _, seen, _ in first), (
        "the other portion was imported again"
    )


def test_a_single_module_is_a_library(spark: Any, notebook: Any) -> None:
    library = notebook.library(lambda name: {f"{name}.py": TAG}, kind="module")
    code = importlib.import_module(library.name)
    assert tags(spark, code.tag) == {"v1"}
    library.edit({f"{library.name}.py": TAG.replace("v1", "v2")})
    notebook.ship()
    assert tags(spark, code.tag) == {"v2"}


def test_a_task_that_changed_its_folder_does_not_hide_the_eggs(spark: Any, notebook: Any) -> None:
    library = notebook.library(one_module(TAG))
    code = importlib.import_module(f"{library.name}.code")

    def move(row: int) -> int:
        import os

        os.chdir("/")
        return os.getpid()

    movers = tags(spark, move)
    library.edit({f"{library.name}/code.py": TAG.replace("v1", "v2")})
    notebook.ship()

    def ask(row: int) -> tuple[int, str]:
        import os

        return os.getpid(), code.tag()

    answers = tags(spark, ask)
    assert {tag for _, tag in answers} == {"v2"}
    assert {pid for pid, _ in answers} & movers, "workers are reused"


def test_a_missing_egg_fails_by_name_and_runs_nothing_else(spark: Any, notebook: Any) -> None:
    library = notebook.library(one_module(TAG))
    code = importlib.import_module(f"{library.name}.code")
    assert tags(spark, code.tag) == {"v1"}
    library.edit({f"{library.name}/code.py": TAG.replace("v1", "v2")})
    state = notebook.changed()
    from autoegg.spark import live_target

    target = live_target()
    assert target is not None
    notebook.shipper.activate(target, state)  # named, but never delivered
    notebook._active = (target.key, state.generation)
    with pytest.raises(
        Exception, match=rf"autoegg: this task needs {library.name} {library.version[:12]}.* on node "
    ):
        tags(spark, code.tag)
    notebook.ship()
    assert tags(spark, code.tag) == {"v2"}


def test_a_thread_that_never_heard_of_a_state_runs_the_one_of_its_functions(
    spark: Any, notebook: Any
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    library = notebook.library(one_module(TAG))
    code = importlib.import_module(f"{library.name}.code")
    notebook.ship()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(tags, spark, code.tag).result() == {"v1"}
        library.edit({f"{library.name}/code.py": TAG.replace("v1", "v2")})
        notebook.ship()
        assert pool.submit(tags, spark, code.tag).result() == {"v2"}


def test_what_was_pickled_earlier_follows_in_every_thread_and_session(spark: Any, notebook: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    library = notebook.library(one_module(TAG))
    code = importlib.import_module(f"{library.name}.code")
    rdd = spark.sparkContext.parallelize(range(4), 2).map(code.tag)
    other = spark.newSession()
    with ThreadPoolExecutor(1) as pool:

        def register() -> None:
            notebook.ship()
            other.udf.register("tag_of", code.tag)

        def ask() -> list[set[Any]]:
            rows = other.sql("select tag_of(id) as tag from range(4)").collect()
            return [set(rdd.collect()), set(rdd.toLocalIterator()), {row.tag for row in rows}]

        pool.submit(register).result()
        assert pool.submit(ask).result() == [{"v1"}] * 3
        library.edit({f"{library.name}/code.py": TAG.replace("v1", "v2")})
        notebook.ship()
        assert pool.submit(ask).result() == [{"v2"}] * 3


def test_a_stream_hands_its_batches_to_the_newest_code(spark: Any, notebook: Any, tmp_path: Any) -> None:
    library = notebook.library(one_module(TAG))
    code = importlib.import_module(f"{library.name}.code")
    rows = tmp_path / "rows"
    rows.mkdir()
    (rows / "1.txt").write_text("a\n")
    seen: list[set[str]] = []
    old = spark.sparkContext.parallelize(range(4), 2).map(code.tag)

    def batch(frame: Any, number: int) -> None:
        seen.append(set(old.collect()) | set(frame.rdd.map(code.tag).collect()))

    notebook.ship()
    stream = spark.readStream.text(str(rows)).writeStream.foreachBatch(batch)
    query = stream.option("checkpointLocation", str(tmp_path / "checkpoint")).start()
    try:
        query.processAllAvailable()
        assert seen == [{"v1"}]
        library.edit({f"{library.name}/code.py": TAG.replace("v1", "v2")})
        notebook.ship()
        (rows / "2.txt").write_text("b\n")
        query.processAllAvailable()
        assert seen == [{"v1"}, {"v2"}]
    finally:
        query.stop()
