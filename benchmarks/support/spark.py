"""Cells that start Spark and run the job, the same for the extension and for what it is compared with."""

from __future__ import annotations

from pathlib import Path

import pyspark

LOCAL = "local[2]"
CLUSTER = "local-cluster[2,1,1024]"

TASKS = 2

JOB = f"""
began = perf_counter()
answer = sorted(set(sc.parallelize(range(4), {TASKS}).map(lambda row: chain.run(row)).collect()))
"""
"""Each task needs every module of the library; the answer is a list of the last edit's number."""


def environment(folder: Path) -> dict[str, str]:
    """A Spark whose files all lie below ``folder/spark``: ``local-cluster`` writes its executors' folders into
    ``$SPARK_HOME/work``, so it gets the installed Spark under another name.
    """
    home = folder / "spark" / "home"
    home.mkdir(parents=True)
    for entry in Path(pyspark.__file__).parent.iterdir():
        if entry.name != "work":
            (home / entry.name).symlink_to(entry)
    return {"SPARK_HOME": str(home)}


def session(master: str, folder: Path, settings: dict[str, str] | None = None) -> str:
    """The cell that starts Spark; settings of the user are its defaults, but for its scratch folder and its web pages."""
    chosen = {"spark.ui.enabled": "false", "spark.local.dir": str(folder / "spark"), **(settings or {})}
    conf = "".join(f".config({key!r}, {value!r})" for key, value in chosen.items())
    return (
        "from pyspark.sql import SparkSession\n"
        f"spark = SparkSession.builder.master({master!r}){conf}.getOrCreate()\n"
        "sc = spark.sparkContext\n"
    )
