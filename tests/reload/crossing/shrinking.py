"""The smallest library in which an edit still goes wrong."""

from __future__ import annotations

import ast
from collections.abc import Callable

Files = dict[str, str]


def shrink(before: Files, after: Files, fails: Callable[[Files, Files], bool]) -> tuple[Files, Files]:
    """Takes out, one after the other, modules and top-level statements that both have."""
    for name in list(before):
        if name != "lib/__init__.py" and before[name] == after.get(name):
            smaller = ({n: t for n, t in files.items() if n != name} for files in (before, after))
            b, a = smaller
            if fails(b, a):
                before, after = b, a
    size, tries = 8, 150
    while size and tries > 0:
        progress = False
        for name in [name for name in after if name in before]:
            common = [text for text in _statements(after[name]) if text in _statements(before[name])]
            for start in range(len(common), 0, -size):
                b, a = before[name], after[name]
                for text in common[max(0, start - size) : start]:
                    b, a = b.replace(text, "", 1), a.replace(text, "", 1)
                tries -= 1
                if fails({**before, name: b}, {**after, name: a}):
                    before, after, progress = {**before, name: b}, {**after, name: a}, True
        size = size if progress and size == 1 else size // 2
    return before, after


def _statements(text: str) -> list[str]:
    lines = text.splitlines(keepends=True)
    found = []
    for node in ast.parse(text).body:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        found.append("".join(lines[first - 1 : node.end_lineno]))
    return found
