"""A module's annotations on Python 3.14, which evaluates them when they are asked for (PEP 649).

The compiler makes one ``__annotate__`` function of all annotations of what it compiles. Statements are compiled one by one
here, so each with annotations brings a function of its own, which would replace that of the statements before it. The
module's ``__annotate__`` gives what all of them give instead.

``__conditional_annotations__`` is the interpreter's: the numbers of those annotations, of what was compiled as one, whose line
has run. It is what it was for a statement while that statement's function runs.
"""

from __future__ import annotations
import __future__

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..source.unit import Unit
    from .trace import Record

ANNOTATE, CONDITIONAL = "__annotate__", "__conditional_annotations__"
_VALUE = 1  # annotationlib.Format.VALUE


def are_evaluated_later(unit: Unit | None) -> bool:
    """Otherwise the statements write them into ``__annotations__`` of the module when they run."""
    postponed = unit is not None and unit.flags & __future__.annotations.compiler_flag
    return sys.version_info >= (3, 14) and not postponed


class Annotating:
    """What one statement, or several that were compiled as one, give: the compiler's function."""

    def __init__(self, function: Any, conditional: Iterable[int]) -> None:
        self._function = function
        self._conditional = frozenset(conditional)

    def values(self, namespace: dict[str, Any], form: int) -> dict[str, Any]:
        missing = object()
        before = namespace.get(CONDITIONAL, missing)
        namespace[CONDITIONAL] = set(self._conditional)
        try:
            if form == _VALUE:
                found: dict[str, Any] = self._function(form)
                return found
            import annotationlib

            return dict(annotationlib.call_annotate_function(self._function, form))
        finally:
            if before is missing:
                del namespace[CONDITIONAL]
            else:
                namespace[CONDITIONAL] = before


def collect(record: Record, names: Iterable[str]) -> None:
    """A statement that annotates these names has run: takes over the function that it has left in the module."""
    namespace = record.module.__dict__
    function = namespace.get(ANNOTATE)
    if function is None or function is record.annotate:
        return
    annotating = Annotating(function, namespace.pop(CONDITIONAL, ()))
    for name in names:
        record.annotating[name] = annotating
    give(record)


def annotations_of(record: Record) -> dict[str, Any]:
    """A copy: name -> annotation, or what gives it."""
    if are_evaluated_later(record.unit):
        return dict(record.annotating)
    held = record.module.__dict__.get("__annotations__")  # noqa: RUF063 - asking the module would make them
    return dict(held) if type(held) is dict else {}


def give(record: Record, content: dict[str, Any] | None = None) -> None:
    """The module's ``__annotate__`` gives what ``record.annotating`` holds (``content``, where it is given); what it gave before is forgotten."""
    namespace = record.module.__dict__
    if content is not None:
        record.annotating.clear()
        record.annotating.update(content)
    namespace.pop("__annotations__", None)
    if not record.annotating:
        namespace.pop(ANNOTATE, None)
        return
    if record.annotate is None:
        record.annotate = _annotate_of(record)
    namespace[ANNOTATE] = record.annotate


def _annotate_of(record: Record) -> Any:
    def __annotate__(form: int, /) -> dict[str, Any]:
        namespace = record.module.__dict__
        held = dict(record.annotating)
        found = {part: part.values(namespace, form) for part in dict.fromkeys(held.values())}
        return {name: found[part][name] for name, part in held.items() if name in found[part]}

    return __annotate__
