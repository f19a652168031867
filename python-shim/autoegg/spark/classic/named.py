"""Functions of libraries that cloudpickle would copy, although a name leads to them: below ``@udf``, or ``f = lambda …``.

Pickled by that name they follow the code, as any other function of a module does. A copy goes along, for modules that no
worker can import. What the function takes from its module must be what importing the module makes of it: a model that was
loaded at run time exists nowhere but in the copy.
"""

from __future__ import annotations

import ast
import datetime
import decimal
import enum
import functools
import inspect
import logging
import pathlib
import re
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

from ..guard import found_there

_ATOMS = (str, bytes, int, float, complex, bool, type(None))
_FIXED = (
    *_ATOMS,
    re.Pattern,
    logging.Logger,
    enum.Enum,
    decimal.Decimal,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    datetime.tzinfo,
    pathlib.PurePath,
    types.BuiltinFunctionType,
)
_CODE = (types.ModuleType, types.FunctionType, type)


def reference(copy: tuple[Any, ...] | None, func: Any, versions: Mapping[str, str]) -> tuple[Any, ...] | None:
    """How ``func`` (a function or class) is pickled by name, as ``__reduce__`` says it; None if it must be a copy.

    :param copy: how it would be pickled as a copy, as ``__reduce__`` says it; None inside of that copy.
    :param versions: of the libraries that workers have.
    """
    module = getattr(func, "__module__", None) or ""
    version = next(
        (versions[name] for name in versions if module == name or module.startswith(name + ".")), None
    )
    path = None if version is None else place_of(func)
    if path is None or of_the_driver(func) is not None:
        return None
    return found_there, (module, path, version, None if copy is None else _Copy(copy))


class _Copy:
    def __init__(self, reduced: tuple[Any, ...]) -> None:
        self._reduced = reduced

    def __reduce__(self) -> tuple[Any, ...]:
        return self._reduced


def place_of(func: Any) -> str | None:
    """The path in its module that leads to ``func``, itself or below what ``@udf`` made of it; None if there is none."""
    outer, _, own = func.__qualname__.rpartition(".")
    container: Any = sys.modules.get(func.__module__)
    for part in outer.split(".") if outer else ():
        container = getattr(container, "__dict__", {}).get(part)
    names = getattr(container, "__dict__", {})
    for name in (own, *names):
        thing = names.get(name)
        if type(thing) in (staticmethod, classmethod):
            thing = getattr(thing, "__func__", None)
        if _same(thing, func) or _same(below(thing), func):
            return f"{outer}.{name}" if outer else name
    return None


def below(thing: Any) -> Any:
    """What a UDF runs; None for anything else."""
    try:
        own = object.__getattribute__(thing, "__dict__")  # a lazy object would wake if it were asked
    except AttributeError:
        return None
    if (
        callable(thing)
        and type(own) is dict
        and ("_unwrapped" in own or type(thing).__module__.startswith("pyspark."))
    ):
        return own.get("func")
    return None


def _same(thing: Any, func: Any) -> bool:
    if thing is func:
        return True
    # A notebook may hold the one from before a reload, which runs the same code.
    both = type(thing) is type(func) is types.FunctionType
    return both and thing.__code__ == func.__code__ and thing.__qualname__ == func.__qualname__


def of_the_driver(func: Any) -> str | None:
    """The first global that ``func`` uses and that another process may not have as it is here; None if there is none."""
    module = sys.modules[func.__module__]
    names = vars(module)
    literals, changing = _bound(_source(module))
    for name in sorted(_used(func)):
        if name in names and not issubclass(type(names[name]), _CODE):
            value = names[name]
            if name in literals:
                if type(value) is not type(literals[name]) or value != literals[name]:
                    return name
            elif name in changing or not _fixed(value):
                return name
    return None


def _fixed(value: Any) -> bool:
    if issubclass(type(value), (tuple, frozenset)):
        return all(map(_fixed, value))
    return (
        issubclass(type(value), _FIXED)
        or callable(value)
        or type(value).__module__.startswith("pyspark.sql.types")
    )


def _used(func: Any) -> Iterator[str]:
    parts = vars(func).values() if isinstance(func, type) else (func,)
    for part in parts:
        code = getattr(getattr(part, "__func__", part), "__code__", None)
        waiting = [code] if isinstance(code, types.CodeType) else []
        while waiting:
            code = waiting.pop()
            yield from code.co_names
            waiting += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]


def _source(module: Any) -> str:
    try:
        return inspect.getsource(module)
    except (OSError, TypeError):
        return ""


@functools.lru_cache(maxsize=64)
def _bound(source: str) -> tuple[dict[str, Any], set[str]]:
    """Names that the module binds to a literal, once; and those that its functions rebind."""
    literals: dict[str, Any] = {}
    changing: set[str] = set()
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            changing.update(node.names)
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    try:
                        literals[target.id] = ast.literal_eval(node.value)
                    except ValueError:
                        literals.pop(target.id, None)
    return literals, changing
