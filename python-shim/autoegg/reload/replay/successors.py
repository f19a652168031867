"""Definitions that a statement has just made: the objects of those whose place they take live on."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any

from ..inspection import ATOMIC, class_dict, identity, is_class
from ..observe.boxes import Box, class_state, read, same, same_state
from ..observe.marks import SPECIAL
from ..observe.recorder import Recorder
from ..observe.trace import MISSING, Record, Trace
from ..plan.definitions import (
    definitions,
    former_names,
    is_decorated,
    is_own_definition,
    is_successor,
    pool_of_names,
)
from ..plan.pairing import SAME, Step
from ..settle.layout import PLAIN_METACLASSES
from ..settle.settling import Settling
from ..settle.tombstones import Graves
from ..source.class_bodies import differ_in_methods_only, unchanged_attributes
from ..source.statements import LIGHT
from .cursor import Cursor
from .live_boxes import LiveBoxes
from .saved_modules import SavedModules
from .subclasses import Subclasses

Pool = dict[str, list[Any]]
"""The hidden decorator's key -> definitions that wait for their successors."""


def pool_of(traces: Iterable[Trace]) -> Pool:
    pool: Pool = {}
    for trace in traces:
        for key, obj in definitions(trace):
            pool.setdefault(key, []).append(obj)
    return pool


class Successors:
    """A definition's former object is looked for among those of the statement, of removed statements, and of what is buried."""

    def __init__(
        self,
        *,
        recorder: Recorder,
        settling: Settling,
        graves: Graves,
        boxes: LiveBoxes,
        saved: SavedModules,
        subclasses: Subclasses,
        journal: list[Callable[[], None]],
    ) -> None:
        self._recorder = recorder
        self._settling = settling
        self._graves = graves
        self._boxes = boxes
        self._saved = saved
        self._subclasses = subclasses
        self._journal = journal
        self._pools: dict[str, Pool] = {}
        """Module -> what its removed statements had made; all of its statements, where it runs as a whole."""
        self._running: tuple[Cursor, Pool] | None = None
        settling.made_alike = self._made_alike

    def await_all(self, record: Record) -> None:
        """The module runs as a whole."""
        self._pools[record.name] = pool_of_names(record)

    def await_removed(self, record: Record, removed: Iterable[Trace]) -> None:
        self._pools[record.name] = pool_of(removed)

    # -- while the statement runs

    def begin(self, cursor: Cursor, pool: Pool) -> None:
        """A statement begins to run. ``pool``: what it had made before."""
        self._running = (cursor, pool)

    def end(self) -> None:
        self._running = None

    def settle(self, key: str, new: Any) -> Any:
        """Asked by the hidden decorator."""
        if self._running is None:
            return new
        cursor, pool = self._running
        return self._settle(cursor, pool, key, new)

    def _settle(self, cursor: Cursor, pool: Pool, key: str, new: Any) -> Any:
        waiting = pool.get(key) or self._pools.get(cursor.record.name, {}).get(key)
        old = waiting.pop(0) if waiting else None
        if old is None and not key.partition("|")[0].count("."):
            buried = self._graves.raise_(cursor.record.name, (key,))
            if buried is not None:
                self._journal.append(lambda: self._graves.lay(cursor.record.name, (key,), buried))
                old = buried
        counts = len(self._settling.merged), len(self._settling.adopted)
        made = self._settling.settle(old, new)
        self._remade_with(made, *counts)
        self._recorder.boxes.classes_changed()
        self._recorder.observer.quiet_bases.forget()
        if old is not None and is_class(old) and made is not old:
            self._subclasses.is_replaced(old)
        if made is not new:
            self._remade(made)
        return made

    def _remade_with(self, made: Any, merged: int, adopted: int) -> None:
        """Classes inside a class and its methods are settled with it. ``merged``, ``adopted``: how many had been before."""
        classes = [cls for cls, _ in list(self._settling.merged.values())[merged:]]
        functions = [function for function, _, _ in list(self._settling.adopted.values())[adopted:]]
        for inner in (*classes, *functions):
            if inner is not made:
                self._remade(inner)

    def _remade(self, obj: Any) -> None:
        """An old object that has become what a statement recreated: its present content is its initial content."""
        box = self._recorder.boxes.of(obj)
        if box is not None:
            self._boxes.is_made_again(box, self._before_settling(box))

    def _before_settling(self, box: Box) -> Any:
        number = identity(box.obj)
        if number in self._settling.merged:
            return class_state(self._settling.merged[number][1])
        if number in self._settling.adopted:
            return self._settling.adopted[number][2]
        return None

    def _made_alike(self, old: Any, new: Any) -> bool:
        kind = self._recorder.boxes.kind(new)
        box = self._recorder.boxes.of(old)
        if type(old) not in (dict, list, set) or kind is None:
            return True
        return box is not None and not box.log and same_state(box.base, read(new, kind))

    # -- before it runs

    def compare_classes(self, cursor: Cursor, step: Step, old: Trace | None, anew: bool) -> None:
        """Attributes of a class whose own words are the same keep their objects, and what the run did to those.

        ``anew``: functions that the class's body calls have changed, so that what it makes is new.
        """
        if old is None or old.statement.kind == LIGHT or step.old is None or cursor.record.unit is None:
            return
        if not cursor.unit.is_class(step.index) or not any(map(_has_more_than_methods, old.writes.values())):
            return
        now = cursor.unit.tree(step.index)
        former = now if step.how == SAME else cursor.record.unit.tree(step.old)
        if not isinstance(now, ast.ClassDef):
            return
        place = (cursor.record.name, now.name)
        reads = dict(zip(old.statement.loads, old.reads, strict=False))
        changed = {
            name
            for name, value in reads.items()
            if not same(value, cursor.value(name))
            or self._recorder.versions.get(identity(value), 0) > old.stamp
        }
        if step.how != SAME and not anew and not changed and differ_in_methods_only(former, now):
            self._settling.methods_only.add(place)
        attributes = unchanged_attributes(former, now)
        kept = set(attributes)
        for name, loads in attributes.items():
            for load in loads:
                if load not in attributes and (
                    load in changed or (load not in reads and cursor.value(load) is not MISSING)
                ):
                    kept.discard(name)
        if anew or step.how == SAME:  # it runs again because of what it reads: what it makes of that is new
            names = former_names(old, now.name)
            kept = {name for name in kept if type(names.get(name)) in PLAIN}
        self._settling.kept[place] = kept

    # -- after it has run

    def settle_names(
        self, cursor: Cursor, trace: Trace, *, old: Trace | None, pool: Pool, known: int
    ) -> None:
        """Definitions without decorators, and small values that are what they were. ``known``: boxes there were before."""
        record, namespace = cursor.record, cursor.record.module.__dict__
        made = (
            {identity(obj) for objects in trace.more.made.values() for obj in objects}
            if trace.more is not None
            else set()
        )
        before = old.writes if old is not None else self._names_before(cursor, trace)
        settled = self._settling.settled
        for name, value in list(trace.writes.items()):
            if identity(value) in made:
                continue
            if is_own_definition(record.name, name, value) and not is_decorated(trace, name):
                if identity(value) in settled:
                    continue
                key = f"{name}||{name in trace.statement.again}"
                successor = self._settle(cursor, pool, key, value)
            elif identity(value) not in settled and is_successor(before.get(name), value):
                counts = len(self._settling.merged), len(self._settling.adopted)
                successor = self._settling.settle_wrapper(before[name], value)
                self._remade_with(successor, *counts)
                if successor is not value:
                    self._remade(successor)
            elif (
                old is not None
                and name in old.writes
                and _as_good_as(old.writes[name], value, self._recorder, known)
            ):
                successor = old.writes[name]
            else:
                continue
            if successor is not value:
                trace.writes[name] = successor
                if namespace.get(name) is value:
                    namespace[name] = successor

    def _names_before(self, cursor: Cursor, trace: Trace) -> Mapping[str, Any]:
        """In a module that runs as a whole: what the names that a statement binds for good meant before."""
        if cursor.olds is not None or cursor.record.name not in self._saved.names:
            return {}
        names = self._saved.names[cursor.record.name][1]
        return {
            name: names[name] for name in trace.writes if name in names and name not in trace.statement.again
        }


PLAIN = frozenset([dict, list, set, *SPECIAL])


def _has_more_than_methods(value: Any) -> bool:
    """Whether a class has attributes whose identity counts, or a metaclass that looks at them."""
    if not is_class(value):
        return False
    if type(value) not in PLAIN_METACLASSES:
        return True
    return any(type(part) not in _METHODS and key[:2] != "__" for key, part in class_dict(value).items())


_METHODS = frozenset(
    [
        *ATOMIC,
        FunctionType,
        property,
        staticmethod,
        classmethod,
        MemberDescriptorType,
        GetSetDescriptorType,
        type,
    ]
)


def _as_good_as(old: Any, new: Any, recorder: Recorder, known: int) -> bool:
    """A plain container with the same plain content, made just now, which nothing else has changed: the old one lives on."""
    if type(old) is not type(new) or type(old) not in (list, dict, set):
        return False
    made = recorder.boxes.of(new)
    if made is not None and made.number <= known:
        return False
    box = recorder.boxes.of(old)
    if box is not None and box.log:
        return False
    base = box.base if box is not None else None
    kind = recorder.boxes.kind(new)
    if base is None or kind is None or len(new) > 1000:
        return False
    return same_state(base, read(new, kind))
