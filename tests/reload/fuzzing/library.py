"""A random library, and random edits of it: of definitions, of what modules hand on, and of files."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field

from .definitions import KINDS, SHARED, Definition, Known, Scope, draw, text_of

MODULES = 5
ACTIONS = [
    *["body"] * 5, *["shape"] * 2, *["add"] * 3, "remove", "reorder", "break", "file", "rename", "rename module", "move", "move on",
    "star", "public", "back",
]  # fmt: skip


@dataclass
class Module:
    stem: str
    definitions: list[Definition] = field(default_factory=list)
    absent: bool = False
    """It has no file at present; the others do not name it then."""
    stars: set[int] = field(default_factory=set)
    """Modules of which it imports everything."""
    public: int = 0
    """Draws what ``__all__`` names; 0: there is none."""


class Library:
    """Modules name only those before them, so there are no circles."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._count = 0
        self._earlier: list[list[Module]] = []
        self.modules = [Module(f"m{number}") for number in range(MODULES)]
        for number, module in enumerate(self.modules):
            module.stars = {other for other in range(number) if rng.random() < 0.15}
            module.public = rng.randrange(1, 10**6) if rng.random() < 0.4 else 0
            for _ in range(rng.randint(2, 5)):
                module.definitions.append(self._definition())

    @property
    def names(self) -> list[str]:
        return [f"lib.{module.stem}" for module in self.modules if not module.absent]

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _definition(self) -> Definition:
        kind, number = self._rng.choice(KINDS), self._number()
        return Definition(
            number, f"{kind}{number}", kind, self._rng.randrange(10**6), self._rng.randrange(10**6)
        )

    # -- edits

    def edit(self) -> list[str]:
        """One to three changes; what was done, in words."""
        self._earlier.append(copy.deepcopy(self.modules))
        return [self._change() for _ in range(self._rng.choice([1, 1, 1, 2, 3]))]

    def back_to_good(self, good: list[Module] | None) -> None:
        """After a few broken steps: what was last good; a new start if nothing was."""
        if good is None:
            for module in self.modules:
                module.definitions.clear()
        else:
            self.modules = copy.deepcopy(good)

    def _change(self) -> str:
        rng = self._rng
        number, action = rng.randrange(MODULES), rng.choice(ACTIONS)
        module = self.modules[number]
        if action == "back":  # as another branch that is checked out
            self.modules = copy.deepcopy(rng.choice(self._earlier[-8:]))
        elif action == "file":
            module.absent = not module.absent and number > 0
        elif action == "rename module" and number:  # m0 is named in functions
            module.stem = f"m{number}_{self._number()}"
        elif action == "star" and number:
            module.stars ^= {rng.randrange(number)}
        elif action == "public":
            module.public = rng.randrange(1, 10**6) if rng.random() < 0.7 else 0
        elif action == "add" or not module.definitions:
            module.definitions.insert(rng.randint(0, len(module.definitions)), self._definition())
        else:
            return f"{action} {self._change_one(action, number, rng.randrange(len(module.definitions)))}"
        return f"{action} m{number}"

    def _change_one(self, action: str, number: int, place: int) -> str:
        definitions = self.modules[number].definitions
        chosen, rng = definitions[place], self._rng
        before = chosen.name
        if action == "remove":
            definitions.pop(place)
        elif action == "reorder":
            definitions.append(definitions.pop(place))
        elif action == "break":
            chosen.broken = not chosen.broken  # and perhaps repaired later, by the same or by another body
        elif chosen.kind in ("alias", "reexport") or chosen.name in SHARED:
            return f"nothing of {before}"
        elif action == "rename":
            chosen.name = f"{chosen.kind}{self._number()}"
            if rng.random() < 0.5:  # the old name stays, as another one
                definitions.insert(place + 1, self._other_name(before, "alias", chosen))
        elif action in ("move", "move on") and number:
            target = self.modules[
                rng.randrange(number) if action == "move" else rng.randrange(MODULES)
            ].definitions
            definitions.pop(place)
            if action == "move":  # what moved is handed on from where it was
                definitions.insert(place, self._other_name(before, "reexport", chosen))
            target.insert(rng.randint(0, len(target)), chosen)
        elif action == "shape":
            chosen.shape = rng.randrange(10**6)
        else:
            chosen.body, chosen.broken = rng.randrange(10**6), False
        return before

    def _other_name(self, name: str, kind: str, of: Definition) -> Definition:
        return Definition(self._number(), name, kind, of.shape, of.body, of=of.number)

    # -- text

    def files(self) -> dict[str, str]:
        """Path -> text of all modules that have a file."""
        bound: list[dict[str, Definition]] = []
        """By module: name -> what it means there, its own and imported ones."""
        public: list[set[str]] = []
        found = {}
        for number, module in enumerate(self.modules):
            names: dict[str, Definition] = {}
            text = self._text(number, module, bound, public, names)
            bound.append({} if module.absent else names)
            exported = self._all(module, names)
            public.append(set(names) if exported is None else set(exported))
            if not module.absent:
                found[f"lib/{module.stem}.py"] = text
        return found

    @staticmethod
    def _all(module: Module, names: dict[str, Definition]) -> list[str] | None:
        if not module.public:
            return None
        return [name for name, of in names.items() if draw(module.public, of.number) % 4]

    def _text(
        self,
        number: int,
        module: Module,
        bound: list[dict[str, Definition]],
        public: list[set[str]],
        names: dict[str, Definition],
    ) -> str:
        scope, imports = Scope(), []
        for other, found in enumerate(bound):
            if self.modules[other].absent:
                continue
            stem = self.modules[other].stem
            imports.append(f"from . import {stem}" if module.public % 2 else f"import lib.{stem} as {stem}")
            if other in module.stars:
                imports.append(f"from .{stem} import *")
                names |= {name: of for name, of in found.items() if name in public[other]}
            for name, of in found.items():
                if name != of.name:
                    continue
                if all(bind in names for bind in of.binds):
                    scope.add(Known(of, ""), of.kind)
                elif draw(of.number, of.shape, number) % 3 == 0 and all(bind in found for bind in of.binds):
                    imports.append(f"from .{stem} import {', '.join(of.binds)}")
                    names |= dict.fromkeys(of.binds, of)
                    scope.add(Known(of, ""), of.kind)
                elif all(bind in found for bind in of.binds):
                    scope.add(Known(of, f"{stem}."), of.kind)
        lines = []
        for it in module.definitions:
            if it.kind == "alias":
                lines += self._alias(it, names)
            elif it.kind == "reexport":
                lines += self._reexport(it, bound, names)
            else:
                lines += text_of(it, scope)
                names |= dict.fromkeys(it.binds, it)
                scope.add(Known(it, ""), it.kind)
        exported = self._all(module, names)
        if exported is not None:
            half = len(exported) // 2 if module.public % 3 == 0 else len(exported)
            imports += [f"__all__ = {exported[:half]}"] + [f"__all__ += {exported[half:]}"] * (
                half < len(exported)
            )
        return "\n".join([*imports, *lines, ""])

    @staticmethod
    def _alias(it: Definition, names: dict[str, Definition]) -> list[str]:
        target = next((name for name, of in names.items() if of.number == it.of and name == of.name), None)
        if target is None or it.name in names:
            return []
        names[it.name] = it
        return [f"{it.name} = {target}"]

    def _reexport(
        self, it: Definition, bound: list[dict[str, Definition]], names: dict[str, Definition]
    ) -> list[str]:
        for other, found in enumerate(bound):
            for of in self.modules[other].definitions:
                if of.number == it.of and of.name in found:
                    new = "" if of.name == it.name else f" as {it.name}"
                    names[it.name] = of if not new else it
                    return [f"from .{self.modules[other].stem} import {of.name}{new}"]
        return []
