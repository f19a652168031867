"""What a statement reads that its text does not name: by functions that it runs, and of modules."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from types import CodeType, ModuleType
from typing import Any

from ..inspection import identity
from ..source.bytecode import BY_TEXT, global_names, is_function_code, runs_with, stores_globals
from .calls import Ran
from .modules import watch
from .trace import MISSING, SYSTEM_NAMES, Record, Trace

REBINDS = BY_TEXT | {"setattr", "delattr", "__dict__", "modules", "import_module", "__import__", "reload"}
"""A statement that names one of these may bind names that appear in no statement."""


class Reads:
    """Args: by_path, by_module: the loaded modules by their files, and by the ``id`` of the module object."""

    def __init__(self, by_path: Mapping[str, list[Record]], by_module: Mapping[int, Record]) -> None:
        self._by_path = by_path
        self._by_module = by_module
        self.ran_by: dict[int, tuple[CodeType, list[Trace]]] = {}
        """id of a function's code -> the statements that ran it."""

    def of_functions(
        self, trace: Trace, before: dict[str, Any], calls: Ran | None, code: CodeType
    ) -> tuple[list[CodeType], bool, set[str]]:
        """Which library functions ran, and what they read; and whether names may have been bound that appear in no statement."""
        record = trace.record
        words: set[str] = set()
        for own in runs_with(code):
            words.update(own.co_names)
        rebinds = not REBINDS.isdisjoint(words)
        if not BY_TEXT.isdisjoint(trace.statement.loads):
            trace.extra.whole[record.name] = {
                name: value for name, value in before.items() if name not in SYSTEM_NAMES
            }
        if calls is None:
            trace.extra.unknown = True
            return [], True, words
        ran = [
            ran_code
            for ran_code in calls.codes()
            if type(ran_code) is CodeType
            and ran_code.co_filename in self._by_path
            and is_function_code(ran_code)
        ]
        if not ran:
            return ran, rebinds, words
        more = trace.extra
        more.ran = tuple(ran)
        for function in ran:
            known = self.ran_by.get(identity(function))
            if known is None or known[0] is not function:
                known = self.ran_by[identity(function)] = (function, [])
            known[1].append(trace)
            words.update(function.co_names)
            names = global_names(function)
            for other in self._by_path[function.co_filename]:
                source = before if other is record else other.module.__dict__
                chosen = tuple(name for name in names if name in source or name not in builtins.__dict__)
                if chosen:
                    more.function_reads.append(
                        (other.name, chosen, [source.get(name, MISSING) for name in chosen])
                    )
                if not BY_TEXT.isdisjoint(names):
                    more.whole[other.name] = {
                        name: value for name, value in source.items() if name not in SYSTEM_NAMES
                    }
                if other is record and (
                    stores_globals(function) or not REBINDS.isdisjoint(function.co_names)
                ):
                    rebinds = True
        return ran, rebinds or not REBINDS.isdisjoint(words), words

    def run_on(self, old: CodeType, new: CodeType) -> None:
        """Functions that had one code have the other now. Statements of the same replay may have run that already."""
        known = self.ran_by.pop(identity(old), None)
        if known is None or known[0] is not old:
            return
        alive = [trace for trace in known[1] if not trace.dead]
        present = self.ran_by.get(identity(new))
        if present is not None and present[0] is new:
            alive = list(dict.fromkeys([*alive, *present[1]]))
        if alive:
            self.ran_by[identity(new)] = (new, alive)

    def of_modules(self, trace: Trace, before: dict[str, Any]) -> None:
        """Attributes of modules that were read while it ran."""
        observed, watch.observed = watch.observed, set()
        for number, name in observed:
            other = self._by_module.get(number)
            if other is None:
                continue
            namespace = other.module.__dict__
            if other is not trace.record:
                trace.extra.needs.add(other.name)
            if name == "__dict__":
                source = before if other is trace.record else namespace
                trace.extra.whole[other.name] = {
                    key: value for key, value in source.items() if key not in SYSTEM_NAMES
                }
            elif name not in SYSTEM_NAMES and not (other is trace.record and name in trace.statement.loads):
                changed = watch.changed.get((other.name, name))
                value = changed[0] if changed is not None else namespace.get(name, MISSING)
                if value is MISSING and "__getattr__" in namespace:
                    value = _ask(other.module, name)
                trace.extra.attributes[other.name, name] = value

    @staticmethod
    def of_names_left_alone(trace: Trace, before: dict[str, Any]) -> None:
        """Names that it may have bound and whose value is unchanged: whether it did is unknown, so it depends on their value."""
        writes, loads = trace.writes, trace.statement.loads
        found = tuple(
            name
            for name in trace.statement.binds
            if name in before and before[name] is writes.get(name, MISSING) and name not in loads
        )
        if found:
            values = [before[name] for name in found]
            trace.extra.function_reads.append((trace.record.name, found, values))


def _ask(module: ModuleType, name: str) -> Any:
    try:
        return getattr(module, name)
    except Exception:
        return MISSING
