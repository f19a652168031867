"""Which statement of the old text is which of the new."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from types import CodeType

from ..report.report import KIN, NEW
from ..source.bytecode import nested, outside, shell
from ..source.statements import LIGHT
from ..source.unit import Unit

Ran = tuple["CodeType | None", "Sequence[CodeType]"]
"""What ran, if it is known by itself, and the code objects at its first level."""
SAME, BODY = "the same text", "other function bodies"


@dataclass(slots=True)
class Step:
    """Statement ``index`` of the new text; ``old``: its counterpart's index, None if it has none."""

    index: int
    old: int | None = None
    how: str = NEW


@dataclass(slots=True)
class Pairing:
    steps: list[Step]
    removed: list[int]

    @property
    def first_difference(self) -> int | None:
        """The first statement of the new text before which the two are not alike; None: only bodies of functions differ."""
        for step in self.steps:
            if step.old != step.index or step.how not in (SAME, BODY):
                return step.index
        return len(self.steps) if self.removed else None


def pair(old: Unit, new: Unit, ran: Sequence[Ran]) -> Pairing:
    """By text, then by what the code does, then by the name that is bound if only one statement binds it on either side.

    ``ran``: for each statement of the old text, what is known of the code that ran.
    """
    steps = [Step(index) for index in range(len(new.statements))]
    left = list(range(len(old.statements)))
    text = lambda unit: lambda i: (unit.text(i), unit.statements[i].again)  # noqa: E731 - a name that is bound again has another role
    left = _match(steps, left, SAME, text(old), text(new))
    if left and any(step.old is None for step in steps):
        # Statements that moved or were swapped pair by text; of what is left there are few.
        left = _same_heads(old, new, steps, left)
        left = _same_shells(old, new, steps, left, ran)
        names = lambda unit: lambda i: unit.statements[i].binds[0] if unit.statements[i].binds else None  # noqa: E731
        left = _match(steps, left, KIN, names(old), names(new), unique=True)
    if old.flags != new.flags:  # another future: code is compiled in another way, values are what they are
        for step in steps:
            if step.how in (SAME, BODY) and _defines(new, step.index):
                step.how = KIN
    return Pairing(steps, left)


def _same_heads(old: Unit, new: Unit, steps: list[Step], left: list[int]) -> list[int]:
    """Functions whose text is the same up to the first statement of their body: neither version is compiled to find out."""
    waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
    for index in left:
        if old.statements[index].kind == LIGHT:
            waiting[old.statements[index].binds, old.statements[index].again].append(index)
    taken = set()
    for step in steps:
        statement = new.statements[step.index]
        role = statement.binds, statement.again
        candidates = waiting.get(role) if step.old is None and statement.binds else None
        if not candidates or statement.kind != LIGHT:
            continue
        head = new.head(step.index)
        one, other = old.text(candidates[0]), new.text(step.index)
        if head and one.startswith(head) and ("yield" in one) == ("yield" in other):
            if one[len(head) :].lstrip()[:1] in _QUOTES or one[len(head) :].lstrip()[1:2] in ("'", '"'):
                continue  # possibly a docstring
            step.old, step.how = candidates.pop(0), BODY
            taken.add(step.old)
    return [index for index in left if index not in taken]


_QUOTES = ("'", '"')


def _same_shells(old: Unit, new: Unit, steps: list[Step], left: list[int], ran: Sequence[Ran]) -> list[int]:
    """Statements whose code does the same, but for the bodies of functions; the old text is compiled only if nothing else decides."""
    waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
    for index in left:
        waiting[old.statements[index].binds, old.statements[index].again].append(index)
    taken = set()
    for step in steps:
        statement = new.statements[step.index]
        candidates = waiting.get((statement.binds, statement.again)) if step.old is None else None
        for index in candidates or ():
            if _doc(old, index) == _doc(new, step.index) and _does_the_same(
                old, index, ran[index], new.code(step.index)
            ):
                step.old, step.how = index, BODY
                taken.add(index)
                candidates.remove(index)  # type: ignore[union-attr]
                break
    return [index for index in left if index not in taken]


def _does_the_same(old: Unit, index: int, ran: Ran, code: CodeType) -> bool:
    whole, inner = ran
    if whole is None:
        if [*map(outside, inner)] != [*map(outside, nested(code))]:
            return False
        whole = old.code(index)
    return shell(whole) == shell(code)


def _defines(unit: Unit, index: int) -> bool:
    """Whether a statement makes functions or classes, or says what an annotation is."""
    return bool(unit.statements[index].annotates) or next(nested(unit.code(index)), None) is not None


def _doc(unit: Unit, index: int) -> str | None:
    """The module's docstring is the first statement, and nowhere in its code."""
    return (
        unit.text(0)
        if index == 0 and not unit.statements[0].binds and unit.text(0)[:1] in "\"'rRuU"
        else None
    )


def _match(
    steps: list[Step],
    left: list[int],
    how: str,
    old_key: Callable[[int], Hashable],
    new_key: Callable[[int], Hashable],
    unique: bool = False,
) -> list[int]:
    waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
    for index in left:
        waiting[old_key(index)].append(index)
    open_steps = [step for step in steps if step.old is None]
    times = Counter(new_key(step.index) for step in open_steps) if unique else Counter()
    taken = set()
    for step in open_steps:
        key = new_key(step.index)
        if (
            key is None
            or not waiting.get(key)
            or (unique and times[key] != len(waiting[key]) and times[key] > 1)
        ):
            continue
        step.old = waiting[key].pop(0)
        step.how = how
        taken.add(step.old)
    return [index for index in left if index not in taken]
