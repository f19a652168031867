"""``autoegg.ship(spark)`` in plain programs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from kernel_library import write
from kernel_notebook import SHIM, neutral_environment

MAIN = """
from pyspark.sql import SparkSession
import autoegg
{imports}

def main():
    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    print(autoegg.ship(spark))
    tags = spark.sparkContext.parallelize(range(4), 4).map(lambda i: ({tag}(), {where}))
    for tag, file in sorted(set(tags.collect())):
        print("worker", tag, ".egg/" in file)
    spark.stop()

if __name__ == "__main__":
    main()
"""


def run(command: list[str], cwd: Path, tmp_path: Path) -> str:
    import pyspark

    home = str(Path(pyspark.__file__).parent)
    environment = {
        **neutral_environment(),
        "PYTHONPATH": str(SHIM),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_HOME": home,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("launcher", ["python", "spark-submit"])
def test_a_script_outside_the_library_ships_what_it_imports(
    tmp_path: Path, tagger: Path, launcher: str
) -> None:
    import pyspark

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    script = write(
        tmp_path / "job.py", MAIN.format(imports="import tagger", tag="tagger.tag", where="tagger.__file__")
    )
    submit = str(Path(pyspark.__file__).parent / "bin" / "spark-submit")
    command = [sys.executable, str(script)] if launcher == "python" else [submit, str(script)]
    printed = run(command, elsewhere, tmp_path)
    assert "shipped tagger " in printed
    assert "worker one True\n" in printed


def test_a_caller_inside_the_library_ships_its_own_package(tmp_path: Path, tagger: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write(
        tagger / "job.py",
        MAIN.format(imports="from tagger import words", tag="words.tag", where="words.__file__"),
    )
    write(tmp_path / "run.py", "import tagger.job\ntagger.job.main()\n")
    printed = run([sys.executable, str(tmp_path / "run.py")], elsewhere, tmp_path)
    assert "shipped tagger " in printed
    assert "worker one True\n" in printed


def test_a_program_without_a_library_of_its_own_is_refused_with_the_reason(tmp_path: Path) -> None:
    script = write(
        tmp_path / "job.py",
        """
        from pyspark.sql import SparkSession
        import autoegg
        spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
        try:
            autoegg.ship(spark)
        except autoegg.errors.LibraryMissing as error:
            print("said:", error)
        spark.stop()
        """,
    )
    assert "belongs to no package" in run([sys.executable, str(script)], tmp_path, tmp_path)


def test_a_program_without_a_spark_session_is_refused_with_the_reason(tmp_path: Path) -> None:
    script = write(
        tmp_path / "job.py",
        "import autoegg\ntry:\n    autoegg.ship(None)\nexcept ImportError as error:\n    print(error)\n",
    )
    assert "needs a live Spark session" in run([sys.executable, str(script)], tmp_path, tmp_path)
