"""The hidden innermost decorator: the recorder sees each function and class before its own decorators do.

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
_LOOPS = (ast.For, ast.While, ast.AsyncFor)
_BLOCKS = ("body", "orelse", "finalbody")


def mark(node: ast.stmt, again: Collection[str]) -> None:
    """Decorate the definitions in ``node`` that have decorators, and classes in loops, at module and class level, in place."""
    _mark([node], again, "")


def _mark(body: Sequence[ast.stmt], later: Collection[str], prefix: str, in_loop: bool = False) -> None:
    bound = [list(bound_names(node)) for node in body]
    left = Counter(later)
    left.update(name for names in bound for name in names)
    for node, names in zip(body, bound, strict=True):
        left.subtract(names)
        if isinstance(node, _DEFINITIONS):
            key = f"{prefix}{node.name}|{_decorators(node)}|{left[node.name] > 0}"
            if isinstance(node, ast.ClassDef):
                _mark(node.body, (), f"{prefix}{node.name}.")
            if node.decorator_list or (in_loop and isinstance(node, ast.ClassDef)):
                node.decorator_list.append(_hidden(key, node))
            continue
        rest = [name for name, count in left.items() if count > 0]
        for field in _BLOCKS:
            _mark(getattr(node, field, None) or (), rest, prefix, in_loop or isinstance(node, _LOOPS))
        for block in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            _mark(block.body, rest, prefix, in_loop)


def _decorators(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    called = (one.func if isinstance(one, ast.Call) else one for one in node.decorator_list)
    return " ".join(map(ast.dump, called))


def _hidden(key: str, node: ast.stmt) -> ast.expr:
    call = ast.Call(ast.Name(MADE, ast.Load()), [ast.Constant(key)], [])
    for part in (call, call.func, call.args[0]):
        part.lineno = part.end_lineno = node.lineno
        part.col_offset = part.end_col_offset = node.col_offset
    return call
