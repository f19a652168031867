"""A point in PySpark where autoegg steps in: looked at before it is replaced, and put back at the end.

PySpark's private functions are touched only where they look as they are known to look.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, MutableSet
from contextlib import AbstractContextManager
from typing import Any, Protocol

from ..protocol import State

Undo = Callable[[], None]

STAMP = "_autoegg_state"
"""Attribute of what was replaced or pickled: the state that it was pickled under."""


class Hooks(Protocol):
    """What every point asks: ``hooks.Hooks``."""

    sessions: MutableSet[Any]
    active: dict[str, State]

    def state_for(self, context: Any) -> State | None: ...
    def active_for(self, context: Any) -> State | None: ...
    def token(self) -> str | None: ...
    def token_of(self, client: Any) -> str | None: ...
    def on_this_thread(self, context: Any, state: State) -> AbstractContextManager[None]: ...


class Unknown(Exception):
    """A private function of PySpark differs from the known ones; ``str()`` is the sentence for the user."""

    def __init__(self, what: str) -> None:
        import pyspark

        super().__init__(
            f"autoegg does not know PySpark {pyspark.__version__} ({what}), so it cannot keep the workers on the "
            "shipped code: use PySpark 3.5 or 4.x, or switch autoegg off with `%autoegg off`."
        )


def known(owner: Any, name: str, *parameters: str) -> Any:
    """The function of that name, which must take exactly these parameters.

    :raises Unknown: when it does not, or is not there.
    """
    function = getattr(owner, name, None)
    where = f"{getattr(owner, '__module__', '')}.{owner.__name__}.{name}".lstrip(".")
    if not callable(function):
        raise Unknown(f"{where} is missing")
    found = tuple(inspect.signature(function).parameters)
    if found != parameters:
        raise Unknown(f"{where} takes {', '.join(found)}")
    return function


def replace(owner: Any, name: str, new: Any) -> Undo:
    """Put ``new`` in place of the owner's own attribute; the returned function restores the old one, unless it was replaced meanwhile."""
    old = owner.__dict__[name]
    setattr(owner, name, new)

    def undo() -> None:
        if owner.__dict__.get(name) is new:
            setattr(owner, name, old)

    return undo


def before_reading(cls: Any, name: str, look: Callable[[Any], None]) -> Undo:
    """Call ``look`` with the object before its attribute ``name`` is read, from anywhere.

    The attribute is set by ``__init__``, or is a property of ``cls``.

    :raises Unknown: when it is neither.
    """
    own = cls.__dict__.get(name)
    where = f"{cls.__module__}.{cls.__qualname__}.{name}"
    made = getattr(cls.__init__, "__code__", None)
    if own is None and name not in getattr(made, "co_names", ()):
        raise Unknown(f"{where} is missing")
    if own is not None and not isinstance(own, property):
        raise Unknown(f"{where} is no property")

    def read(self: Any) -> Any:
        look(self)
        return self.__dict__[name] if own is None else own.__get__(self, cls)

    def write(self: Any, value: Any) -> None:
        self.__dict__[name] = value

    if own is not None:
        return replace(cls, name, property(read, own.fset, own.fdel, own.__doc__))
    setattr(cls, name, property(read, write))
    return lambda: delattr(cls, name)
