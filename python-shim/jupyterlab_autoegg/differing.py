"""Compares two texts, as a program: JSON of both on stdin, the lines of their unified diff on stdout.

``difflib`` takes quadratic time and more, holds the interpreter's lock meanwhile and cannot be interrupted. So it runs in a
process that can be ended, on a part of the texts that is small enough: what both have in common at their beginning and end
is left out first, and of the rest the beginning is compared.

Nothing but the standard library is imported, because the program runs with ``-I`` and without this package.
"""

from __future__ import annotations

import json
import sys
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Any

CONTEXT = 3
"""Lines shown around a change."""
COMPARED = 2_000
"""Lines of each side that are compared."""
SHOWN = 2_000
"""Lines of a diff that are shown."""


def difference(old: list[str], new: list[str]) -> tuple[list[str], bool]:
    """Return the lines of a unified diff, and whether that is only its beginning."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    start = max(head - CONTEXT, 0)
    ends = [len(side) - max(tail - CONTEXT, 0) for side in (old, new)]
    cut = max(ends) - start > COMPARED
    before, after = (
        side[start : min(end, start + COMPARED)] for side, end in zip((old, new), ends, strict=True)
    )
    matcher = SequenceMatcher(None, before, after)
    groups = list(matcher.get_grouped_opcodes(CONTEXT))
    if cut and len(groups) > 1:
        # The last one reaches the cut, where lines seem to be gone that only lie behind it.
        groups.pop()
    lines = [line for group in groups for line in _hunk(group, before, after, start)]
    return lines[:SHOWN], cut or len(lines) > SHOWN


def _common(old: list[str], new: list[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _hunk(group: list[Any], old: list[str], new: list[str], start: int) -> list[str]:
    """The lines of one hunk, as ``difflib.unified_diff`` writes them."""
    (_, first_old, _, first_new, _), (_, _, last_old, _, last_new) = group[0], group[-1]
    places = _range(start + first_old, last_old - first_old), _range(start + first_new, last_new - first_new)
    lines = ["@@ -{} +{} @@".format(*places)]
    for tag, old_from, old_to, new_from, new_to in group:
        if tag == "equal":
            lines += [" " + line for line in old[old_from:old_to]]
            continue
        lines += ["-" + line for line in old[old_from:old_to]]
        lines += ["+" + line for line in new[new_from:new_to]]
    return lines


def _range(start: int, length: int) -> str:
    return f"{start + 1}" if length == 1 else f"{start + 1 if length else start},{length}"


if __name__ == "__main__":
    print(json.dumps(difference(*(text.splitlines() for text in json.load(sys.stdin)))))
