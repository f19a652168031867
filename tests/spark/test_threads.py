"""Every job is on one state, the newest, whichever Python thread submits it and however that thread came to be."""

from __future__ import annotations

import asyncio
import importlib
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from own_process import in_own_process

TAG = "def tag(*row):\n    return 'v1'\n"


class Old:
    """Objects whose functions were pickled under the first state, and whose jobs therefore follow only what they carry."""

    def __init__(self, spark: Any, notebook: Any) -> None:
        from pyspark.sql.functions import udf

        self.spark = spark
        self.notebook = notebook
        self.library = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": TAG})
        self.code = importlib.import_module(f"{self.library.name}.code")
        self.rdd = spark.sparkContext.parallelize(range(4), 2).map(self.code.tag)
        self.frame = spark.range(4, numPartitions=2).select(udf(self.code.tag, "string")("id").alias("tag"))
        assert self.ask() == {"v1"}

    def ask(self) -> set[str]:
        """What jobs of the calling thread run: an old RDD, an old DataFrame, and a function pickled now."""
        code = self.code
        fresh = self.spark.sparkContext.parallelize(range(4), 2).map(lambda row: code.tag(row))
        return {
            *self.rdd.collect(),
            *(row.tag for row in self.frame.collect()),
            *fresh.collect(),
            self.rdd.first(),
        }

    def say(self, version: str) -> None:
        self.library.edit({f"{self.library.name}/code.py": TAG.replace("v1", version)})
        self.notebook.ship()


@pytest.fixture
def old(spark: Any, notebook: Any) -> Old:
    return Old(spark, notebook)


def test_a_thread_that_goes_on_after_an_edit_follows_it(old: Old) -> None:
    turns, answers = threading.Semaphore(0), []
    answered = threading.Semaphore(0)

    def work() -> None:
        for _ in range(3):
            turns.acquire()
            answers.append(old.ask())
            answered.release()

    thread = threading.Thread(target=work)
    thread.start()
    for version in ("v1", "v2", "v3"):
        old.say(version)
        turns.release()
        assert answered.acquire(timeout=120)
    thread.join(30)
    assert answers == [{"v1"}, {"v2"}, {"v3"}]


def test_pools_and_asyncio_follow(old: Old) -> None:
    async def in_threads() -> list[set[str]]:
        return list(await asyncio.gather(*(asyncio.to_thread(old.ask) for _ in range(2))))

    with ThreadPoolExecutor(2) as pool:
        for version in ("v1", "v2"):
            old.say(version)
            assert [task.result() for task in [pool.submit(old.ask) for _ in range(4)]] == [{version}] * 4
            assert asyncio.run(in_threads()) == [{version}] * 2


def test_joblibs_spark_backend_follows(old: Old) -> None:
    from joblib import Parallel, delayed, parallel_config
    from joblibspark import register_spark

    register_spark()
    code = old.code
    with parallel_config("spark", n_jobs=2):
        for version in ("v1", "v2", "v3"):
            old.say(version)
            by_name = Parallel()(delayed(code.tag)(number) for number in range(3))
            by_value = Parallel()(delayed(lambda number: code.tag(number))(number) for number in range(3))
            assert {*by_name, *by_value} == {version}


def test_what_copied_the_properties_of_another_thread_before_the_edit_follows(old: Old) -> None:
    from pyspark import InheritableThread, inheritable_thread_target

    context = old.spark.sparkContext
    answers: list[Any] = []

    def work() -> None:
        answers.append((context.getLocalProperty("spark.jobGroup.id"), old.ask()))

    context.setJobGroup("of the cell", "")
    try:
        with warnings.catch_warnings():  # Spark 4 says that it does not hand tags on
            warnings.simplefilter("ignore")
            wrapped = inheritable_thread_target(work)
        thread = InheritableThread(target=work)
        old.say("v2")
        for started in (threading.Thread(target=wrapped), thread):
            started.start()
            started.join(120)
        assert answers == [("of the cell", {"v2"})] * 2
        assert context.getLocalProperty("spark.jobGroup.id") == "of the cell"
    finally:
        context.setLocalProperty("spark.jobGroup.id", None)


def test_job_groups_and_pools_stay_as_the_user_set_them(old: Old) -> None:
    context = old.spark.sparkContext

    def work(name: str) -> tuple[Any, Any]:
        context.setJobGroup(name, "")
        context.setLocalProperty("spark.scheduler.pool", name)
        old.ask()
        return context.getLocalProperty("spark.jobGroup.id"), context.getLocalProperty("spark.scheduler.pool")

    with ThreadPoolExecutor(2) as pool:
        for version in ("v2", "v3"):
            old.say(version)
            names = ["a", "b", "c"]
            assert [pool.submit(work, name).result() for name in names] == [(name, name) for name in names]
    assert context.getLocalProperty("spark.jobGroup.id") is None


def test_a_connection_that_an_interrupt_closed_carries_the_state_again(old: Old) -> None:
    old.say("v2")
    client = old.spark.sparkContext._gateway._gateway_client
    client.get_thread_connection().close()  # as py4j does on KeyboardInterrupt
    assert old.ask() == {"v2"}


def test_without_pinned_threads_no_job_gets_the_state_of_another() -> None:
    in_own_process(without_pinned_threads, PYSPARK_PIN_THREAD="false")


def without_pinned_threads(spark: Any, notebook: Any) -> None:
    from py4j.clientserver import ClientServer

    assert not isinstance(spark.sparkContext._gateway, ClientServer)
    old = Old(spark, notebook)
    with ThreadPoolExecutor(4) as pool:
        # Several connections at once, so several threads of the JVM; each has run a job of the first state.
        assert [task.result() for task in [pool.submit(old.ask) for _ in range(8)]] == [{"v1"}] * 8
        for version in ("v2", "v3"):
            old.say(version)
            tasks = [pool.submit(old.ask) for _ in range(8)]
            assert [task.result() for task in tasks] == [{version}] * 8
            assert old.ask() == {version}
