"""What code may change in place: the containers and objects that it stores into, calls methods of, or hands to others."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from .nodes import children

Ref = tuple[str, ...]
"""A dotted reference: ("app", "routes")"""

Scope = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

READING_METHODS = frozenset(
    ["get", "keys", "values", "items", "copy", "index", "count", "join", "format", "split", "startswith", "endswith",
     "lower", "upper", "strip", "replace", "read_text", "read_bytes", "exists", "glob", "iterdir", "joinpath"]
)  # fmt: skip
READING_CALLS = frozenset(
    ["abs", "all", "any", "bool", "bytes", "callable", "dict", "enumerate", "filter", "float", "frozenset", "getattr",
     "hasattr", "hash", "id", "int", "isinstance", "issubclass", "len", "list", "map", "max", "min", "print", "range",
     "repr", "reversed", "round", "set", "sorted", "str", "sum", "tuple", "type", "zip"]
)  # fmt: skip


def chain(node: ast.expr) -> Ref:
    """``a.b.c`` as a reference; empty for what does not begin with a name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ()
    return (node.id, *reversed(parts))


def changes_of(node: ast.AST, inside: bool = False) -> set[Ref]:
    """References to what evaluating ``node`` may change in place; with ``inside`` what calling it may change.

    In a class ``cls`` means the class itself.
    """
    found: set[Ref] = set()
    own = node.name if isinstance(node, ast.ClassDef) else ""
    _collect(node, found, frozenset(), own, inside, node)
    return found


def _collect(
    node: ast.AST, found: set[Ref], local: frozenset[str], own: str, inside: bool, top: ast.AST
) -> None:
    if isinstance(node, Scope):
        for part in [*getattr(node, "decorator_list", ()), *node.args.defaults, *node.args.kw_defaults]:
            if part is not None:
                _collect(part, found, local, own, inside, top)
        found |= _decorated(node, local)
        if inside:
            names = local | _locals(node)
            for part in node.body if isinstance(node.body, list) else [node.body]:
                _collect(part, found, names, own, inside, top)
        return
    if isinstance(node, ast.ClassDef):
        found |= _decorated(node, local)
        own = node.name
    elif isinstance(node, ast.Global):
        found |= {(name,) for name in node.names}
    found |= {
        ref if ref[0] != "cls" or not own else (own,)
        for ref in _changed_by(node)
        if ref and (ref[0] not in local or (ref[0] == "cls" and own))
    }
    for child in children(node):
        _collect(child, found, local, own, inside, top)


def _decorated(node: ast.AST, local: frozenset[str]) -> set[Ref]:
    """``@app.route``: the decorator is called as a method of ``app``."""
    refs = {chain(decorator)[:-1] for decorator in getattr(node, "decorator_list", ())}
    return {ref for ref in refs if ref and ref[0] not in local}


def _changed_by(node: ast.AST) -> Iterator[Ref]:
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete, ast.For)):
        targets = node.targets if isinstance(node, (ast.Assign, ast.Delete)) else [node.target]
        for target in _flat(targets):
            if isinstance(target, (ast.Attribute, ast.Subscript)):
                yield _base(target.value)
            elif isinstance(node, ast.AugAssign) and isinstance(target, ast.Name):
                yield (target.id,)
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            if node.func.attr not in READING_METHODS:
                yield _base(node.func.value)
        elif isinstance(node.func, ast.Name) and node.func.id in READING_CALLS:
            return
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            if isinstance(argument, (ast.Name, ast.Attribute)):
                ref = chain(argument)
                if ref:
                    yield (
                        *ref,
                        "",
                    )  # handed on: the empty step says that classes and functions stay as they are


def _flat(targets: Iterable[ast.expr]) -> Iterator[ast.expr]:
    for target in targets:
        if isinstance(target, (ast.Tuple, ast.List)):
            yield from _flat(target.elts)
        else:
            yield target.value if isinstance(target, ast.Starred) else target


def _base(node: ast.expr) -> Ref:
    """``a.b[0].c`` changes something that ``a.b`` holds."""
    while isinstance(node, (ast.Subscript, ast.Call)):
        node = node.value if isinstance(node, ast.Subscript) else node.func
    if isinstance(node, ast.Attribute) and not chain(node):
        return _base(node.value)
    return chain(node)


def _locals(scope: ast.AST) -> frozenset[str]:
    arguments = scope.args  # type: ignore[attr-defined]
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    names = {argument.arg for argument in every if argument is not None}
    elsewhere: set[str] = set()
    todo: list[ast.AST] = list(scope.body) if isinstance(scope.body, list) else [scope.body]  # type: ignore[attr-defined]
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            elsewhere.update(node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
            continue
        elif isinstance(node, ast.Lambda):
            continue
        todo += children(node)
    return frozenset(names - elsewhere)
