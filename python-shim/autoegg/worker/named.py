"""Functions that were pickled by the name that leads to them, with a copy in case that name cannot be imported."""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import socket
import sys
from typing import Any

from . import switch


def find(module: str, path: str, version: str, copy: Any) -> Any:
    """The function at ``path`` of ``module``: itself, or what ``@udf`` put there runs. Pickles call this.

    :param version: of the library when ``copy`` was made: the copy is used under no other.
    :raises ImportError: when the module cannot be imported here, and its library has changed since.
    """
    try:
        thing = importlib.import_module(module)
    except Exception as error:  # some need what only the driver has: a session, a column
        library, present = switch.owner(module) or (module, version)
        if present == version and copy is not None:
            return copy
        raise ImportError(
            f"autoegg: this task needs {module}.{path} of {library} {present[:12]}, but {module} cannot be imported on "
            f"node {socket.gethostname()} (process {os.getpid()}): {type(error).__name__}: {error}. Recreate the RDD, "
            "DataFrame or view, or move what only the driver has (sessions, columns) out of that module's top level."
        ) from error
    for part in path.split("."):
        thing = getattr(thing, part)
    return getattr(thing, "func", thing)


def read_types_without_a_session() -> None:
    """``@udf("long")`` asks the driver's Spark what "long" is, so a module with that could not be imported here.

    Nobody does anything with the answer: only the driver runs UDFs.
    """
    types: Any = sys.modules.get("pyspark.sql.types")
    original = getattr(types, "_parse_datatype_string", None)
    if original is None:
        return

    @functools.wraps(original)
    def parse(text: str) -> Any:
        try:
            return original(text)
        except Exception:
            with contextlib.suppress(Exception):
                return types._parse_datatype_json_value(text)
            return types.StructType([])

    for name, module in list(sys.modules.items()):
        if name.startswith("pyspark.sql.") and getattr(module, "_parse_datatype_string", None) is original:
            module._parse_datatype_string = parse  # type: ignore[attr-defined]
