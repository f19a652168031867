"""Functions keep their identity: the existing function object takes the code that is on disk now.

``from lib import f``, callbacks stored anywhere and pickles by reference then mean the new code without being found.
"""

from __future__ import annotations

import functools
import inspect
import types
import warnings
from collections.abc import Callable
from typing import Any

from ..inspection import cell_value
from ..source.bytecode import shell

Path = tuple[str, ...]
CLASS_STEP = "#"
TARGET = "_autoegg_target"
_KINDS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_SIMPLE_PARTS = (
    "__code__", "__defaults__", "__kwdefaults__", "__doc__", "__name__", "__qualname__", "__module__",
    "__type_params__",
)  # fmt: skip


def annotations_part(function: types.FunctionType) -> str:
    """The attribute that says what a function's annotations are without evaluating any (PEP 649, from Python 3.14 on)."""
    return "__annotations__" if getattr(function, "__annotate__", None) is None else "__annotate__"


def annotations_of(function: types.FunctionType) -> Any:
    """What they are: values, or the code that gives them, as something that can be compared."""
    annotate = getattr(function, "__annotate__", None)
    return dict(function.__annotations__) if annotate is None else shell(annotate.__code__)


def give_code(function: types.FunctionType, code: types.CodeType) -> None:
    """``function`` runs ``code`` from its next call on.

    Python warns of other kinds of functions (3.13: a generator where a plain function was), since callers may have asked for
    the kind before. Here the file asks for that kind, and a warning that is configured as an error must not stop a reload half-way.
    """
    if (function.__code__.co_flags ^ code.co_flags) & _KINDS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            function.__code__ = code
    else:
        function.__code__ = code


def adopt(old: types.FunctionType, new: types.FunctionType) -> bool:
    """Make ``old`` equal to ``new``; False if that is impossible: other globals (generated code), or another number of cells."""
    old_cells, new_cells = old.__closure__ or (), new.__closure__ or ()
    if old.__globals__ is not new.__globals__ or len(old_cells) != len(new_cells):
        return False
    give_code(old, new.__code__)
    old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
    old.__doc__ = new.__doc__
    part = annotations_part(new)
    setattr(old, part, getattr(new, part))
    old.__name__, old.__qualname__, old.__module__ = new.__name__, new.__qualname__, new.__module__
    if hasattr(new, "__type_params__"):
        old.__type_params__ = new.__type_params__  # type: ignore[attr-defined]
    old.__dict__.clear()
    old.__dict__.update(new.__dict__)
    for old_cell, new_cell in zip(old_cells, new_cells, strict=True):
        filled, value = cell_value(new_cell)
        if filled:
            was_filled, former = cell_value(old_cell)
            if not was_filled or former is not value:
                old_cell.cell_contents = value
    return True


def snapshot(function: types.FunctionType) -> Callable[[], None]:
    """Returns a function that restores ``function`` to its present state."""
    parts = (*_SIMPLE_PARTS, annotations_part(function))
    simple = {key: getattr(function, key) for key in parts if hasattr(function, key)}
    own = dict(function.__dict__)
    cells = [(cell, *cell_value(cell)) for cell in function.__closure__ or ()]

    def restore() -> None:
        for key, value in simple.items():
            if key == "__code__":
                give_code(function, value)
            else:
                setattr(function, key, value)
        function.__dict__.clear()
        function.__dict__.update(own)
        for cell, filled, value in cells:
            if filled:
                cell.cell_contents = value

    return restore


def forward(old: types.FunctionType, target: Any) -> None:
    """Let ``old`` call ``target``, whatever that is now: calls through references that cannot be found still work."""
    _become(old, target, "forward")


def bury(old: types.FunctionType, name: str) -> None:
    """Let ``old`` raise NameError: the library no longer has it."""
    _become(old, name, "gone")


def _become(old: types.FunctionType, target: Any, kind: str) -> None:
    give_code(old, _stand_in(len(old.__closure__ or ()), kind).__code__)
    old.__defaults__ = None
    old.__kwdefaults__ = {TARGET: target}


@functools.lru_cache(None)
def _stand_in(cells: int, kind: str) -> types.FunctionType:
    """A function with so many free variables: ``__code__`` can only be replaced by code that closes over as many."""
    action = (
        f"return {TARGET}(*args, **kwargs)"
        if kind == "forward"
        else f"raise NameError(f'{{{TARGET}}} is no longer in the library on disk')"
    )
    names = [f"cell{index}" for index in range(cells)]
    closes_over = f"        if False: ({', '.join(names)},)\n" if names else ""
    text = (
        f"def make({', '.join(names)}):\n"
        f"    def stand_in(*args, {TARGET}=None, **kwargs):\n{closes_over}        {action}\n"
        f"    return stand_in\n"
    )
    namespace: dict[str, Any] = {}
    exec(compile(text, "<autoegg>", "exec"), namespace)
    made: types.FunctionType = namespace["make"](*names)
    return made
