"""The kinds of edits: each changes one statement in its block, or gives None where it cannot be made."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable

from .library import MODULES, Library
from .statements import Statement, parse

Block = list[Statement]


class Place:
    """A statement of ``module`` at ``index`` of ``block``, and what an edit needs besides."""

    def __init__(self, library: Library, rng: random.Random, module: str, block: Block, index: int) -> None:
        self.library, self.rng, self.module = library, rng, module
        self.block, self.index = block, index
        self.statement = block[index]
        self.in_class = any(
            s.suite is block and any(line.startswith("class ") for line in s.lines)
            for s in library.statements(module)
        )

    def replace(self, *new: Statement) -> bool:
        self.block[self.index : self.index + 1] = new
        return True


def delete(at: Place) -> bool:
    return at.replace()


def comment_out(at: Place) -> bool:
    at.statement.off = not at.statement.off
    return True


def move(at: Place) -> bool:
    statement = at.block.pop(at.index)
    at.block.insert(at.rng.randint(_first(at), len(at.block)), statement)
    return True


def move_to_end(at: Place) -> bool:
    at.block.append(at.block.pop(at.index))
    return len(at.block) > at.index + 1


def swap(at: Place) -> bool:
    other = at.index - 1
    if other < _first(at):
        return False
    at.block[at.index], at.block[other] = at.block[other], at.block[at.index]
    return True


def _first(at: Place) -> int:
    """Above stand the imports of a module."""
    head = [i for i, s in enumerate(at.block) if not s.kind and s.lines and re.match(r"(import|from) ", s.lines[0])]  # fmt: skip
    return head[-1] + 1 if head and at.block is at.library.modules[at.module] else 0


def duplicate(at: Place) -> bool:
    at.block.insert(at.index + 1, copy.deepcopy(at.statement))
    return True


def duplicate_at_end(at: Place) -> bool:
    at.block.append(copy.deepcopy(at.statement))
    return True


def rename(at: Place) -> bool:
    """Everywhere."""
    return _rename(at, [s for module in MODULES for s in at.library.modules[module]])


def rename_in_module(at: Place) -> bool:
    return _rename(at, at.library.modules[at.module])


def rename_here(at: Place) -> bool:
    """Only the statement itself: what uses the old name finds what else has it, or fails."""
    return _rename(at, [at.statement])


def _rename(at: Place, statements: list[Statement]) -> bool:
    old = at.statement.bound
    if not old or old in ("_", "__all__") or old.startswith("__"):
        return False
    new = at.library.new_name()
    for top in statements:
        for statement in top.walk():
            for lines in (statement.lines, statement.tail):
                lines[:] = [re.sub(rf"\b{re.escape(old)}\b", new, line) for line in lines]
            statement.provides = {use: new if n == old else n for use, n in statement.provides.items()}
    return True


def _wrapped(at: Place, head: str, tail: list[str]) -> bool:
    return at.replace(Statement([head], [at.statement], tail, provides=dict(at.statement.provides)))


def wrap_in_if(at: Place) -> bool:
    return _wrapped(at, "if True:", [])


def wrap_in_if_of_a_value(at: Place) -> bool:
    return not at.in_class and _wrapped(at, "if DEFAULT == 3:", [])


def wrap_in_if_not(at: Place) -> bool:
    return _wrapped(at, "if not __debug__:", [])


def wrap_in_try(at: Place) -> bool:
    name = at.statement.bound
    return _wrapped(at, "try:", ["except NameError:", f"    {name} = None" if name else "    pass"])


def wrap_in_with(at: Place) -> bool:
    return not at.in_class and _wrapped(at, "with base.holding():", [])


def wrap_in_for(at: Place) -> bool:
    return _wrapped(at, f"for {at.library.new_name()} in (1, 2):", [])


def wrap_in_class(at: Place) -> bool:
    return _wrapped(at, f"class {at.library.new_name().upper()}:", [])


def unwrap(at: Place) -> bool:
    return bool(at.statement.suite) and at.replace(*(at.statement.suite or ()))


DECORATORS = {"class": ["klass", "dataclasses.dataclass", "keep"], "def": ["mark", "wrap", "keep", "functools.lru_cache", "named('a')"]}  # fmt: skip


def decorate(at: Place) -> bool:
    if not at.statement.defines:
        return False
    at.statement.lines.insert(0, "@" + at.rng.choice(DECORATORS[_sort(at)]))
    return True


def _sort(at: Place) -> str:
    return "class" if any(line.startswith("class ") for line in at.statement.lines) else "def"


def decorate_by_hand(at: Place) -> bool:
    name = at.statement.bound
    if not at.statement.defines or name.startswith("__"):
        return False
    by = at.rng.choice(["klass", "keep"] if _sort(at) == "class" else ["mark", "wrap", "keep"])
    at.block[at.index + 1 : at.index + 1] = parse(f"{name} = {by}({name})")
    return True


def undecorate(at: Place) -> bool:
    kept = [line for line in at.statement.lines if not line.startswith("@")]
    changed = len(kept) < len(at.statement.lines)
    at.statement.lines = kept
    return changed


def change(at: Place) -> bool:
    """One number in it."""
    found = []
    for statement in at.statement.walk():
        for lines in (statement.lines, statement.tail):
            found += [(lines, i, m) for i, line in enumerate(lines) for m in re.finditer(r"(?<![\w.{])\d+\b", line)]  # fmt: skip
    if not found:
        return False
    lines, i, match = at.rng.choice(found)
    lines[i] = lines[i][: match.start()] + str(int(match.group()) + at.rng.randint(1, 9)) + lines[i][match.end() :]  # fmt: skip
    return True


def bind_again(at: Place) -> bool:
    """A line below that binds the same name to something else."""
    name = at.statement.bound
    if not name or name.startswith("__"):
        return False
    text = at.rng.choice(["{n} = {v}", "{n} = [{n}, {v}]", "def {n}(*a): return {v}"])
    at.block[at.index + 1 : at.index + 1] = parse(text.format(n=name, v=at.rng.randrange(90)))
    return True


def bind_above(at: Place) -> bool:
    name = at.statement.bound
    if not name or name.startswith("__"):
        return False
    at.block[at.index : at.index] = parse(f"{name} = {at.rng.randrange(90)}")
    return True


def add_body(at: Place) -> bool:
    """A statement of the same block is put into its suite."""
    suite = at.statement.suite
    if suite is None or at.index == 0:
        return False
    other = at.block[at.index - 1]
    if at.index - 1 < _first(at):
        return False
    suite.append(other)
    at.block.remove(other)
    return True


def other_kind(at: Place) -> bool:
    """The name is bound by another kind of statement."""
    name = at.statement.bound
    if not name or name.startswith("__"):
        return False
    texts = ["{n} = {v}", "def {n}(*a): return [{v}, a]", "class {n}:\n    a = {v}", "{n} = [{v}]", "{n} = lambda *a: {v}"]  # fmt: skip
    if not at.in_class:
        texts += ["from .base import mark as {n}", "from .base import Base as {n}", "from . import base as {n}"]  # fmt: skip
    return at.replace(*parse(at.rng.choice(texts).format(n=name, v=at.rng.randrange(90))))


def move_to_another_module(at: Place) -> bool:
    """It is imported from there then."""
    return _to_module(at, f"from .{{to}} import {at.statement.bound}")


def move_away(at: Place) -> bool:
    """And is not imported from there."""
    return _to_module(at, "")


def _to_module(at: Place, left: str) -> bool:
    above = at.library.above(at.module)
    if not above or at.in_class or not at.statement.bound or at.statement.bound.startswith("__"):
        return False
    to = at.rng.choice(above)
    at.library.modules[to].append(at.statement)
    return at.replace(*parse(left.format(to=to)))


def copy_to_another_module(at: Place) -> bool:
    others = [m for m in MODULES if m not in ("base", at.module)]
    at.library.modules[at.rng.choice(others)].append(copy.deepcopy(at.statement))
    return not at.in_class


def move_out(at: Place) -> bool:
    """Out of its suite, behind it."""
    for statement in at.library.statements(at.module):
        for suite in (statement.suite, at.library.modules[at.module]):
            for i, outer in enumerate(suite or ()):
                if outer.suite is at.block:
                    at.block.remove(at.statement)
                    suite.insert(i + 1, at.statement)  # type: ignore[union-attr]
                    return True
    return False


def nothing(at: Place) -> bool:
    """Only a blank line and a comment."""
    at.block.insert(at.index, Statement(["", f"# {at.rng.randrange(999)}"], off=False))
    return True


EDITS: dict[str, Callable[[Place], bool]] = {
    edit.__name__.replace("_", " "): edit
    for edit in (
        delete, comment_out, move, move_to_end, swap, duplicate, duplicate_at_end, rename, rename_in_module, rename_here,
        wrap_in_if, wrap_in_if_of_a_value, wrap_in_if_not, wrap_in_try, wrap_in_with, wrap_in_for, wrap_in_class, unwrap, decorate,
        decorate_by_hand, undecorate, change, bind_again, bind_above, add_body, other_kind, move_to_another_module, move_away,
        copy_to_another_module, move_out, nothing,
    )
}  # fmt: skip
