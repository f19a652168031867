"""A module as a tree of statements that edits can move about, made from text and giving text."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(eq=False)
class Statement:
    """``lines``: the whole statement, or what stands above its suite; ``tail``: what stands below it (``else``, ``except``).

    ``provides``: how others may use what it binds -> the name. ``off``: it is commented out.
    """

    lines: list[str]
    suite: list[Statement] | None = None
    tail: list[str] = field(default_factory=list)
    kind: str = ""
    provides: dict[str, str] = field(default_factory=dict)
    off: bool = False

    def text(self, indent: str = "") -> list[str]:
        lines = [indent + line if line else "" for line in self.lines]
        if self.suite is not None:
            inner = [line for statement in self.suite for line in statement.text(indent + "    ")]
            if all(statement.off for statement in self.suite):
                inner.append(indent + "    pass")
            lines += inner
        lines += [indent + line if line else "" for line in self.tail]
        return [f"{indent}# {line[len(indent) :]}" for line in lines] if self.off else lines

    @property
    def defines(self) -> bool:
        """Is it a function or a class?"""
        return any(re.match(r"(async def|def|class) ", line) for line in self.lines)

    @property
    def bound(self) -> str:
        """The first name that it binds, or nothing."""
        for line in self.lines:
            found = re.match(r"(?:async def |def |class )?(\w+)(?: *[:=(]|, \w+ =)", line)
            if found and not line.startswith("@"):
                return "" if found.group(1) in ("if", "for", "while", "with", "try") else found.group(1)
        return ""

    def walk(self) -> Iterator[Statement]:
        yield self
        for statement in self.suite or ():
            yield from statement.walk()


def parse(text: str, kind: str = "", provides: dict[str, str] | None = None) -> list[Statement]:
    """The statements of a text; suites of classes, and of ``if``, ``for``, ``with`` and ``try`` can be edited too."""
    text = textwrap.dedent(text)
    lines = text.splitlines()
    found = [_statement(node, lines, 0) for node in ast.parse(text).body]
    for statement in found:
        statement.kind = kind
    if found:
        found[-1].provides = provides or {}
    return found


def _statement(node: ast.stmt, lines: list[str], indent: int) -> Statement:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    last = node.end_lineno or first
    cut = [line[indent:] for line in lines[first - 1 : last]]
    body = getattr(node, "body", None)
    if not isinstance(node, (ast.ClassDef, ast.If, ast.For, ast.With, ast.Try)) or not body:
        return Statement(cut)
    inside = body[0]
    start = min([inside.lineno, *(d.lineno for d in getattr(inside, "decorator_list", ()))])
    end = body[-1].end_lineno or start
    if start == node.lineno:
        return Statement(cut)
    suite = [_statement(inner, lines, indent + 4) for inner in body]
    return Statement(cut[: start - first], suite, cut[end - first + 1 :])


def text_of(statements: list[Statement]) -> str:
    return "".join(line + "\n" for statement in statements for line in statement.text())
