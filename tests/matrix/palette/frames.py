"""Functions of columns and frames: pandas and Arrow."""

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa

from palette.deep.inner.words import say


def column(numbers: pd.Series) -> pd.Series:
    return numbers.map(lambda _: say("v1"))


def columns(parts: Iterator[pd.Series]) -> Iterator[pd.Series]:
    for part in parts:
        yield column(part)


def of_group(numbers: pd.Series) -> str:
    return say("v1")


def arrow_column(numbers: pa.Array) -> pa.Array:
    return pa.array([say("v1")] * len(numbers))


def frames(parts: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    for part in parts:
        yield pd.DataFrame({"word": column(part["id"])})


def batches(parts: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for part in parts:
        yield pa.RecordBatch.from_pydict({"word": [say("v1")] * part.num_rows})


def group(part: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"word": [say("v1")]})


def groups(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"word": [say("v1")]})


def arrow_group(part: pa.Table) -> pa.Table:
    return pa.table({"word": [say("v1")]})


def arrow_groups(one: pa.Table, other: pa.Table) -> pa.Table:
    return pa.table({"word": [say("v1")]})
