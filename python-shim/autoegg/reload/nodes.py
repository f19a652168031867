"""Going through syntax trees as ``ast`` does, only faster: large libraries have millions of nodes."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from contextlib import contextmanager

FIELDS = {
    kind: tuple(field for field in kind._fields if field != "ctx")
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
"""All that says something: whether a name is read or set is said by its place."""


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes directly below, in the order of the text."""
    found: list[ast.AST] = []
    for field in FIELDS[type(node)]:
        value = getattr(node, field, None)
        if type(value) is list:
            found += [entry for entry in value if isinstance(entry, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it, those nearer to it first."""
    level = [node]
    while level:
        yield from level
        level = [child for parent in level for child in children(parent)]


@contextmanager
def no_collections() -> Iterator[None]:
    """While trees are made: there is no garbage in them, and looking for it, again and again, takes longer than making them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
