"""The Python code of a cell: its own, and what its magics run in the notebook (``%%time``, ``%time``, ``%run``)."""

from __future__ import annotations

import ast
import os
import shlex
import warnings
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

from autoegg.import_statements import absolute_names, at_top_level
from autoegg.kernel.magic_calls import MagicCall, magic_call

# Their text is of another language, or runs in another process; that of all others counts as Python if it parses.
_OF_A_SHELL = frozenset(("!", "bash", "perl", "ruby", "script", "sh", "sx", "system"))
_TO_SHOW = frozenset(("file", "html", "javascript", "js", "latex", "markdown", "svg", "writefile"))
_ELSEWHERE = _OF_A_SHELL | _TO_SHOW | {"px", "pypy", "python", "python2", "python3"}
_AS_A_FUNCTION = "timeit"
_DEEPEST = 5
"""Magics within magics; a script may run itself."""
_EXTENSIONS = ("load_ext", "reload_ext", "aimport")


def parsed(source: str) -> ast.Module | None:
    """The tree of a cell as the user wrote it, IPython's syntax included; None if it cannot be parsed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # IPython says them when the code runs
            return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def trees(tree: ast.AST, deep: int = _DEEPEST) -> Iterator[ast.AST]:
    """The tree of a cell, and those of all code that its magics run."""
    yield tree
    for node in ast.walk(tree) if deep else ():
        call = magic_call(node)
        if call is not None:
            for inner in _run_by(call):
                yield from trees(inner, deep - 1)


def names_wanted(tree: ast.AST) -> list[str]:
    """The modules that a cell's import statements name, or may name, at any depth; and what its magics load."""
    names: dict[str, None] = {}
    for part in trees(tree):
        names.update(dict.fromkeys(absolute_names(part)))
        for node in ast.walk(part):
            call = magic_call(node)
            if call is not None:
                names.update(dict.fromkeys(_loaded_by(call)))
    return list(names)


def binding_imports(tree: ast.AST) -> str:
    """The import statements of a cell that bind names of the notebook, as Python source and in their order."""
    return "\n".join(map(ast.unparse, at_top_level(_statements(tree), classes=False)))


def _statements(tree: ast.AST, deep: int = _DEEPEST) -> Iterator[ast.AST]:
    """The top level of a cell, with that of the code that its magics run in their places."""
    for statement in getattr(tree, "body", []):
        yield statement
        if not deep or isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for node in ast.walk(statement):
            call = magic_call(node)
            if call is not None and call.name != _AS_A_FUNCTION:
                for inner in _run_by(call):
                    yield from _statements(inner, deep - 1)


def _run_by(call: MagicCall) -> Iterator[ast.AST]:
    if call.name == "run":
        yield from _script(call)
    elif call.name not in _ELSEWHERE:
        texts = [] if call.body is None else [_tree(call.body)]
        yield from filter(None, [*texts, _after_options(call.line)])


def _loaded_by(call: MagicCall) -> Iterator[str]:
    words = call.line.split()
    if call.name in _EXTENSIONS:
        yield from (word.strip(",") for word in words if not word.startswith("-"))
    elif call.name == "run" and "-m" in words[:-1]:
        yield words[words.index("-m") + 1]


def _after_options(line: str) -> ast.AST | None:
    """The statement of a line magic, which may stand behind options: ``%timeit -n 3 f()``."""
    if not line.startswith("-"):
        return _tree(line)
    while line := line.partition(" ")[2].lstrip():
        tree = None if line.startswith("-") else _tree(line)
        if tree is not None:
            return tree
    return None


@lru_cache(maxsize=64)
def _tree(source: str) -> ast.Module | None:
    return parsed(source)


def _script(call: MagicCall) -> Iterator[ast.AST]:
    """The file that ``%run`` runs, whose names become the notebook's; the cells of a notebook are cells of their own."""
    try:
        words = [word for word in shlex.split(call.line) if not word.startswith("-")]
        path = os.path.expanduser(words[0]) if words else ""
        file = next(
            name for name in (path, f"{path}.py") if name.endswith((".py", ".ipy")) and os.path.isfile(name)
        )
        tree = _tree(Path(file).read_text(encoding="utf-8", errors="replace"))
    except (ValueError, OSError, StopIteration):
        return
    if tree is not None:
        yield tree
