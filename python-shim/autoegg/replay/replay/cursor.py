"""A module that is being replayed: how far it is, and what its names mean at that point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..observe.trace import MISSING, SYSTEM_NAMES, Record, Trace
from ..plan.pairing import NEW, SAME, Pairing, Step
from ..plan.traces import is_module
from ..source.unit import Unit

END = 1 << 60

Position = tuple[int, ...]


class Cursor:
    """``steps``: the statements of the text as it is now. Those before ``at`` are done."""

    def __init__(
        self, record: Record, unit: Unit, pairing: Pairing | None, traces: list[Trace] | None
    ) -> None:
        self.record = record
        self.unit = unit
        self.olds = traces
        """The traces of the text as it was; None: nobody watched."""
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
        self.before: dict[str, Any] = dict(record.module.__dict__)
        """The module's globals as the run left them."""
        self.new_index = {step.old: step.index for step in self.steps if step.old is not None}
        """Where statements of the former text stand in the new one."""
        self._annotations: dict[str, Any] = {}
        held = record.module.__dict__.get("__annotations__")  # noqa: RUF063 - asking the module would make them
        self.annotations_held: dict[str, Any] = dict(held) if type(held) is dict else {}
        """What the module's ``__annotations__`` held before the replay."""
        self._places = self._find_places()

    def _find_places(self) -> dict[int, int]:
        if self.olds is None:
            return {}
        places: dict[int, int] = dict(self.new_index)
        following = len(self.steps)
        for old in range(len(self.olds) - 1, -1, -1):
            following = places.setdefault(old, following)
        return places

    def place(self, old: int) -> int:
        """Where statement ``old`` of the former text stands, or would."""
        return self._places.get(old, old)

    def old_trace(self, step: Step) -> Trace | None:
        return self.olds[step.old] if self.olds is not None and step.old is not None else None

    # -- names

    def rewind(self, index: int, submodules: Mapping[str, Any]) -> None:
        """Make the module's names mean what they meant before statement ``index``."""
        namespace = self.record.module.__dict__
        then: dict[str, Any] = {"__doc__": None}
        annotations: dict[str, Any] = {}
        for step in self.steps[:index]:
            trace = self.old_trace(step)
            assert trace is not None
            self.news[step.index] = trace
            self._apply(trace, then)
            self._annotate(trace, annotations)
        for name in list(namespace):
            if (
                name not in then
                and name not in SYSTEM_NAMES
                and not self._is_submodule(name, namespace[name], submodules)
            ):
                del namespace[name]
        namespace.update(then)
        self.start_annotations(annotations)
        self.at = index
        self.opened = True

    def _is_submodule(self, name: str, value: Any, submodules: Mapping[str, Any]) -> bool:
        """The import system has put it there."""
        return is_module(value) and submodules.get(f"{self.record.name}.{name}") is value

    def start_annotations(self, content: dict[str, Any]) -> None:
        """The module's ``__annotations__`` hold just these; the dictionary stays the one that it was."""
        namespace = self.record.module.__dict__
        known = namespace.pop("__annotations__", None)
        if type(known) is dict:
            known.clear()
            known.update(content)
            if content:
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

    def take(self, step: Step, trace: Trace) -> None:
        """The statement stands: what it bound is bound again."""
        namespace = self.record.module.__dict__
        self._apply(trace, namespace)
        if trace.statement.annotates and self.record.annotations:
            self._annotate(trace, namespace.setdefault("__annotations__", self._annotations))
        self.news[step.index] = trace

    def value(self, name: str) -> Any:
        return self.record.module.__dict__.get(name, MISSING)
