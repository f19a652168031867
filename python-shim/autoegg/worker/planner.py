"""Processes on the driver's side that plan for executors: UDTF ``analyze``, and Python data sources.

They get a pickled class of the library, and send what they made of it back to be run elsewhere (the reader's ``read``, the
writer's ``write``). No job carries a state for them, so what they pickle must bring their own, as the driver's does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from . import opcodes

MODULES = "pyspark.sql.worker."

boot = b""
source: dict[str, bytes | str] = {}
"""How the set-up of this process was found; both are set by it (``autoegg.spark.guard``)."""

embedded = ""
"""The state that this process is on, as the pickle named it."""


def guard() -> None:
    """Put our opcodes in front of every pickle that this planning process sends back.

    Each of these modules has one ``pickleSer`` for that; accumulators, which go to the driver, use another name of it.
    """
    for name in _planners():
        module = sys.modules.get(name)
        serializer = getattr(module, "pickleSer", None)
        if module is not None and serializer is not None and not hasattr(serializer, "_autoegg_plain"):
            module.pickleSer = _guarded(serializer)  # type: ignore[attr-defined]


def _planners() -> list[str]:
    # Started by pyspark's daemon with its module as the argument, or on its own.
    main = getattr(sys.modules.get("__main__"), "__spec__", None)
    names = [*sys.argv[1:2], getattr(main, "name", "")]
    if not any(name.startswith(MODULES) for name in names):
        return []
    return ["__main__", *(name for name in list(sys.modules) if name.startswith(MODULES))]


def _guarded(plain: Any) -> Any:
    class Guarded(type(plain)):  # type: ignore[misc]
        _autoegg_plain = plain

        def dumps(self, value: Any) -> bytes:
            return prologue() + plain.dumps(value)  # type: ignore[no-any-return]

        def __reduce__(self) -> tuple[Callable[[], Any], tuple[()]]:
            # The functions that are sent away name it as a global: there it is the plain one again.
            return type(plain), ()

    return Guarded()


def prologue() -> bytes:
    return opcodes.run(boot, {**source, "E": embedded})
