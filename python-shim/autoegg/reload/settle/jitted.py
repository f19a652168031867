"""numba's compiled functions after a reload: they hold machine code of what their Python functions were.

A dispatcher takes its function's code, its globals and the functions that it calls into what it compiles, once per types of its
arguments. If any of that has changed, it must be compiled again; this happens with its next call. Nothing here imports numba.
"""

from __future__ import annotations

import gc
import inspect
import sys
import types
import weakref
from collections.abc import Collection, Iterator
from typing import Any

from .consequences import NUMBA, Consequences


def renew(search: Consequences, owned: Collection[str]) -> list[str]:
    """Makes dispatchers forget what they compiled from code that has changed, itself or through what it calls.

    Args:
        owned: the library's modules; what the notebook compiled itself counts too.

    Returns:
        Qualified names of the functions that will be compiled again.
    """
    base = getattr(sys.modules.get(NUMBA), "Dispatcher", None)
    if base is None:
        return []
    affected = [
        one
        for one in _instances(base)
        if (one.py_func.__module__ in owned or one.py_func.__module__ == "__main__")
        and search.leads_to_change(one.py_func)
    ]
    signed = [(one, list(one.overloads)) for one in affected if not one._can_compile]
    for one in affected:
        _forget(one)
    for (
        one,
        signatures,
    ) in signed:  # given with the decorator; after all others have forgotten what these may call
        one._can_compile = True
        for signature in signatures:
            one.compile(signature)
        one._can_compile = False
    return sorted(f"{one.py_func.__module__}.{one.py_func.__qualname__}" for one in affected)


def _instances(base: type) -> Iterator[Any]:
    kinds = [base]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        for holder in gc.get_referrers(kind):  # an instance refers to its class
            if type(holder) is kind and type(getattr(holder, "py_func", None)) is types.FunctionType:
                yield holder


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
