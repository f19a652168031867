"""Mentions of something that has changed which nothing follows from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .behaviour import run_by_making
from .changed import Changed
from .changes import Ref
from .inspection import home, is_class
from .meaning import Meaning
from .records import Record
from .statements import Names, Statement
from .texts import Texts


class Harmless:
    def __init__(
        self, records: Mapping[str, Record], texts: Texts, meaning: Meaning, changed: Changed
    ) -> None:
        self._records = records
        self._texts = texts
        self._meaning = meaning
        self._changed = changed

    def mentions(self, module: str, names: Names, statement: Statement) -> set[Ref]:
        """What the statement only hands on, or makes an instance of without running what has changed in it."""
        return self._only_handed_on(names, statement) | self._only_makes(module, names, statement)

    def _only_handed_on(self, names: Names, statement: Statement) -> set[Ref]:
        """Arguments of a call of another package's function whose result nobody uses: callbacks that are registered."""
        if not statement.handed or statement.callee is None:
            return set()
        origin, name = names.aliases.get(statement.callee[0], ("", ""))
        foreign = origin and origin not in self._records and f"{origin}.{name}" not in self._records
        return statement.handed if foreign else set()

    def _only_makes(self, module: str, names: Names, statement: Statement) -> set[Ref]:
        """The classes that it makes instances of, of which nothing has changed that making one runs."""
        return {ref for ref in statement.makes if self._is_made_as_before(module, names, ref)}

    def _is_made_as_before(self, module: str, names: Names, ref: Ref) -> bool:
        target = self._meaning.target(module, names, ref)
        classes = self._library_classes(target) if target is not None else []
        behaviour = self._changed.behaviour
        if not any(cls in behaviour.methods for cls in classes):
            return False
        if any(cls in self._changed.strict() | self._changed.added | behaviour.full for cls in classes):
            return False
        changed: set[str] = set()
        methods: dict[str, set[Ref]] = {}
        for cls in classes:
            changed |= behaviour.methods.get(cls, set())
            for text in self._texts.both(cls[0]):
                if cls[1] not in text.methods:
                    return False
                for method, refs in text.methods[cls[1]].items():
                    methods.setdefault(method, set()).update(refs)
        return not changed & run_by_making(methods)

    def _library_classes(self, target: tuple[str, str]) -> list[tuple[str, str]]:
        """The class and those of its bases that are the library's, as (module, name); none where one has no such name."""
        record = self._records.get(target[0])
        cls: Any = record.module.__dict__.get(target[1]) if record is not None else None
        if not is_class(cls):
            return []
        bases = [
            (str(home(base)), base.__qualname__) for base in cls.__mro__[1:] if home(base) in self._records
        ]
        return [target, *bases]
