"""A module that is being replayed: how far it is, and what its names mean at that point."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import Any

from ..observe.annotations import annotations_of, are_evaluated_later, give
from ..observe.modules import ObservedModule, give_class
from ..observe.trace import MISSING, Record, Trace
from ..plan.pairing import NEW, SAME, Pairing, Step
from ..source.statements import Import
from ..source.unit import Unit
from .names import replace_names


def _imports(unit: Unit) -> list[tuple[Import, ...]]:
    return [statement.imports for statement in unit.statements if statement.imports]


class Cursor:
    """``steps``: the statements of the text as it is now. Those before ``at`` are done."""

    def __init__(
        self, record: Record, unit: Unit, pairing: Pairing | None, traces: list[Trace] | None
    ) -> None:
        self.record = record
        self.unit = unit
        self.olds = traces
        """The traces of the former text; None: its import was not observed."""
        self.changed = pairing is not None or traces is None
        count = len(unit.statements)
        self.steps: list[Step]
        self.removed: list[int]
        if traces is None:
            self.steps, self.removed = [Step(index, None, NEW) for index in range(count)], []
        elif pairing is None:
            self.steps, self.removed = [Step(index, index, SAME) for index in range(count)], []
        else:
            self.steps, self.removed = pairing.steps, pairing.removed
        self.first = 0 if traces is None else count if pairing is None else pairing.first_difference
        """The first statement from which on the module has to be replayed; None: only bodies of functions differ."""
        self.news: list[Trace | None] = [None] * count
        self.at = 0
        self.opened = False
        self.new_index = {step.old: step.index for step in self.steps if step.old is not None}
        """Where statements of the former text stand in the new one."""
        self.arrivals: dict[int, dict[str, ModuleType]] = {}
        """Index of a statement -> submodules of this package that are loaded by its end."""
        self._annotations: dict[str, Any] = {}
        self.annotations_held = annotations_of(record)
        """The module's annotations before the replay."""
        self._places = self._find_places()

    def _find_places(self) -> dict[int, int]:
        if self.olds is None:
            return {}
        places: dict[int, int] = dict(self.new_index)
        following = len(self.steps)
        for old in range(len(self.olds) - 1, -1, -1):
            following = places.setdefault(old, following)
        return places

    @property
    def reorders(self) -> bool:
        """Whether statements may run in another order than before, in this module or in those that it imports."""
        if self.first is None or self.olds is None or self.record.unit is None:
            return self.first is not None
        olds = [step.old for step in self.steps if step.old is not None]
        return olds != sorted(olds) or _imports(self.unit) != _imports(self.record.unit)

    def place(self, old: int) -> int:
        """Where statement ``old`` of the former text stands, or would."""
        return self._places.get(old, old)

    def old_trace(self, step: Step) -> Trace | None:
        return self.olds[step.old] if self.olds is not None and step.old is not None else None

    # -- names

    def rewind(self, index: int) -> None:
        """Give the module's names the values that they had before statement ``index``, in the order in which they were bound."""
        namespace = self.record.module.__dict__
        then: dict[str, Any] = {"__doc__": None}
        annotations: dict[str, Any] = {}
        for step in self.steps[:index]:
            trace = self.old_trace(step)
            assert trace is not None
            self.news[step.index] = trace
            then.update(self.arrivals.get(step.index, ()))
            self._apply(trace, then)
            self._annotate(trace, annotations)
        replace_names(namespace, then)
        self.start_class(self.news[:index])
        self.start_annotations(annotations)
        self.at = index
        self.opened = True

    def start_class(self, traces: Iterable[Trace | None]) -> None:
        """The module's class is what these statements have made it."""
        given = [trace.more.module_class for trace in traces if trace is not None and trace.more is not None]
        give_class(self.record.module, next((cls for cls in reversed(given) if cls), ObservedModule))

    def start_annotations(self, content: dict[str, Any]) -> None:
        """The module's ``__annotations__`` hold just these; the dictionary stays the one that it was."""
        namespace = self.record.module.__dict__
        if are_evaluated_later(self.unit):
            give(self.record, content)
            self._annotations = self.record.annotating
            return
        known = namespace.pop("__annotations__", None)
        if type(known) is dict:
            known.clear()
            known.update(content)
            if content or any(trace is not None and trace.statement.annotates for trace in self.news):
                namespace["__annotations__"] = known
        self._annotations = known if type(known) is dict else {}

    def _annotate(self, trace: Trace, annotations: dict[str, Any]) -> None:
        for name in trace.statement.annotates:
            if name in self.record.annotations:
                annotations[name] = self.record.annotations[name]

    @staticmethod
    def _apply(trace: Trace, namespace: dict[str, Any]) -> None:
        namespace.update(trace.writes)
        if trace.more is not None:
            for name in trace.more.deletes:
                namespace.pop(name, None)

    def arrive(self, index: int) -> None:
        """Submodules that are loaded by the end of statement ``index``: the import system makes them attributes of the package."""
        self.record.module.__dict__.update(self.arrivals.get(index, ()))

    def take(self, step: Step, trace: Trace) -> None:
        """The statement is unchanged: bind again what it bound."""
        namespace = self.record.module.__dict__
        self._apply(trace, namespace)
        if trace.statement.annotates:
            if are_evaluated_later(self.unit):
                self._annotate(trace, self._annotations)
                give(self.record)
            else:
                self._annotate(trace, namespace.setdefault("__annotations__", self._annotations))
        if trace.more is not None and trace.more.module_class is not None:
            give_class(self.record.module, trace.more.module_class)
        self.news[step.index] = trace

    def value(self, name: str) -> Any:
        return self.record.module.__dict__.get(name, MISSING)
