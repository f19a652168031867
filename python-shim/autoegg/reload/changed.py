"""Which globals of the library are not what they were, and in what way."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .behaviour import Behaviour
from .edits import Edit
from .meaning import Taint
from .statements import Names


class Changed:
    """What edits say has changed; ``Uses`` adds what changes with it."""

    def __init__(self, edits: Mapping[str, Edit], resets: Taint) -> None:
        self.behaviour = Behaviour()
        self.values: Taint = set(resets)
        self.removed: Taint = set()
        self.added: Taint = set()
        self.hooks: Taint = set()
        """Classes and functions of which something that runs with an import does something else."""
        self.resets: Taint = set(resets)
        self._united: tuple[Taint, Taint] = (set(), set())
        self._united_at = -1
        for module, edit in edits.items():
            for name in edit.behaviour:
                if name.endswith(".hook"):
                    self.hooks.add((module, name.partition(".")[0]))
                else:
                    self.behaviour.note(module, name, edit.methods.get(name))
            self.values |= {(module, name) for name in edit.values}
            self.removed |= {(module, name) for name in edit.removed}
            self.added |= {(module, name) for name in edit.added}

    def every(self) -> Taint:
        return self._unions()[0]

    def strict(self) -> Taint:
        """Without what only does something else when it is called."""
        return self._unions()[1]

    def _unions(self) -> tuple[Taint, Taint]:
        """Made anew only when there is something new, as they are asked for again and again."""
        size = self.size()
        if size != self._united_at:
            strict = self.values | self.removed | self.hooks
            self._united, self._united_at = (self.behaviour.names | strict | self.added, strict), size
        return self._united

    def reset(self, module: str, name: str) -> None:
        """The object has to be made anew."""
        self.resets.add((module, name))
        self.values.add((module, name))

    def pass_on(self, module: str, names: Names) -> None:
        """What a module has imported changes with what it was imported from."""
        for local, origin in names.aliases.items():
            self.behaviour.pass_on((module, local), origin)
            for taint in (self.values, self.removed, self.hooks):
                if origin in taint:
                    taint.add((module, local))
            if origin in self.added and origin[0] in names.stars:
                self.added.add((module, local))

    def size(self) -> int:
        """Grows with each change that is noted."""
        taints: list[Collection[object]] = [self.values, self.removed, self.hooks, self.resets, self.added]
        return sum(map(len, taints)) + self.behaviour.size
