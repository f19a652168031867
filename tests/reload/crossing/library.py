"""A library that edits are tried on: a few modules of statements, each of which may name what stands above it."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator

from holdings import STATE

from .kinds import BASE, HEAD, IN_CLASS, MODULE
from .statements import Statement, parse, text_of

MODULES = ["base", "m1", "m2", "m3", "__init__"]
"""In the order in which they can name one another."""
PLACES = ["module", "package", "branch", "class"]

ALWAYS = {"value": ["DEFAULT"], "func": ["len"], "cls": ["Base"], "list": ["KEPT"], "deco": ["mark", "wrap", "keep"]}  # fmt: skip


class Library:
    def __init__(self, rng: random.Random, statements: int = 3) -> None:
        self._rng = rng
        self._count = 0
        self.modules: dict[str, list[Statement]] = {"base": parse(BASE)}
        for module in MODULES[1:]:
            siblings = "".join(f"from . import {name}\n" for name in self.above(module) if name != "base")
            self.modules[module] = parse(HEAD + siblings)
            for _ in range(statements):
                kind = rng.choice([*MODULE])
                self.modules[module] += self.make(kind, module, self.modules[module])

    @staticmethod
    def above(module: str) -> list[str]:
        return MODULES[: MODULES.index(module)]

    def files(self) -> dict[str, str]:
        return {f"lib/{name}.py": text_of(statements) + STATE for name, statements in self.modules.items()}

    def __deepcopy__(self, memo: dict[int, object]) -> Library:
        twin = object.__new__(Library)
        twin._rng, twin._count = self._rng, self._count
        twin.modules = copy.deepcopy(self.modules, memo)
        return twin

    # -- new statements

    def new_name(self) -> str:
        self._count += 1
        return f"n{self._count}"

    def make(self, kind: str, module: str, above: list[Statement], in_class: bool = False) -> list[Statement]:
        """Statements of a kind; ``above``: what stands above them in their block."""
        template, use = (IN_CLASS if in_class else MODULE)[kind]
        rng, name = self._rng, self.new_name()
        if kind in ("class", "derived", "decorated class", "exception"):
            name = name.upper()
        holes = {"n": name, "v": str(rng.randrange(2, 90))}
        mod = rng.choice([m for m in self.above(module) if not in_class] or ["base"])
        holes |= {"mod": mod, "thing": rng.choice(self._things(mod))}
        for hole in ("func", "cls", "list", "deco"):
            known = ALWAYS[hole] + [s.provides[hole] for s in above if hole in s.provides and not s.off] * 3
            holes[hole] = rng.choice(known)
        values = [s.provides["value"] for s in above if "value" in s.provides and not s.off] * 2
        values += ALWAYS["value"] + [str(rng.randrange(9))]
        if not in_class:
            values += [
                f"{m}.{s.provides['value']}"
                for m in self.above(module) if m != "base"
                for s in self.modules[m] if "value" in s.provides and not s.off
            ]  # fmt: skip
        while "{value}" in template:
            template = template.replace("{value}", rng.choice(values), 1)
        return parse(template.format(**holes), kind, {use: name} if use else {})

    def _things(self, module: str) -> list[str]:
        found = [name for s in self.modules[module] for name in s.provides.values() if not s.off]
        return found or ["DEFAULT"]

    # -- where statements stand

    def blocks(self, place: str) -> list[tuple[str, list[Statement]]]:
        """(module, block) of each block at such a place."""
        modules = ["__init__"] if place == "package" else MODULES[:-1]
        found = []
        for module in modules:
            if place in ("module", "package"):
                found.append((module, self.modules[module]))
            for statement in self.statements(module):
                if statement.suite is not None and not statement.off:
                    of_class = any(line.startswith("class ") for line in statement.lines)
                    if (place == "class") == of_class and place in ("class", "branch"):
                        found.append((module, statement.suite))
        return found

    def statements(self, module: str) -> Iterator[Statement]:
        for statement in self.modules[module]:
            yield from statement.walk()
