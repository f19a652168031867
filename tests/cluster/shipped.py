"""A library whose only function says its version, shipped to the notebook's Spark again and again."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from standalone import eventually

from autoegg.spark import live_target


def files(name: str) -> dict[str, str]:
    return {f"{name}/__init__.py": "", f"{name}/code.py": code("v1")}


def code(tag: str) -> str:
    return f"def tag(row=None):\n    return '{tag}'\n"


class Library:
    """A library with one function that says its version, shipped to the notebook's Spark."""

    def __init__(self, notebook: Any) -> None:
        self.notebook = notebook
        self.files = notebook.library(files)
        self.module = importlib.import_module(f"{self.files.name}.code")

    def ship(self, tag: str) -> None:
        self.files.edit({f"{self.files.name}/code.py": code(tag)})
        self.notebook.ship()

    def ship_many(self, times: int) -> None:
        """So many versions, none of which is run; each time the list of eggs is made short."""
        for number in range(times):
            self.ship(f"old {number}")
            self.prune()

    def prune(self) -> None:
        """Keeps what the newest version needs, and what is in use."""
        target = live_target()
        assert target is not None
        self.notebook.shipper.prune(target, self.eggs())

    def eggs(self) -> set[str]:
        return {egg.name for egg in self.files.eggs()}

    def listed(self, spark: Any) -> set[str]:
        """This library's eggs on Spark's list."""
        names = {address.rpartition("/")[2] for address in spark.sparkContext.listFiles}
        return {name for name in names if name.startswith(f"{self.files.name}-")}

    def on_disk(self) -> set[str]:
        """This library's eggs in the driver's folder, and where Spark has copied them to in the driver."""
        from pyspark import SparkFiles

        folders = (self.notebook.folder / "given", Path(SparkFiles.getRootDirectory()))
        return {path.name for folder in folders for path in folder.glob(f"{self.files.name}-*.egg")}

    def tags(self, spark: Any, tasks: int = 4) -> set[tuple[str, str]]:
        """What tasks on all executors say: version, executor's folder."""
        module = self.module

        def say(row: int) -> tuple[str, str]:
            import os
            import time

            time.sleep(0.05)  # so that every executor gets some
            return module.tag(), os.getcwd()

        return set(spark.sparkContext.parallelize(range(tasks), tasks).map(say).collect())

    def expect(self, spark: Any, tag: str, executors: int) -> None:
        """All of so many executors say ``tag``."""
        seen: set[str] = set()

        def all_said() -> bool:
            said = self.tags(spark, 4 * executors)
            assert {found for found, _ in said} == {tag}
            seen.update(folder for _, folder in said)
            return len(seen) >= executors

        eventually(all_said, f"{executors} executors")
