"""Which names a piece of a text mentions, and in which way: what its evaluation looks up, and what it only names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from .changes import Ref, chain
from .nodes import children, walk
from .purity import Function


def parts_of_class(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """The statements of a class's body, and of its compound ones the conditions and what is in them."""
    for node in body:
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            for _, value in ast.iter_fields(node):
                for item in value if isinstance(value, list) else [value]:
                    if isinstance(item, ast.ExceptHandler):
                        yield from filter(None, [item.type])
                        yield from parts_of_class(item.body)
                    elif isinstance(item, ast.stmt):
                        yield from parts_of_class([item])
                    elif isinstance(item, ast.AST):
                        yield item
        else:
            yield node


def only_compared(node: ast.AST) -> set[Ref]:
    """Names of which the code asks no more than whether something is that object: what they do makes no difference."""
    parts = list(walk(node))
    compared = {
        id(operand)
        for part in parts
        if isinstance(part, ast.Compare) and all(isinstance(op, (ast.Is, ast.IsNot)) for op in part.ops)
        for operand in [part.left, *part.comparators]
    }
    found: tuple[set[Ref], set[Ref]] = set(), set()
    for part in parts:
        if isinstance(part, ast.Name):
            found[id(part) in compared].add((part.id,))
    used, only = found
    return only - used


def evaluated_with(node: Function) -> list[ast.expr]:
    """What a function's statement evaluates, but for annotations."""
    return [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]


def references(node: ast.AST, bodies: bool = False) -> set[Ref]:
    """Names, and names with their attributes, that evaluating the node looks up; function bodies if asked."""
    found: set[Ref] = set()
    todo: list[ast.AST] = [node]
    while todo:
        current = todo.pop()
        if isinstance(current, ast.Attribute):
            parts = chain(current)
            if parts:
                found.add(parts)
                continue
        elif isinstance(current, ast.Name):
            if not isinstance(current.ctx, ast.Store):
                found.add((current.id,))
        elif isinstance(current, ast.AugAssign) and isinstance(current.target, ast.Name):
            found.add((current.target.id,))
        elif isinstance(current, Function) and not bodies and current is not node:
            todo += [*current.decorator_list, current.args]
            continue
        elif (
            isinstance(current, Function) and bodies
        ):  # what its annotations name makes no difference to what it does
            todo += [*evaluated_with(current), *current.body]
            continue
        todo += children(current)
    return found
