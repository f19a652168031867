"""An edited file is parsed where it differs: statements that stand as they were need no parser.

The lines of each statement that is known are replaced by one ``pass`` and blank lines, and the rest is parsed. That is exact if
every ``pass`` is found at the top level again: then what lies between two of them is complete by itself (no open bracket,
string or block goes across), as the statements themselves are, so parsing the whole file finds just these statements.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .statements import LIGHT, Statement


class Version(Protocol):
    """What is asked of the former version of a file."""

    @property
    def lines(self) -> list[str]: ...
    @property
    def statements(self) -> list[Statement]: ...


@dataclass(frozen=True, slots=True)
class Stands:
    """Statement ``index`` of the former version, ``lines`` further down."""

    index: int
    lines: int


_DEFINING = ("def ", "class ", "async ")
_CONTINUING = ("else", "elif", "except", "finally")
"""A line that begins with one of these words belongs to the statement before it."""


def reparse(path: str, lines: Sequence[str], former: Version) -> list[ast.stmt | Stands] | None:
    """The statements of a file of these lines; None: it has to be parsed as a whole."""
    standing = dict(_standing(lines, former))
    if not standing:
        return None
    rest = list(lines)
    statements = former.statements
    for first, index in standing.items():
        count = statements[index].end[0] - statements[index].start[0]
        rest[first : first + count + 1] = ["pass", *[""] * count]
    try:
        tree: Any = compile("\n".join(rest), path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    found: list[ast.stmt | Stands] = []
    for node in tree.body:
        known = standing.pop(node.lineno - 1, None)
        if known is None:
            found.append(node)
        elif type(node) is ast.Pass and not node.col_offset:
            found.append(Stands(known, node.lineno - statements[known].start[0]))
        else:
            return None
    return None if standing else found


def _standing(lines: Sequence[str], former: Version) -> list[tuple[int, int]]:
    """(index of a line, statement of the former version that stands there word for word), as far as lines tell."""
    before = former.lines
    by_line: dict[str, list[int]] = {}
    usable = _by_themselves(former)
    for index in usable:
        by_line.setdefault(before[former.statements[index].start[0] - 1], []).append(index)
    found = []
    at, count, decorated = 0, len(lines), False
    while at < count:
        line = lines[at]
        for index in by_line.get(line, ()) if not decorated else ():
            start, end = former.statements[index].start[0] - 1, former.statements[index].end[0]
            if lines[at : at + end - start] == before[start:end] and _ends(lines, at + end - start):
                found.append((at, index))
                at += end - start
                break
        else:
            at += 1
            decorated = line[:1] == "@" or (decorated and not line.startswith(_DEFINING))
    return found


def _by_themselves(former: Version) -> list[int]:
    """Statements that have their lines for themselves; those that are nothing but a text may be the module's docstring or not."""
    statements = former.statements
    found, last = [], 0
    for index, statement in enumerate(statements):
        following = statements[index + 1].start[0] if index + 1 < len(statements) else 0
        alone = last != statement.start[0] and following != statement.end[0] and not statement.start[1]
        last = statement.end[0]
        if alone and (
            statement.kind != LIGHT or statement.imports or statement.binds not in ((), ("__doc__",))
        ):
            found.append(index)
    return found


def _is_code(line: str) -> bool:
    return line.lstrip()[:1] not in ("", "#")


def _ends(lines: Sequence[str], at: int) -> bool:
    """Whether a statement may be over before line ``at``: what follows begins at the left, and with no word that goes on."""
    for following in lines[at:]:
        if _is_code(following):
            return not following[0].isspace() and not following.startswith(_CONTINUING)
    return True
