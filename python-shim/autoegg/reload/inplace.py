"""What a statement that runs again had changed in place, or must find as it was: that is made anew before."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .changed import Changed
from .effects import Effects
from .filled import was_filled
from .records import Record
from .statements import Names, Statement
from .texts import Texts


class InPlace:
    """Adds to ``changed.resets``."""

    def __init__(
        self,
        records: Mapping[str, Record],
        texts: Texts,
        effects: Effects,
        changed: Changed,
        marks: Callable[[str], Mapping[str, object]],
    ) -> None:
        self._records = records
        self._texts = texts
        self._effects = effects
        self._changed = changed
        self._marks = marks
        self._filled: dict[tuple[str, str, bool, int], bool] = {}

    def undo(self, module: str, statement: Statement) -> None:
        """What this statement may have changed when it last ran has to be made anew before it runs again, or is gone."""
        for target_module, name, handed_on in self._effects.of(module, statement):
            if (target_module, name) in self._changed.resets or target_module not in self._records:
                continue
            texts = self._texts.both(target_module)
            if any(name in text.binders for text in texts) and self._was_filled(
                target_module, name, texts, handed_on, gone=module == target_module
            ):
                self._changed.reset(target_module, name)

    @staticmethod
    def seen(names: Names, statement: Statement) -> set[str]:
        """Names of its module that the statement may look at, itself or through what it calls."""
        found: set[str] = set()
        todo = [ref[0] for ref in statement.direct | statement.held]
        while todo:
            name = todo.pop()
            if name not in found and name in names.binders:
                found.add(name)
                todo += [ref[0] for ref in names.inside.get(name, ())]
        return found

    def empty(self, module: str, names: Names, seen: set[str], position: int) -> None:
        """Of the names ``seen`` those that statements further down have filled are made anew, as they were at this place."""
        for later in names.statements[position + 1 :]:
            for ref in later.changes:
                if (
                    ref[0] in seen
                    and ref[0] not in names.aliases
                    and (module, ref[0]) not in self._changed.resets
                    and self._was_filled(module, ref[0], [names], ref[-1] == "", gone=True)
                ):
                    self._changed.reset(module, ref[0])

    def _was_filled(self, module: str, name: str, texts: list[Names], handed_on: bool, gone: bool) -> bool:
        """``gone``: whether a name counts that its module had only for a while; others could not have used it."""
        record = self._records[module]
        if name not in record.module.__dict__:
            return gone
        key = (module, name, handed_on, len(texts))
        if key not in self._filled:  # nothing runs while a plan is made
            self._filled[key] = was_filled(record, name, texts, handed_on, self._marks(module))
        return self._filled[key]
