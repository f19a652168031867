"""numba's compiled functions after a reload: they hold machine code of what their Python functions were.

A dispatcher takes its function's code, its globals and the functions that it calls into what it compiles, once per types of its
arguments. Whatever of that has changed, it must compile anew; it does so with its next call. Nothing here imports numba.
"""

from __future__ import annotations

import gc
import inspect
import sys
import types
import weakref
from collections.abc import Collection, Iterator
from typing import Any

from ..inspection import cell_value

NUMBA = "numba.core.dispatcher"

Names = Collection[tuple[str, str]]
"""(module, global)"""


def renew(changed: Names, executed: Collection[str], owned: Collection[str]) -> list[str]:
    """Makes dispatchers forget what they compiled from code that has changed, itself or through what it calls.

    Args:
        changed: what computes something else now.
        executed: modules that ran again as a whole.
        owned: the library's modules; what the notebook compiled itself counts too.

    Returns:
        Qualified names of the functions that will be compiled anew.
    """
    base = getattr(sys.modules.get(NUMBA), "Dispatcher", None)
    if base is None or not (changed or executed):
        return []
    ours = [one for one in _instances(base) if one.py_func.__module__ in owned or _is_notebooks(one)]
    affected: dict[int, Any] = {}
    todo = list(ours)
    while todo:
        found = [
            one
            for one in todo
            if _is_changed(one, changed, executed) or _reads(one.py_func, affected, changed, executed)
        ]
        if not found:
            break
        affected.update((id(one), one) for one in found)
        todo = [one for one in todo if id(one) not in affected]
    signed = [(one, list(one.overloads)) for one in affected.values() if not one._can_compile]
    for one in affected.values():
        _forget(one)
    for (
        one,
        signatures,
    ) in signed:  # given with the decorator; after all others have forgotten what these may call
        one._can_compile = True
        for signature in signatures:
            one.compile(signature)
        one._can_compile = False
    return sorted(f"{one.py_func.__module__}.{one.py_func.__qualname__}" for one in affected.values())


def _instances(base: type) -> Iterator[Any]:
    kinds = [base]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        for holder in gc.get_referrers(kind):  # an instance refers to its class
            if type(holder) is kind and type(getattr(holder, "py_func", None)) is types.FunctionType:
                yield holder


def _is_notebooks(dispatcher: Any) -> bool:
    return dispatcher.py_func.__module__ == "__main__"


def _is_changed(dispatcher: Any, changed: Names, executed: Collection[str]) -> bool:
    function = dispatcher.py_func
    top = function.__qualname__.partition(".")[0]
    return function.__module__ in executed or (function.__module__, top) in changed


def _reads(
    function: types.FunctionType, affected: dict[int, Any], changed: Names, executed: Collection[str]
) -> bool:
    """Whether the function's code looks up anything that has changed: a global, a variable that it closes over, a module's attribute."""
    namespace = function.__globals__
    names = {name for code in _codes(function.__code__) for name in code.co_names}
    if any((namespace.get("__name__", ""), name) in changed for name in names):
        return True
    values = [namespace[name] for name in names if name in namespace]
    values += [value for filled, value in map(cell_value, function.__closure__ or ()) if filled]
    for value in values:
        if type(value) is types.ModuleType:
            module = value.__name__
            if module in executed or any((module, name) in changed for name in names):
                return True
            inner = [value.__dict__.get(name) for name in names]
        else:
            inner = [value]
        for item in inner:
            if id(item) in affected:
                return True
            if type(item) is types.FunctionType and (
                item.__module__ in executed or (item.__module__, item.__qualname__) in changed
            ):
                return True
    return False


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _forget(dispatcher: Any) -> None:
    dispatcher._make_finalizer()()
    dispatcher._reset_overloads()
    if inspect.signature(dispatcher.py_func) != dispatcher._compiler.pysig:
        _initialise(dispatcher)
    # What it calls may have changed in another file, which numba's own cache does not look at.
    dispatcher._cache.flush()


def _initialise(dispatcher: Any) -> None:
    """The number of arguments and their defaults lie in the part that is written in C, which only ``__init__`` sets."""
    cached = type(dispatcher._cache).__name__ != "NullCache"
    dispatcher.typingctx._globals.pop(weakref.ref(dispatcher), None)
    type(dispatcher).__init__(
        dispatcher,
        dispatcher.py_func,
        locals=dispatcher.locals,
        targetoptions=dispatcher.targetoptions,
        pipeline_class=dispatcher._compiler.pipeline_class,
    )
    if cached:
        dispatcher.enable_caching()
