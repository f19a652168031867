"""Library code that pickles hold as a copy: functions inside functions have no name that a worker could look up, and some
others cannot be pickled by theirs (``named``).

cloudpickle writes such a function with its code and the constants that it uses. What was pickled with it, an RDD's or a
DataFrame's plan, keeps that copy whatever state its jobs are on; only recreating it uses the new code. So it is reported.
"""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType
from typing import Any

from ..telling import tell
from . import named

_MOST = 1024
_SIMPLE = (str, bytes, int, float, bool, type(None))

Digest = tuple[Any, ...]


class Copies:
    """Which functions were copied into pickles, as they were then."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], set[Digest]] = {}
        self._lock = threading.Lock()

    def note(self, function: FunctionType) -> None:
        """``function`` is being pickled by value."""
        module = function.__module__
        if not module or module == "__main__" or module.startswith("pyspark.") or len(self._made) >= _MOST:
            return
        digest = _digest(function.__code__, function.__globals__)
        made = self._made.get((module, function.__qualname__))
        if made is not None and digest in made:
            return
        # One that cannot be found from its module's names cannot be compared later.
        if digest in _present(module, function.__qualname__):
            with self._lock:
                self._made.setdefault((module, function.__qualname__), set()).add(digest)

    def moved(self, libraries: Iterable[str]) -> None:
        """The state moved: tell which functions of these libraries are no longer as they were copied. Once each."""
        names = tuple(libraries)
        below = tuple(name + "." for name in names)
        with self._lock:
            for (module, name), made in self._made.items():
                if module in names or module.startswith(below):
                    old = made - _present(module, name)
                    if old:
                        made -= old
                        tell(
                            f"{module}.{name} has changed, and {_why(module, name)}: RDDs, DataFrames and columns created "
                            "with it earlier run the old copy until they are recreated"
                        )


def _why(module: str, name: str) -> str:
    """Why Spark was given a copy."""
    if "<locals>" in name:
        return "Spark has a copy of it, because a function inside a function has no name by which a worker could look it up"
    thing: Any = sys.modules.get(module)
    for part in name.split("."):
        thing = inspect.getattr_static(thing, part, None)
    function = getattr(named.below(thing), "__code__", None) and named.below(thing)
    changing = named.of_the_driver(function) if function is not None else None
    if changing is not None:
        return f"Spark has a copy of it, because it uses {module}.{changing}, which may have been set at run time"
    kind = type(thing)
    where = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"Spark has a copy of it, because its decorator replaced it with an instance of {where}{kind.__qualname__}"


def _digest(code: CodeType, names: dict[str, Any]) -> Digest:
    """What a copy holds: code without line numbers, and the values of simple globals."""
    constants = tuple(
        _digest(constant, names) if isinstance(constant, CodeType) else (type(constant), repr(constant))
        for constant in code.co_consts
    )
    values = tuple(
        (name, repr(names[name]))
        for name in code.co_names
        if name in names and isinstance(names[name], _SIMPLE) and not name.startswith("__")
    )
    return (code.co_code, code.co_names, code.co_varnames, code.co_freevars, constants, values)


def _present(module: str, qualname: str) -> set[Digest]:
    """The digests of the functions that have this name in the module as it is now; lambdas may share one."""
    try:
        return set(_found(module, qualname))
    except Exception:  # a module may hold anything under a name
        return set()


def _found(module: str, qualname: str) -> Iterator[Digest]:
    names = getattr(sys.modules.get(module), "__dict__", {})
    outer, *inner = qualname.split(".<locals>.")
    found: list[CodeType] = []
    if outer == "<lambda>":
        found = [value.__code__ for value in list(names.values()) if isinstance(value, FunctionType)]
    else:
        first, *rest = outer.split(".")
        thing = names.get(first)
        for part in rest:
            thing = inspect.getattr_static(thing, part, None)
        thing = getattr(thing, "__func__", thing)  # a static or class method
        code = getattr(inspect.unwrap(thing), "__code__", None) if callable(thing) else None
        if isinstance(code, CodeType):
            found = [code]
        else:  # what a decorator made of it
            parts = list(getattr(thing, "__dict__", {}).values())
            found = [
                part.__code__
                for part in parts
                if isinstance(part, FunctionType) and part.__qualname__ == outer
            ]
    for name in inner:
        found = [
            constant
            for code in found
            for constant in code.co_consts
            if isinstance(constant, CodeType) and constant.co_name == name
        ]
    for code in found:
        yield _digest(code, names)
