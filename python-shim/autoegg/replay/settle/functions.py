"""Functions keep their identity: the function object of before takes the code that is on disk now.

``from lib import f``, callbacks stored anywhere and pickles by reference then mean the new code without being found.
"""

from __future__ import annotations

import functools
import gc
import sys
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from ..inspection import cell_value, class_dict, functions_in, home, is_class, is_function

Path = tuple[str, ...]
CLASS_STEP = "#"
TARGET = "_autoegg_target"
FEW_CODES = 8
SIMPLE_PARTS = (
    "__code__", "__defaults__", "__kwdefaults__", "__doc__", "__annotations__", "__name__", "__qualname__", "__module__",
    "__type_params__",
)  # fmt: skip


def functions_of(
    module: str, namespace: Mapping[str, Any], class_namespace: Callable[[type], dict[str, Any]] = class_dict
) -> dict[Path, types.FunctionType]:
    """Every function that ``module`` defines, by the path on which it is found in ``namespace``."""
    found: dict[Path, types.FunctionType] = {}
    seen: set[int] = set()

    def walk(names: Mapping[str, Any], prefix: Path) -> None:
        own_name_first = sorted(
            names.items(), key=lambda item: not (is_function(item[1]) and item[1].__name__ == item[0])
        )
        for key, value in own_name_first:
            if is_class(value):
                if home(value) == module and id(value) not in seen:
                    seen.add(id(value))
                    walk(class_namespace(value), (*prefix, key, CLASS_STEP))
                continue
            for suffix, function in functions_in(value):
                if home(function) == module and id(function) not in seen:
                    seen.add(id(function))
                    found[(*prefix, key, suffix) if suffix else (*prefix, key)] = function

    walk(namespace, ())
    return found


def adopt(old: types.FunctionType, new: types.FunctionType) -> bool:
    """Let ``old`` be what ``new`` is; False if it cannot: other globals (generated code), or another number of cells."""
    old_cells, new_cells = old.__closure__ or (), new.__closure__ or ()
    if old.__globals__ is not new.__globals__ or len(old_cells) != len(new_cells):
        return False
    old.__code__ = new.__code__
    old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
    old.__doc__, old.__annotations__ = new.__doc__, new.__annotations__
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
    """What makes ``function`` again what it is now."""
    simple = {key: getattr(function, key) for key in SIMPLE_PARTS if hasattr(function, key)}
    own = dict(function.__dict__)
    cells = [(cell, *cell_value(cell)) for cell in function.__closure__ or ()]

    def restore() -> None:
        for key, value in simple.items():
            setattr(function, key, value)
        function.__dict__.clear()
        function.__dict__.update(own)
        for cell, filled, value in cells:
            if filled:
                cell.cell_contents = value

    return restore


def is_same_function(module: str, old: Any, new: Any) -> bool:
    """Were both made by the same place in the code, so that ``old`` may become what ``new`` is?

    A wrapper that a decorator of another module made counts, unless one of the two is something that that module has itself.
    """
    if type(old) is not types.FunctionType or type(new) is not types.FunctionType or old is new:
        return False
    if old.__qualname__ != new.__qualname__ or home(old) != home(new):
        return False
    if home(old) == module:
        return True
    elsewhere = sys.modules.get(home(old) or "")
    return elsewhere is None or not any(value is old or value is new for value in elsewhere.__dict__.values())


def forward(old: types.FunctionType, target: Any) -> None:
    """Let ``old`` call ``target``, whatever that is now: calls through references that nobody can find still work."""
    _become(old, target, "forward")


def bury(old: types.FunctionType, name: str) -> None:
    """Let ``old`` raise NameError: the library no longer has it."""
    _become(old, name, "gone")


def _become(old: types.FunctionType, target: Any, kind: str) -> None:
    old.__code__ = _stand_in(len(old.__closure__ or ()), kind).__code__
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


def code_pairs(old: types.CodeType, new: types.CodeType) -> Iterator[tuple[types.CodeType, types.CodeType]]:
    """Code objects nested at the same place in two versions of one code object, by name and order of appearance.

    Where one name stands for another number of functions than before (lambdas, mostly) nobody can tell which is which.
    """
    befores, afters = _by_name(old), _by_name(new)
    for name, codes in befores.items():
        successors = afters.get(name, [])
        if len(successors) == len(codes):
            for code, successor in zip(codes, successors, strict=True):
                yield code, successor
                yield from code_pairs(code, successor)


def _by_name(code: types.CodeType) -> dict[str, list[types.CodeType]]:
    found: dict[str, list[types.CodeType]] = {}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found.setdefault(constant.co_name, []).append(constant)
    return found


def holders_of(codes: Collection[types.CodeType]) -> list[types.FunctionType]:
    """Every live function that runs one of ``codes``."""
    wanted = {id(code) for code in codes}
    if not wanted:
        return []
    objects = gc.get_referrers(*codes) if len(wanted) <= FEW_CODES else gc.get_objects()
    return [obj for obj in objects if type(obj) is types.FunctionType and id(obj.__code__) in wanted]


def patch_closures(pairs: Iterable[tuple[types.CodeType, types.CodeType]]) -> None:
    """Give live functions that were made from the first code of a pair the second."""
    targets = {
        id(old): (old, new) for old, new in pairs if old is not new and old.co_freevars == new.co_freevars
    }
    for function in holders_of([old for old, _ in targets.values()]):
        function.__code__ = targets[id(function.__code__)][1]


def carry_dispatch(
    old: types.FunctionType, new: types.FunctionType, owned: Callable[[str | None], bool]
) -> None:
    """Implementations that the notebook registered with a singledispatch function are its state."""
    registry = old.__dict__.get("registry")
    register = new.__dict__.get("register")
    if registry is None or register is None:
        return
    for cls, implementation in registry.items():
        notebooks = home(implementation) == "__main__" and not owned(home(cls))
        if notebooks and new.__dict__["registry"].get(cls) is not implementation:
            register(cls, implementation)
