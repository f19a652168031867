"""What statements have registered with objects that are not the library's, or have set on them."""

from __future__ import annotations

import _abc
import abc
import ast
from collections.abc import Callable, Iterable
from typing import Any

from ..inspection import instance_dict, is_class, is_function, type_home
from ..observe.recorder import Recorder
from ..observe.trace import MISSING, Trace
from ..plan.makers import statements_that_bound
from ..plan.pairing import Step
from ..plan.traces import is_module
from .cursor import Cursor
from .schedule import Schedule


class Registrations:
    """Args: owned: whether a module of that name is one of the libraries'."""

    def __init__(
        self,
        *,
        recorder: Recorder,
        owned: Callable[[str | None], bool],
        schedule: Schedule,
        journal: list[Callable[[], None]],
    ) -> None:
        self._recorder = recorder
        self._owned = owned
        self._schedule = schedule
        self._journal = journal

    # -- what cannot be taken back

    def recreate(self, cursor: Cursor, index: int) -> None:
        """A definition that decorators registered with an object of another package (a command, a route, a receiver) is gone.

        What such an object keeps cannot be taken back, so the statement that created it runs again, and after it everything that
        registers with it.
        """
        assert cursor.olds is not None
        registries = self._registries(cursor, index)
        makers = statements_that_bound(registries, self._recorder.records.values())
        for maker in makers - {cursor.olds[index]}:
            self._schedule.force(maker, "what was registered with the object that it makes is gone")

    def are_made_otherwise(self, cursor: Cursor, step: Step) -> bool:
        """Whether a definition may be registered with such an object, and by other decorators than before."""
        return (
            step.old is not None
            and bool(self._registries(cursor, step.old))
            and _is_decorated_otherwise(cursor, step)
        )

    def _registries(self, cursor: Cursor, index: int) -> list[Any]:
        """Objects of other packages that decorated definitions of a statement may have been registered with."""
        assert cursor.olds is not None
        trace = cursor.olds[index]
        if trace.more is None or not trace.more.made:
            return []
        return [
            value
            for value in trace.reads
            if not (value is MISSING or is_module(value) or is_class(value) or is_function(value))
            and instance_dict(value) is not None
            and self._recorder.boxes.kind(value) is None
            and not self._owned(type_home(value))
        ]

    # -- what can

    def take_back(self, trace: Trace) -> None:
        """Attributes that a statement has set on such objects are as before, and what it has registered with abstract classes is gone."""
        assert trace.more is not None
        for obj, name, was, now in reversed(trace.more.outside):
            if vars(obj).get(name, MISSING) is now:
                self._set(obj, name, was, now)
        if trace.code is not None and "register" in trace.code.co_names:
            self._unregister(trace)

    def _set(self, obj: Any, name: str, was: Any, now: Any) -> None:
        try:
            delattr(obj, name) if was is MISSING else setattr(obj, name, was)
        except (AttributeError, TypeError):
            return
        self._journal.append(lambda: setattr(obj, name, now))

    def _unregister(self, trace: Trace) -> None:
        """Virtual subclasses that the statement has registered are unregistered (``_abc`` module, Modules/_abc.c)."""
        classes = [value for value in trace.reads if is_class(value)]
        for cls in classes:
            if not issubclass(type(cls), abc.ABCMeta):
                continue
            registered = [found for reference in _abc._get_dump(cls)[0] if (found := reference()) is not None]
            left = [one for one in registered if one not in classes]
            if len(left) < len(registered):
                _register_only(cls, left)
                self._journal.append(lambda cls=cls, all_=registered: _register_only(cls, all_))  # type: ignore[misc]


def _register_only(cls: Any, classes: Iterable[type]) -> None:
    _abc._reset_registry(cls)
    _abc._reset_caches(cls)
    for one in classes:
        cls.register(one)


def _is_decorated_otherwise(cursor: Cursor, step: Step) -> bool:
    assert cursor.record.unit is not None and step.old is not None
    old, new = (
        [ast.dump(decorator) for decorator in getattr(tree, "decorator_list", ())]
        for tree in (cursor.record.unit.tree(step.old), cursor.unit.tree(step.index))
    )
    return bool(old) and old != new
