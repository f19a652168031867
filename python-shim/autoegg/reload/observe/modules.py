"""Library modules tell what is asked of them, while library code is being imported and only then."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from ..inspection import identity
from .calls import Ran
from .trace import MISSING, SYSTEM_NAMES, Trace

_plain_get = ModuleType.__getattribute__


class Watch:
    """The recorder whose statement is running, and its thread. One per process, as modules are shared by all of it."""

    def __init__(self) -> None:
        self.trace: Trace | None = None
        self.calls: Ran | None = None
        self.handed_out: Callable[[type], None] | None = None
        """Called with each class that is read from a module."""
        self.thread = 0
        self.observed: set[tuple[int, str]] = set()
        """(id of the module, attribute) that the statement has read."""
        self.changed: dict[tuple[str, str], tuple[Any, Any]] = {}


watch = Watch()


class ObservedModule(ModuleType):
    def __init_subclass__(cls, **keywords: Any) -> None:
        """A library derives from its module's class while it is imported (urllib3): then it means a plain module's."""
        super().__init_subclass__(**keywords)
        cls.__bases__ = tuple(ModuleType if base is ObservedModule else base for base in cls.__bases__)

    def __getattribute__(self, name: str) -> Any:
        if watch.trace is not None and threading.get_ident() == watch.thread:
            watch.observed.add((identity(self), name))
            value = _plain_get(self, name)
            if watch.handed_out is not None and issubclass(type(value), type):
                watch.handed_out(value)
            return value
        return _plain_get(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _note_change(self, name, value)
        ModuleType.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        _note_change(self, name, MISSING)
        ModuleType.__delattr__(self, name)


def _note_change(module: ModuleType, name: str, value: Any) -> None:
    trace = watch.trace
    if trace is None or name in SYSTEM_NAMES or threading.get_ident() != watch.thread:
        return
    namespace = _plain_get(module, "__dict__")
    own = namespace.get("__name__")
    if (
        module is trace.record.module
        or type(own) is not str
        or value is sys.modules.get(f"{own}.{name}", MISSING)
    ):
        return  # a submodule is attached to its package by the import system
    before = watch.changed.get((own, name), (namespace.get(name, MISSING),))[0]
    watch.changed[own, name] = (before, value)


def observe(modules: Iterable[ModuleType]) -> None:
    for module in modules:
        if type(module) is ModuleType:
            module.__class__ = ObservedModule


def give_class(module: ModuleType, cls: type = ObservedModule) -> None:
    """``cls``: the one that a statement of the module has given it."""
    if type(module) is not cls:
        object.__setattr__(module, "__class__", cls)


def leave(modules: Iterable[ModuleType]) -> None:
    """A module that has set its own ``__class__`` keeps it."""
    for module in modules:
        if type(module) is ObservedModule:
            module.__class__ = ModuleType  # type: ignore[assignment]
