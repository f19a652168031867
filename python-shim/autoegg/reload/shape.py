"""What a statement says, as a key: equal keys, equal statements, wherever the two stand and however they are laid out."""

from __future__ import annotations

import ast
import functools

from .nodes import FIELDS
from .purity import Functions
from .source import Source

Key = tuple[object, ...]


def key_of(node: ast.AST, bodies: bool = True) -> Key:
    """``bodies``: whether what stands in function bodies counts too."""
    kind = type(node)
    leave = not bodies and kind in Functions
    return (
        kind,
        *[_part(getattr(node, f, None), bodies) for f in FIELDS[kind] if not (leave and f == "body")],
    )


def _part(value: object, bodies: bool) -> object:
    if isinstance(value, ast.AST):
        return key_of(value, bodies)
    if type(value) is list:
        return tuple([_part(entry, bodies) for entry in value])
    # 1 is True and 0.0 is -0.0 for ``==``, and not for a program.
    return value if value is None or type(value) is str else (type(value), repr(value))


@functools.lru_cache(maxsize=1024)
def shapes(source: Source) -> list[tuple[Key, ast.stmt]]:
    """The statements of the top level after the docstring, each with its key without function bodies.

    Those say nothing about what an import does.
    """
    return [(key_of(statement, bodies=False), statement) for statement in statements(source)]


def statements(source: Source) -> list[ast.stmt]:
    body = source.tree.body
    return body[1:] if ast.get_docstring(source.tree, False) is not None else body
