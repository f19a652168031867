"""The hidden innermost decorator: whoever watches sees each function and class before its own decorators do.

``@cache def f(): …`` is compiled as ``@cache @__autoegg_made__(key) def f(): …``. The key says which object of a former run the
new one may take the place of: same qualified name, same decorators (whatever they are called with), and the name is bound again further down as it was then.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Sequence

from .bytecode import MADE
from .statements import bound_names

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BLOCKS = ("body", "orelse", "finalbody")


def mark(node: ast.stmt, again: Collection[str]) -> None:
    """Decorate definitions in ``node``, at module and class level, in place: those with decorators, and those in a compound statement,

    which may hand them on before it ends.
    """
    _mark([node], again, "")


def _mark(body: Sequence[ast.stmt], later: Collection[str], prefix: str, inside: bool = False) -> None:
    if not any(_may_have_to_be_marked(node, inside) for node in body):
        return
    bound = [list(bound_names(node)) for node in body]
    left = Counter(later)
    left.update(name for names in bound for name in names)
    for node, names in zip(body, bound, strict=True):
        left.subtract(names)
        if isinstance(node, _DEFINITIONS):
            key = f"{prefix}{node.name}|{_decorators(node)}|{left[node.name] > 0}"
            if isinstance(node, ast.ClassDef):
                _mark(node.body, (), f"{prefix}{node.name}.")
            if node.decorator_list or inside:
                node.decorator_list.append(_hidden(key, node))
            continue
        rest = [name for name, count in left.items() if count > 0]
        for field in _BLOCKS:
            _mark(getattr(node, field, None) or (), rest, prefix, inside=True)
        for block in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            _mark(block.body, rest, prefix, inside=True)


def _may_have_to_be_marked(node: ast.stmt, inside: bool) -> bool:
    """Most statements, and most methods of a class, are seen at a glance to have nothing to decorate."""
    if isinstance(node, _DEFINITIONS):
        return inside or bool(node.decorator_list) or isinstance(node, ast.ClassDef)
    return any(hasattr(node, field) for field in (*_BLOCKS, "cases"))


def _decorators(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    called = (one.func if isinstance(one, ast.Call) else one for one in node.decorator_list)
    return " ".join(map(ast.dump, called))


def _hidden(key: str, node: ast.stmt) -> ast.expr:
    call = ast.Call(ast.Name(MADE, ast.Load()), [ast.Constant(key)], [])
    for part in (call, call.func, call.args[0]):
        part.lineno = part.end_lineno = node.lineno
        part.col_offset = part.end_col_offset = node.col_offset
    return call
