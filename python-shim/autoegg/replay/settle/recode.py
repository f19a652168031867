"""Live functions take the code of the new text, where only bodies (or lines) of functions have changed."""

from __future__ import annotations

import gc
import sys
import types
from collections.abc import Callable, Iterable, Mapping

from ..inspection import class_dict, functions_in, home, is_class
from ..observe.trace import Record
from ..source.bytecode import body, is_function_code, nested, pairs, shifted
from ..source.unit import Unit

FEW = 8
_KNOWN_REFERENCES = 3
"""To a code object that no function runs: the enclosing code's constants, the pair, getrefcount's argument."""

Pair = tuple[types.CodeType, types.CodeType]


class Recoding:
    """``changed``: old code objects whose functions do something else now."""

    def __init__(
        self,
        journal: list[Callable[[], None]],
        ran_by: dict[int, tuple[types.CodeType, list[object]]],
    ) -> None:
        self._journal = journal
        self._ran_by = ran_by
        self.pairs: dict[int, Pair] = {}
        self.changed: list[types.CodeType] = []
        self.left: list[types.FunctionType] = []
        """Live functions whose closure is another now, so that they keep the old code."""

    def note(
        self, olds: Iterable[types.CodeType], news: Iterable[types.CodeType], same: bool = False
    ) -> list[types.CodeType]:
        """Code objects at the first level of a statement, before and now. Returns those that are live from now on.

        ``same``: they do the same, whatever their bytecode.
        """
        by_name: dict[str, list[types.CodeType]] = {}
        for old in olds:
            by_name.setdefault(old.co_name, []).append(old)
        live = []
        for new in news:
            waiting = by_name.get(new.co_name)
            if waiting:
                for one, other in pairs(waiting.pop(0), new):
                    self._pair(one, other, same)
            live.append(new)
        for left in by_name.values():
            self.changed += [code for code in left if is_function_code(code)]
        return live

    def move(self, olds: Iterable[types.CodeType], lines: int) -> list[types.CodeType]:
        """The same code so many lines further down."""
        olds = list(olds)
        return self.note(olds, [shifted(old, lines) for old in olds])

    def _pair(self, old: types.CodeType, new: types.CodeType, same: bool) -> None:
        if old is new:
            return
        self.pairs[id(old)] = (old, new)
        if not same and is_function_code(old) and body(old) != body(new):
            self.changed.append(old)

    def apply(self, records: Iterable[Record]) -> None:
        if not self.pairs:
            return
        patched: dict[int, int] = {}
        for function in _functions_of(records):
            pair = self.pairs.get(id(function.__code__))
            if pair is not None and self._patch(function, pair):
                patched[id(pair[0])] = patched.get(id(pair[0]), 0) + 1
        hidden = [old for old, new in self.pairs.values() if self._is_held(old, patched.get(id(old), 0))]
        if not hidden:
            return
        objects = gc.get_referrers(*hidden) if len(hidden) <= FEW else gc.get_objects()
        for found in objects:
            if type(found) is types.FunctionType:
                pair = self.pairs.get(id(found.__code__))
                if pair is not None:
                    self._patch(found, pair)

    def apply_by_name(self, texts: Mapping[str, tuple[Record, Unit]]) -> list[types.CodeType]:
        """For modules that run again as a whole: what their functions have made takes the code of that name in the new text.

        Their own functions are settled when their statements run. Returns code of functions that the new text has no more.
        """
        known = {
            id(record.module.__dict__): (record.path, _by_qualname(unit)) for record, unit in texts.values()
        }
        gone = []
        for function in gc.get_objects() if known else ():
            if type(function) is not types.FunctionType:
                continue
            path, codes = known.get(id(function.__globals__), ("", {}))
            old = function.__code__
            if not path or old.co_filename != path:
                continue
            name = getattr(old, "co_qualname", function.__qualname__)  # from 3.11 on
            found = codes.get(name, [])
            if len(found) != 1 or found[0].co_name != old.co_name:
                gone.append(old)
                continue
            self._pair(old, found[0], same=False)
            if "<locals>" in name:
                self._patch(function, (old, found[0]))
        return gone

    def _is_held(self, code: types.CodeType, patched: int) -> bool:
        """Whether a function that nobody has found may still run it."""
        if not is_function_code(code):
            return False
        known = self._ran_by.get(id(code))
        traces = 1 + len(known[1]) if known is not None else 0
        return sys.getrefcount(code) > _KNOWN_REFERENCES + traces + patched

    def _patch(self, function: types.FunctionType, pair: Pair) -> bool:
        old, new = pair
        if old.co_freevars != new.co_freevars:
            if "<locals>" in function.__qualname__ and body(old) != body(new):
                self.left.append(function)
            return False
        document = function.__doc__
        self._journal.append(lambda: _set(function, old, document))
        function.__code__ = new
        if document == _docstring(old):
            function.__doc__ = _docstring(new)
        return True


def _set(function: types.FunctionType, code: types.CodeType, document: str | None) -> None:
    function.__code__ = code
    function.__doc__ = document


def _docstring(code: types.CodeType) -> str | None:
    if sys.version_info >= (3, 14) and not code.co_flags & 0x4000000:  # inspect.CO_HAS_DOCSTRING
        return None
    first = code.co_consts[0] if code.co_consts else None
    return first if type(first) is str else None


def _by_qualname(unit: Unit) -> dict[str, list[types.CodeType]]:
    """Every code object of the text that functions run, by its qualified name."""
    found: dict[str, list[types.CodeType]] = {}
    todo = [(unit.code(index), "") for index in range(len(unit.statements))]
    while todo:
        code, prefix = todo.pop()
        for inner in nested(code):
            name = prefix + inner.co_name
            if is_function_code(inner):
                found.setdefault(name, []).append(inner)
                name += ".<locals>"
            todo.append((inner, f"{name}."))
    return found


def _functions_of(records: Iterable[Record]) -> Iterable[types.FunctionType]:
    """Functions that the modules' names and classes lead to, and those that decorators were given."""
    for record in records:
        seen: set[int] = set()
        todo: list[object] = list(record.module.__dict__.values())
        todo += record.end.values()
        for trace in record.traces:
            if trace is not None and trace.more is not None:
                todo += [obj for made in trace.more.made.values() for obj in made]
        while todo:
            value = todo.pop()
            if is_class(value):
                if home(value) == record.name and id(value) not in seen:
                    seen.add(id(value))
                    todo += class_dict(value).values()
                continue
            for _, function in functions_in(value):
                yield function
