"""What two versions of a class statement have in common."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Any

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
        if name in befores and _same_tree(befores[name], node)
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
    return _same_tree(_without_methods(old), _without_methods(new))


def _without_methods(node: ast.ClassDef) -> list[Any]:
    body = [inner for inner in node.body if not (isinstance(inner, _FUNCTIONS) and not inner.decorator_list)]
    return [node.bases, node.keywords, node.decorator_list, body]


def _same_tree(one: Any, other: Any) -> bool:
    """Whether two trees, or lists of them, are the same but for their places; ends at the first difference, unlike ``ast.dump``."""
    todo = [(one, other)]
    while todo:
        left, right = todo.pop()
        if left is right:
            continue
        if type(left) is not type(right):
            return False
        if isinstance(left, ast.AST):
            todo += [
                (getattr(left, field, None), getattr(right, field, None)) for field in reversed(left._fields)
            ]
        elif type(left) is list:
            if len(left) != len(right):
                return False
            todo += zip(left, right, strict=True)
        elif left != right:
            return False
    return True
