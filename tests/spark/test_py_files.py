"""An egg of ``autoegg build`` gives a program's code to workers by ``spark-submit --py-files``, without the extension."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyspark

SHIM = Path(__file__).parents[2] / "python-shim"

PROGRAM = """
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()

def told(number):
    import acme.rates
    import ns.part
    return acme.rates.RATE + ns.part.MORE, acme.rates.__file__

answers = spark.sparkContext.parallelize(range(4), 4).map(told).collect()
assert {number for number, _ in answers} == {44}, answers
assert all("acme.egg/" in file for _, file in answers), answers
print("told by workers")
spark.stop()
"""


def test_workers_import_from_an_egg_that_spark_submit_was_given(tmp_path: Path) -> None:
    project = tmp_path / "project" / "src"
    for path, text in {
        "acme/__init__.py": "",
        "acme/rates.py": "RATE = 22\n",
        "ns/part/__init__.py": "MORE = 22\n",
    }.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(SHIM), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    built = subprocess.run(
        [sys.executable, "-m", "autoegg", "build", str(project.parent), "-o", str(tmp_path / "acme.egg")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    home = tmp_path / "spark-home"
    home.mkdir()
    for entry in Path(pyspark.__file__).parent.iterdir():
        if entry.name != "work":
            (home / entry.name).symlink_to(entry)
    (tmp_path / "program.py").write_text(PROGRAM)
    environment |= {"SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable, "PYTHONPATH": ""}
    done = subprocess.run(
        [
            str(home / "bin" / "spark-submit"),
            *("--master", "local-cluster[2,1,1024]", "--conf", "spark.ui.enabled=false"),
            *("--py-files", str(tmp_path / "acme.egg"), str(tmp_path / "program.py")),
        ],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "told by workers"
