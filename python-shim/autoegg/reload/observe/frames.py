"""Our frames while a library is imported, left out of the user's tracebacks as the import system's own are."""

from __future__ import annotations

import importlib._bootstrap
from collections.abc import Callable
from typing import Any, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])

call: Callable[..., Any] = getattr(importlib._bootstrap, "_call_with_frames_removed")  # noqa: B009
"""As SourceFileLoader itself does (importlib/_bootstrap_external.py)."""


def as_import_system(method: Method) -> Method:
    """Marks a function as one of the import system's own.

    Python leaves frames of this file name out of tracebacks where they end in ``_call_with_frames_removed``, and all of them when
    the error is an ImportError (``remove_importlib_frames`` in CPython's import.c); debuggers step over them too.
    """
    method.__code__ = method.__code__.replace(co_filename="<frozen importlib._bootstrap_external>")
    return method
