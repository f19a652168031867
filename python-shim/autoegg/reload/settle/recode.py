"""Live functions take the code of the new text, where only bodies (or lines) of functions have changed."""

from __future__ import annotations

import gc
import sys
import types
from collections.abc import Callable, Iterable, Mapping

from ..inspection import class_dict, functions_in, home, identity, is_class
from ..observe.trace import Record
from ..source.bytecode import cached, does_the_same, is_function_code, nested, pairs, shifted
from ..source.unit import Unit
from .functions import give_code

FEW = 200
"""Code objects that ``gc.get_referrers`` finds faster than a pass over all objects."""
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
        self._listed: dict[int, int] = {}
        """id of a code object at the first level of a statement -> how many references to it are known of."""
        self.left: list[types.FunctionType] = []
        """Live functions whose closure has changed, so that they keep the old code."""

    def note(
        self, olds: Iterable[types.CodeType], news: Iterable[types.CodeType], moved: bool, same: bool = False
    ) -> list[types.CodeType]:
        """Code objects at the first level of a statement, before and now. Returns those that are live from now on.

        ``moved``: ``move`` has made the old ones, so that no other code has them among its constants.
        ``same``: they do the same, whatever their bytecode.
        """
        by_name: dict[str, list[types.CodeType]] = {}
        for old in olds:
            by_name.setdefault(old.co_name, []).append(old)
            self._listed[identity(old)] = (
                1 if moved else 2
            )  # the trace's list, and the enclosing code's constants
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

    def move(self, olds: Iterable[types.CodeType], lines: int, moved: bool) -> list[types.CodeType]:
        """The same code so many lines further down."""
        olds = list(olds)
        return self.note(olds, [shifted(old, lines) for old in olds], moved)

    def _pair(self, old: types.CodeType, new: types.CodeType, same: bool) -> None:
        if old is new:
            return
        self.pairs[identity(old)] = (old, new)
        if not same and is_function_code(old) and not does_the_same(old, new):
            self.changed.append(old)

    def apply(self, records: Iterable[Record]) -> None:
        if not self.pairs:
            return
        patched: dict[int, int] = {}
        for function in _functions_of(records):
            pair = self.pairs.get(identity(function.__code__))
            if pair is not None and self._patch(function, pair):
                patched[identity(pair[0])] = patched.get(identity(pair[0]), 0) + 1
        hidden = self._held(patched)
        if not hidden:
            return
        objects = gc.get_referrers(*hidden) if len(hidden) <= FEW else gc.get_objects()
        for found in objects:
            if type(found) is types.FunctionType:
                pair = self.pairs.get(identity(found.__code__))
                if pair is not None:
                    self._patch(found, pair)

    def apply_by_name(self, texts: Mapping[str, tuple[Record, Unit]]) -> list[types.CodeType]:
        """For modules that run again as a whole: what their functions have made takes the code of that name in the new text.

        Their own functions are settled when their statements run. Returns code of functions that the new text has no more.
        """
        known = {
            identity(record.module.__dict__): (record.path, _by_qualname(unit))
            for record, unit in texts.values()
        }
        gone = []
        for function in gc.get_objects() if known else ():
            if type(function) is not types.FunctionType:
                continue
            path, codes = known.get(identity(function.__globals__), ("", {}))
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

    def _held(self, patched: dict[int, int]) -> list[types.CodeType]:
        """Code objects that an undiscovered function may still run: there are more references than known ones.

        ``patched``: identity(code) -> how many functions have let go of it. The journal holds it as often.
        """
        probe = _probe.__code__.replace()
        pairs: list[tuple[types.CodeType, types.CodeType | None]] = [*self.pairs.values(), (probe, None)]
        del probe
        counts = [(sys.getrefcount(old), old) for old, _ in pairs]
        idle, _ = counts.pop()  # what the pair and asking for it make
        changed = set(map(identity, self.changed))
        found = []
        for count, old in counts:
            if not is_function_code(old):
                continue
            known = (
                self._listed.get(identity(old), 1)
                + patched.get(identity(old), 0)
                + (identity(old) in changed)
                + cached(old)
            )
            ran = self._ran_by.get(identity(old))
            if ran is not None and ran[0] is old:
                known += 1 + len(ran[1])
            if count > idle + known:
                found.append(old)
        return found

    def _patch(self, function: types.FunctionType, pair: Pair) -> bool:
        old, new = pair
        if old.co_freevars != new.co_freevars:
            if "<locals>" in function.__qualname__ and not does_the_same(old, new):
                self.left.append(function)
            return False
        document = function.__doc__
        self._journal.append(lambda: _set(function, old, document))
        give_code(function, new)
        # Those that a statement makes get theirs when it runs, which a changed docstring makes it do; whoever copied it then notices.
        if "<locals>" in function.__qualname__ and document == _docstring(old):
            function.__doc__ = _docstring(new)
        return True


def _probe() -> None:
    """Its code is what no function runs that anybody has not found."""


def _set(function: types.FunctionType, code: types.CodeType, document: str | None) -> None:
    give_code(function, code)
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
                if home(value) == record.name and identity(value) not in seen:
                    seen.add(identity(value))
                    todo += class_dict(value).values()
                continue
            for _, function in functions_in(value):
                yield function
