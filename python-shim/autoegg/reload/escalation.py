"""What to run besides, when a plan was not enough: objects that remember the first run, at the end whole modules."""

from __future__ import annotations

import os
import sys
import sysconfig
import types
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType

from .apply import RunAgain
from .changes import Ref
from .inspection import class_dict, home, instance_dict, is_a, is_atomic, is_class, is_function
from .meaning import Meaning
from .plan import Plan, Wanted
from .records import Record
from .statements import read_names
from .texts import Texts


class Escalation:
    """Adds to ``wanted`` until an attempt succeeds; the last step is what a fresh process would do: run everything."""

    def __init__(self, records: Mapping[str, Record], wanted: Wanted) -> None:
        self._records = records
        self._wanted = wanted
        self._everything = False

    def make_anew(self, again: RunAgain) -> None:
        """Some object has to be made anew, or its module."""
        if again.name is not None and (again.module, again.name) not in self._wanted.resets:
            self._wanted.resets.add((again.module, again.name))
        else:
            self._wanted.whole.add(again.module)

    def after(self, error: Exception, plan: Plan, required: Callable[[str], bool]) -> bool:
        """The library failed: whether there is more to try. A registry may have refused what it had heard before."""
        frames = list(self._frames(error.__traceback__))
        texts = Texts(self._records, plan.edits)
        meaning = Meaning(self._records, texts.names)
        suspects = {
            target
            for module, line, words in frames
            for target in self._mentioned(texts, meaning, module, line, words)
            if target not in self._wanted.resets and self._remembers(*target)
        }
        if suspects and not self._everything:
            self._wanted.resets |= suspects
            return True
        optional = {module for module, *_ in frames[:1] if not required(module)} - self._wanted.whole
        if optional:  # its importers can do without it: they have to find that out by themselves
            self._wanted.whole |= optional
            return True
        deeper = len(frames) > 1 or not frames or not self._is_innermost(error)
        if self._everything or not deeper or isinstance(error, (SyntaxError, ImportError, NameError)):
            return False
        self._everything = True
        self._wanted.whole |= self._around(
            {module for module, *_ in frames} | set(plan.edits) | set(plan.rerun)
        )
        return True

    def _frames(self, trace: TracebackType | None) -> Iterator[tuple[str, int | None, tuple[str, ...]]]:
        """(module, line of its top level or None, names that the code mentions) for each frame of the library."""
        modules = {record.path: name for name, record in self._records.items()}
        while trace is not None:
            code = trace.tb_frame.f_code
            module = modules.get(code.co_filename)
            if module is not None:
                top = code.co_name == "<module>"
                yield module, trace.tb_lineno if top else None, () if top else code.co_names
            trace = trace.tb_next

    def _is_innermost(self, error: Exception) -> bool:
        """Was it raised by a statement of the library itself?"""
        return _raiser(error) in {record.path for record in self._records.values()}

    def raised_by(self, error: Exception) -> str:
        """The package of others that raised; empty where it was the library or the standard library."""
        file = _raiser(error)
        standard = (sysconfig.get_path("stdlib") + os.sep, sysconfig.get_path("platstdlib") + os.sep)
        module = next((m for m in list(sys.modules.values()) if _file(m) == file), None) if file else None
        if module is None or self._is_innermost(error) or isinstance(error, ImportError):
            return ""
        inside = file.startswith(standard) and "site-packages" not in file
        return "" if inside else str(module.__dict__.get("__name__", "")).partition(".")[0]

    @staticmethod
    def _mentioned(
        texts: Texts, meaning: Meaning, module: str, line: int | None, words: tuple[str, ...]
    ) -> Iterator[tuple[str, str]]:
        names = texts.names(module)
        if names is None:
            return
        refs: set[Ref] = {(word,) for word in words}
        if line is not None:
            found = [statement for statement in names.statements if line in statement.lines]
            refs = {ref for statement in found for ref in statement.direct | statement.held | statement.bases}
        for ref in refs:
            target = meaning.target(module, names, ref)
            if target is not None:
                yield target

    def _remembers(self, module: str, name: str) -> bool:
        """Is it an object that may have been told of what runs again: a container, an instance, a class that has some?"""
        record = self._records.get(module)
        if record is None or record.source is None or name not in record.module.__dict__:
            return False
        if name not in read_names(record.source, record.package).binders:
            return False
        value = record.module.__dict__[name]
        if is_class(value):
            return any(
                not key.startswith("__") and _holds_state(part)
                for cls in value.__mro__
                if home(cls) == module
                for key, part in class_dict(cls).items()
            )
        return _holds_state(value)

    def _around(self, modules: set[str]) -> set[str]:
        """The modules, everything that they import, and everything that imports one of them."""
        found = {module for module in modules if module in self._records}
        while True:
            more = {
                name
                for module in found
                for name in self._records[module].imports(True)
                if name in self._records
            }
            more |= {name for name, record in self._records.items() if not found.isdisjoint(record.imports())}
            if more <= found:
                return found
            found |= more


def _raiser(error: Exception) -> str:
    """The file of the innermost frame."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename if trace is not None else ""


def _file(module: object) -> str | None:
    namespace = instance_dict(module) or {}
    return namespace.get("__file__")


def _holds_state(value: object) -> bool:
    if (
        is_atomic(value)
        or is_function(value)
        or is_class(value)
        or is_a(value, (types.ModuleType, staticmethod, classmethod, property))
    ):
        return False
    return type(value) not in (tuple, frozenset)
