"""What two versions of a class statement have in common."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from .statements import bound_names

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def unchanged_attributes(old: ast.stmt, new: ast.stmt) -> dict[str, set[str]]:
    """Class attributes that are assigned in the same words, once in either version: name -> the names that their value reads.

    Without those that read an attribute of the class that has changed.
    """
    if (
        not isinstance(old, ast.ClassDef)
        or not isinstance(new, ast.ClassDef)
        or new.decorator_list
        or new.keywords
    ):
        return {}
    befores, afters = dict(_assigned(old)), dict(_assigned(new))
    found = {
        name: {
            inner.id
            for inner in ast.walk(node)
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load)
        }
        for name, node in afters.items()
        if name in befores and ast.dump(befores[name]) == ast.dump(node)
    }
    bound = {name for inner in (*old.body, *new.body) for name in bound_names(inner)}
    while changed := [name for name, loads in found.items() if (loads & bound) - found.keys()]:
        for name in changed:  # it is made of another attribute, which is not what it was
            del found[name]
    return found


def _assigned(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    times = Counter(name for inner in node.body for name in bound_names(inner))
    for inner in node.body:
        if isinstance(inner, (ast.Assign, ast.AnnAssign)) and inner.value is not None:
            for name in bound_names(inner):
                if times[name] == 1:
                    yield name, inner.value


def differ_in_methods_only(old: ast.stmt, new: ast.stmt) -> bool:
    """Whether two versions of a class differ in plain methods alone."""
    if not isinstance(old, ast.ClassDef) or not isinstance(new, ast.ClassDef):
        return False
    one, other = _without_methods(old), _without_methods(new)
    return one == other


def _without_methods(node: ast.ClassDef) -> list[str]:
    head = [*map(ast.dump, node.bases), *map(ast.dump, node.keywords), *map(ast.dump, node.decorator_list)]
    return head + [
        ast.dump(inner)
        for inner in node.body
        if not (isinstance(inner, _FUNCTIONS) and not inner.decorator_list)
    ]
