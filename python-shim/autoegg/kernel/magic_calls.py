"""Magics and shell lines in a parsed cell: IPython has already turned them into calls of ``get_ipython()``."""

from __future__ import annotations

import ast
from dataclasses import dataclass

_LINE, _CELL, _SHELL = "run_line_magic", "run_cell_magic", ("system", "getoutput")


@dataclass(frozen=True)
class MagicCall:
    """``%name line``, ``%%name line`` with a body, or a shell line, whose name is ``!``."""

    name: str
    line: str
    body: str | None = None


def magic_call(node: ast.AST) -> MagicCall | None:
    """What this call stands for (inputtransformer2.py); None for any other node."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.keywords):
        return None
    shell = node.func.value
    if not (
        isinstance(shell, ast.Call) and isinstance(shell.func, ast.Name) and shell.func.id == "get_ipython"
    ):
        return None
    texts = [
        argument.value
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    method = node.func.attr
    if len(texts) != len(node.args) or len(texts) != {_LINE: 2, _CELL: 3}.get(method, 1):
        return None
    if method == _LINE:
        return MagicCall(texts[0], texts[1])
    if method == _CELL:
        return MagicCall(texts[0], texts[1], texts[2])
    return MagicCall("!", texts[0]) if method in _SHELL else None
