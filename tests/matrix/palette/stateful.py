"""State of streams, by functions."""

from collections.abc import Iterator

import pandas as pd

from palette.deep.inner.words import say


def count(key: tuple[str], parts: Iterator[pd.DataFrame], state: object) -> Iterator[pd.DataFrame]:
    """`applyInPandasWithState`: one row for each key."""
    for _ in parts:
        pass
    yield pd.DataFrame({"value": [key[0]], "word": [say("v1")]})
