"""Which statement of the old text is which of the new."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from ..report.report import KIN, NEW
from ..source.bytecode import shell
from ..source.unit import Unit

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


def pair(old: Unit, new: Unit) -> Pairing:
    """By text, then by what the code does, then by the name that is bound if only one statement binds it on either side."""
    steps = [Step(index) for index in range(len(new.statements))]
    left = list(range(len(old.statements)))
    text = lambda unit: lambda i: (unit.text(i), unit.statements[i].again)  # noqa: E731 - what is bound again has another role
    left = _match(steps, left, SAME, text(old), text(new))
    if left and any(step.old is None for step in steps):
        # Statements that moved or were swapped pair by text; of what is left there are few.
        left = _match(
            steps,
            left,
            BODY,
            lambda i: (_doc(old, i), shell(old.code(i))),
            lambda i: (_doc(new, i), shell(new.code(i))),
        )
        names = lambda unit: lambda i: unit.statements[i].binds[0] if unit.statements[i].binds else None  # noqa: E731
        left = _match(steps, left, KIN, names(old), names(new), unique=True)
    return Pairing(steps, left)


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
