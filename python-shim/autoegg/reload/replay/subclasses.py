"""Classes that a fresh process would not have, or not yet, are no subclasses of their bases while statements ask for those."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping

from ..inspection import home, identity
from ..observe.recorder import Recorder
from ..observe.trace import Trace
from ..plan.definitions import classes_made_by
from ..plan.order import Position
from ..plan.pairing import Step
from ..plan.traces import materialise
from ..settle.settling import Detached
from ..source.bytecode import all_nested
from .cursor import Cursor
from .schedule import Schedule

Bases = list[tuple[type, tuple[type, ...]]]


class Subclasses:
    """Args: owned: whether a module of that name is one of the libraries'."""

    def __init__(
        self,
        *,
        recorder: Recorder,
        cursors: Mapping[str, Cursor],
        owned: Callable[[str | None], bool],
        schedule: Schedule,
    ) -> None:
        self._recorder = recorder
        self._cursors = cursors
        self._owned = owned
        self._schedule = schedule
        self._replaced: list[type] = []

    def is_replaced(self, cls: type) -> None:
        """A fresh process would not have it. Statements that do not ask still find it whole: live objects may use it."""
        self._replaced.append(cls)

    @staticmethod
    def _hide(classes: Iterable[type]) -> Bases:
        hidden = []
        for cls in classes:
            bases = cls.__bases__
            if bases != (Detached,):
                with contextlib.suppress(TypeError):  # another memory layout
                    cls.__bases__ = (Detached,)
                    hidden.append((cls, bases))
        return hidden

    def there_is_another(self) -> None:
        """There is a different class: statements that look at all subclasses are checked again."""
        self._schedule.look_again(self._recorder.observer.worldly)

    def arrange(self, cursor: Cursor, step: Step, old: Trace | None) -> Bases:
        """For a statement that asks for all subclasses: it gets those that a fresh process has at that point, in its order.

        Returns those that are to get their bases again when it has run: of replaced classes, and of those that come later.
        """
        code = cursor.unit.code(step.index)
        asks = any("__subclasses__" in part.co_names for part in (code, *all_nested(code)))
        if not asks and not (old is not None and old.more is not None and old.more.subclasses):
            others = self._recorder.observer.worldly
            may_ask = old is None and any(not trace.dead and trace.extra.subclasses for trace in others)
            return self._hide(self._replaced) if may_ask else []
        made: dict[int, tuple[Position, type]] = {}
        for trace in self._traces():
            place = self._schedule.place(trace)
            for value in classes_made_by(trace) if place is not None else ():
                made.setdefault(identity(value), (place, value))  # type: ignore[arg-type]
        hidden = self._hide(self._replaced)
        bases = {base for _, cls in made.values() for base in cls.__bases__ if self._owned(home(base))}
        for base in bases:
            subclass: type
            for subclass in type.__subclasses__(base):
                if identity(subclass) not in made and self._owned(home(subclass)):
                    hidden += self._hide([subclass])
        key = self._schedule.key(cursor.record, step.index)
        for place, cls in sorted(made.values(), key=lambda item: item[0]):
            former = cls.__bases__
            if bases.isdisjoint(former):
                continue
            with contextlib.suppress(TypeError):
                cls.__bases__ = (Detached,)
                if place < key:
                    cls.__bases__ = former
                else:
                    hidden.append((cls, former))
        return hidden

    def _traces(self) -> Iterator[Trace]:
        """Of all statements that have run, and stand or have yet to be looked at."""
        for record in list(self._recorder.records.values()):
            cursor = self._cursors.get(record.name)
            if cursor is not None:
                found: Iterable[Trace | None] = dict.fromkeys([*cursor.news, *(cursor.olds or ())])
            else:
                found = materialise(record) if record.traced and record.unit is not None else record.traces
            for trace in found:
                if trace is not None and not trace.dead:
                    yield trace
