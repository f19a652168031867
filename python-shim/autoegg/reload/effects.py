"""What evaluating a statement may change in place, itself or by what it calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from .changes import Ref
from .meaning import Meaning, Taint
from .statements import Names, Statement
from .texts import Texts

Effect = tuple[str, str, bool]
"""(module, name, only handed on to a call)"""


class Effects:
    def __init__(self, modules: Collection[str], texts: Texts, meaning: Meaning) -> None:
        self._modules = modules
        self._texts = texts
        self._meaning = meaning

    def of(self, module: str, statement: Statement) -> set[Effect]:
        names = self._texts.names(module)
        if names is None:
            return set()
        found = set(self._changed(module, names, statement.changes))
        done: Taint = set()
        found |= self._called(module, names, statement.bases, True, done)
        return found | self._called(module, names, statement.direct - statement.bases, False, done)

    def _changed(self, module: str, names: Names, refs: Iterable[Ref]) -> Iterator[Effect]:
        for ref in refs:
            target = self._meaning.target(module, names, tuple(step for step in ref if step))
            if target is not None:
                yield (*target, ref[-1] == "")

    def _called(
        self, module: str, names: Names, refs: Iterable[Ref], hooks_only: bool, done: Taint
    ) -> set[Effect]:
        """What calling ``refs`` may change; ``hooks_only``: deriving from them."""
        found: set[Effect] = set()
        for ref in refs:
            target = self._meaning.target(module, names, ref)
            if target is None or target in done or target[0] not in self._modules:
                continue
            done.add(target)
            where, name = target
            for text in self._texts.both(where):
                if hooks_only and name not in text.hooks:
                    continue
                inner = text.hooks[name] if hooks_only else text.inside.get(name, ())
                found |= set(self._changed(where, text, text.inside_changes.get(name, ())))
                found |= self._called(where, text, inner, False, done)
        return found
