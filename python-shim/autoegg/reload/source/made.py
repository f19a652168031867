"""The hidden innermost decorator: the recorder sees each function and class before its own decorators do.

``@cache def f(): …`` is compiled as ``@cache @__autoegg_made__(key) def f(): …``. The key says which object of a former run the
new one may take the place of: same qualified name, same decorators (whatever they are called with), and the name is bound again further down as it was then.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from .bytecode import MADE
from .statements import bound_names

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BLOCKS = ("body", "orelse", "finalbody")


def mark(node: ast.stmt, again: Collection[str]) -> None:
    """Decorate definitions in ``node``, at module and class level, in place.

    Decorated are those with decorators, and those in a compound statement, which may hand them on before it ends.
    """
    _mark([node], again, "")


def _mark(body: Sequence[ast.stmt], later: Collection[str], prefix: str, inside: bool = False) -> None:
    if not _has_any(body, inside):
        return
    last = {name: at for at, node in enumerate(body) for name in bound_names(node)}
    for at, node in enumerate(body):
        if isinstance(node, _DEFINITIONS):
            if isinstance(node, ast.ClassDef):
                _mark(node.body, (), f"{prefix}{node.name}.")
            if _is_marked(node, inside):
                again = node.name in later or last[node.name] > at
                node.decorator_list.append(_hidden(f"{prefix}{node.name}|{_decorators(node)}|{again}", node))
            continue
        blocks = list(_blocks(node))
        if blocks:
            rest = {*later, *(name for name, where in last.items() if where > at)}
            for block in blocks:
                _mark(block, rest, prefix, inside=True)


def _has_any(body: Sequence[ast.stmt], inside: bool) -> bool:
    """Most have none, and what they bind need not be looked for."""
    for node in body:
        if isinstance(node, _DEFINITIONS):
            if _is_marked(node, inside) or (isinstance(node, ast.ClassDef) and _has_any(node.body, False)):
                return True
        elif any(_has_any(block, True) for block in _blocks(node)):
            return True
    return False


def _is_marked(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, inside: bool) -> bool:
    return bool(node.decorator_list) or inside


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Lists of statements directly inside one that is no definition."""
    for field in _BLOCKS:
        yield getattr(node, field, None) or []
    for block in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield block.body


def _decorators(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    called = (one.func if isinstance(one, ast.Call) else one for one in node.decorator_list)
    return " ".join(map(ast.dump, called))


def _hidden(key: str, node: ast.stmt) -> ast.expr:
    call = ast.Call(ast.Name(MADE, ast.Load()), [ast.Constant(key)], [])
    for part in (call, call.func, call.args[0]):
        part.lineno = part.end_lineno = node.lineno
        part.col_offset = part.end_col_offset = node.col_offset
    return call
