"""With ``spark.io.encryption.enabled`` broadcast values are those of the task's state, as they are without."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from own_process import in_own_process

ITEM = "class Item:\n    def tag(self):\n        return 'v1'\n"


def broadcast_follows_the_state(spark: Any, notebook: Any) -> None:
    library = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": ITEM})
    code = importlib.import_module(f"{library.name}.code")
    context = spark.sparkContext
    assert context._encryption_enabled
    shared, plain = context.broadcast(code.Item()), context.broadcast({"plain": 1})
    large = "x" * (2 << 20)

    def ask(row: int) -> tuple[str, int, int, bool]:
        once = shared.value is shared.value
        return shared.value.tag(), plain.value["plain"], len(large), once

    rdd = context.parallelize(range(8), 4).map(ask)
    assert set(rdd.collect()) == {("v1", 1, 2 << 20, True)}
    library.edit({f"{library.name}/code.py": ITEM.replace("v1", "v2")})
    notebook.ship()
    assert set(rdd.collect()) == {("v2", 1, 2 << 20, True)}
    assert set(context.parallelize(range(8), 4).map(ask).collect()) == {("v2", 1, 2 << 20, True)}
    assert shared.value.tag() == "v1", "the driver's own object"
    for version in ("v3", "v4"):  # what is put elsewhere has the workers start afresh
        patch = "import fractions\nfractions.Fraction.item = Item\n"
        library.edit({f"{library.name}/code.py": ITEM.replace("v1", version) + patch})
        notebook.ship()
        assert set(rdd.collect()) == {(version, 1, 2 << 20, True)}


@pytest.mark.parametrize("master", ["local[2]", "local-cluster[2,1,1024]"])
def test_encrypted_broadcasts_follow_the_state(master: str, tmp_path: Any) -> None:
    import pyspark

    in_own_process(
        broadcast_follows_the_state,
        TEST_MASTER=master,
        PYSPARK_SUBMIT_ARGS="--conf spark.io.encryption.enabled=true pyspark-shell",
        SPARK_HOME=pyspark.__path__[0],
        SPARK_WORKER_DIR=str(tmp_path),
    )
