"""What evaluating a statement may change in place, itself or by what it calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from .changes import Ref
from .closure import Closure
from .meaning import Meaning
from .statements import Names, Statement
from .texts import Texts

Effect = tuple[str, str, bool]
"""(module, name, only handed on to a call)"""

Target = tuple[str, str]


class Effects:
    def __init__(self, modules: Collection[str], texts: Texts, meaning: Meaning) -> None:
        self._modules = modules
        self._texts = texts
        self._meaning = meaning
        self._calls: Closure[Target, Effect] = Closure(self._own, self._called)

    def of(self, module: str, statement: Statement) -> set[Effect]:
        names = self._texts.names(module)
        if names is None:
            return set()
        found = set(self._changed(module, names, statement.changes))
        for target in self._targets(module, names, statement.bases):
            found |= self._of_deriving(target)
        for target in self._targets(module, names, statement.direct - statement.bases):
            found |= self._calls.of(target)
        return found

    def _of_deriving(self, target: Target) -> set[Effect]:
        """What making a class may change of which this is a base."""
        found: set[Effect] = set()
        module, name = target
        for text in self._texts.both(module):
            if name in text.hooks:
                found |= set(self._changed(module, text, text.inside_changes.get(name, ())))
                for called in self._targets(module, text, text.hooks[name]):
                    found |= self._calls.of(called)
        return found

    def _own(self, target: Target) -> set[Effect]:
        module, name = target
        return {
            effect
            for text in self._texts.both(module)
            for effect in self._changed(module, text, text.inside_changes.get(name, ()))
        }

    def _called(self, target: Target) -> set[Target]:
        module, name = target
        return {
            called
            for text in self._texts.both(module)
            for called in self._targets(module, text, text.inside.get(name, ()))
        }

    def _changed(self, module: str, names: Names, refs: Iterable[Ref]) -> Iterator[Effect]:
        for ref in refs:
            target = self._meaning.target(module, names, tuple(step for step in ref if step))
            if target is not None:
                yield (*target, ref[-1] == "")

    def _targets(self, module: str, names: Names, refs: Iterable[Ref]) -> set[Target]:
        found = {self._meaning.target(module, names, ref) for ref in refs}
        return {target for target in found if target is not None and target[0] in self._modules}
