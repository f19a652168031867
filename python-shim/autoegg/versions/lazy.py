"""Which objects are a plan and no data yet: they are computed when used, by the code that runs then."""

from __future__ import annotations

from typing import Any

_KINDS = frozenset(
    {"Column", "DStream", "DataFrame", "GroupedData", "IndexOpsMixin", "PandasCogroupedOps", "RDD"}
)
_MOST = 1000
"""Elements of a container that are looked at."""


def lazy_kind(value: Any, deep: int = 2) -> str | None:
    """What kind of plan it is (``DataFrame``), or contains; None for everything else."""
    for kind in type(value).__mro__:
        if kind.__module__.partition(".")[0] == "pyspark" and kind.__name__ in _KINDS:
            return kind.__name__
    elements: list[Any] = []
    if type(value) is dict:
        elements = list(value.values())
    elif type(value) in (list, tuple, set):
        elements = list(value)
    for element in elements[:_MOST] if deep else ():
        if (found := lazy_kind(element, deep - 1)) is not None:
            return found
    return None
