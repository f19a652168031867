"""Whether a statement may have given annotations to code that evaluates them later."""

from __future__ import annotations

import sys
import types
from collections.abc import Container, Iterator
from typing import Any

from ..inspection import home, is_class, is_function
from ..observe.trace import MISSING, Trace
from ..source.bytecode import runs_with

_READS_ANNOTATIONS = frozenset(
    [
        "__annotations__", "__annotate__", "get_type_hints", "get_annotations", "signature", "getfullargspec", "ForwardRef",
        "NamedTuple", "TypedDict", "register", "singledispatchmethod", "annotationlib", "__dict__", "eval", "getattr", "vars",
    ]
)  # fmt: skip
"""Names in code that obtains annotations, in the standard library or by hand."""


def may_keep_annotations(trace: Trace, libraries: Container[str]) -> bool:
    """False only where all of what ran is known: the library's own code and the standard library's, and none of it asks for annotations.

    Args:
        libraries: the names of the library modules.
    """
    if trace.more is None or trace.more.unknown or trace.code is None:
        return True
    codes = [*runs_with(trace.code), *trace.more.ran]
    if any(not _READS_ANNOTATIONS.isdisjoint(code.co_names) for code in codes):
        return True
    return any(_is_foreign(value, libraries) for value in _read_by(trace))


def _read_by(trace: Trace) -> Iterator[Any]:
    assert trace.more is not None
    yield from trace.reads
    yield from trace.more.attributes.values()
    for _, _, values in trace.more.function_reads:
        yield from values


def _is_foreign(value: Any, libraries: Container[str]) -> bool:
    """Whether another package's code may run through it."""
    if value is MISSING:
        return False
    if issubclass(type(value), types.ModuleType):
        return _is_foreign_module(value.__name__, libraries)
    if is_function(value):
        return _is_foreign_module(home(value), libraries)
    classes = (*value.__mro__, *type(value).__mro__) if is_class(value) else type(value).__mro__
    return any(_is_foreign_module(home(cls), libraries) for cls in classes)


def _is_foreign_module(name: str | None, libraries: Container[str]) -> bool:
    return name is None or (name not in libraries and name.partition(".")[0] not in sys.stdlib_module_names)
