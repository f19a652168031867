"""The pandas API on Spark gives what the newest code gives: it keeps no pandas DataFrame that older code made."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [
    pytest.mark.parametrize("session", ["local[2]"], indirect=True),
    pytest.mark.filterwarnings("ignore"),
]

SOURCE = """
import pandas as pd
def plus(column: pd.Series) -> "int":
    return column + 1
def number():
    return 1
def rows(frame: pd.DataFrame) -> pd.DataFrame:
    return frame + 1
def one(x) -> int:
    return int(x) + 1
"""


@pytest.fixture
def lib(notebook: Any) -> Any:
    library = notebook.library(lambda name: {f"{name}/__init__.py": "", f"{name}/code.py": SOURCE})
    module = importlib.import_module(f"{library.name}.code")

    def says(number: int) -> None:
        text = SOURCE.replace("+ 1", f"+ {number}").replace("return 1", f"return {number}")
        library.edit({f"{library.name}/code.py": text})
        notebook.ship()

    module.says = says
    return module


def test_frames_that_were_looked_at_before_the_edit_are_computed_again(spark: Any, lib: Any) -> None:
    import pyspark.pandas as ps
    from pyspark.sql.functions import udf

    frame = ps.DataFrame({"a": [0, 0]})

    def plus(column: Any) -> Any:
        return column + lib.number()

    def rows(frame: Any) -> Any:
        return lib.rows(frame)

    def one(x: Any) -> int:
        return int(lib.one(x))

    # Types that pandas-on-Spark reads; here, because what stands above is text.
    plus.__annotations__ = {"return": ps.Series[int]}
    rows.__annotations__ = {"return": ps.DataFrame["a":int]}
    one.__annotations__ = {"return": int}
    made = {
        "transform": frame.transform(plus),
        "apply_batch": frame.pandas_on_spark.apply_batch(rows),
        "series": frame["a"].apply(one),
        "from a DataFrame": spark.range(2).select(udf(lib.one, "long")("id").alias("a")).pandas_api(),
    }

    def series(thing: Any) -> Any:
        return thing["a"] if hasattr(thing, "columns") else thing

    looks: dict[str, Callable[[Any], int]] = {
        "to_pandas": lambda thing: int(series(thing.to_pandas()).min()),
        "repr": lambda thing: int(repr(series(thing)).splitlines()[0].split()[1]),
        "to_numpy": lambda thing: int(series(thing).to_numpy().min()),
        "min": lambda thing: int(series(thing).min()),
        "iteration": lambda thing: min(int(value) for _, value in series(thing).items()),
    }

    def ask() -> dict[tuple[str, str], int]:
        return {(one, two): look(thing) for one, thing in made.items() for two, look in looks.items()}

    assert set(ask().values()) == {1}
    for number in (2, 3):
        lib.says(number)
        found = ask()
        assert found == dict.fromkeys(found, number)


def test_what_is_computed_at_once_is_data(spark: Any, lib: Any) -> None:
    """The limit that is told in docs/limits.md: without types of its own, a small frame is computed when it is made."""
    import pyspark.pandas as ps

    frame = ps.DataFrame({"a": [0, 0]}).pandas_on_spark.apply_batch(lambda frame: frame + lib.number())
    assert int(frame["a"].min()) == 1
    lib.says(2)
    assert int(frame["a"].min()) == 1


def test_nothing_is_computed_twice_while_nothing_changed(spark: Any, lib: Any) -> None:
    import pyspark.pandas as ps

    counted = spark.sparkContext.accumulator(0)

    def one(x: Any) -> int:
        counted.add(1)
        return int(lib.one(x))

    one.__annotations__ = {"return": int}
    lib.says(2)
    series = ps.DataFrame({"a": [0, 0]})["a"].apply(one)
    for _ in range(3):
        assert series.to_pandas().tolist() == [2, 2]
    assert counted.value == 2
