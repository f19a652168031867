"""The pandas API on Spark keeps pandas DataFrames that it has computed; those of older code are thrown away.

Of a frame that it computed at once, because it was given a function without types, nothing but the data is left.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .points import STAMP, Hooks, Undo, Unknown, known, replace


def _token(internal: Any, hooks: Hooks) -> str | None:
    client = internal.spark_frame.sparkSession.__dict__.get("_client")
    return hooks.token() if client is None else hooks.token_of(client)


def whole_frames(module: ModuleType, hooks: Hooks) -> list[Undo]:
    cls = getattr(module, "InternalFrame", None)
    own = getattr(cls, "__dict__", {}).get("to_pandas_frame")
    if not isinstance(own, property) or own.fdel is None:
        raise Unknown("pyspark.pandas.internal.InternalFrame.to_pandas_frame cannot be thrown away")

    def computed(self: Any) -> Any:
        if self.__dict__.get(STAMP) != _token(self, hooks):
            own.__delete__(self)
        found = own.__get__(self, cls)
        self.__dict__[STAMP] = _token(self, hooks)  # computing it may have moved the state itself
        return found

    return [replace(cls, "to_pandas_frame", property(computed, None, own.fdel))]


def shown_frames(module: ModuleType, hooks: Hooks) -> list[Undo]:
    """What is shown of a frame: its first rows."""
    cls = getattr(module, "DataFrame", None)
    original = known(cls, "_get_or_create_repr_pandas_cache", "self", "n")
    if "_repr_pandas_cache" not in original.__code__.co_names:
        raise Unknown("pyspark.pandas.frame.DataFrame keeps what it shows under another name")

    @functools.wraps(original)
    def shown(self: Any, n: int) -> Any:
        if self.__dict__.get(STAMP) != _token(self._internal, hooks):
            self.__dict__.pop("_repr_pandas_cache", None)
        found = original(self, n)
        self.__dict__[STAMP] = _token(self._internal, hooks)
        return found

    return [replace(cls, "_get_or_create_repr_pandas_cache", shown)]


POINTS: dict[str, Callable[[ModuleType, Any], list[Undo]]] = {
    "pyspark.pandas.internal": whole_frames,
    "pyspark.pandas.frame": shown_frames,
}
