"""Which libraries a cell's results depend on, as far as its names show: what it names, what that was created from, and so on.

For marks that a person sees and nothing else, so it may be wrong: what is called without being named (a method that was
patched in, ``eval``) is not seen, and a cell that uses a library is taken to have used it for every name that it binds.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from types import ModuleType
from typing import Any

from autoegg.import_statements import ImportNode, imported_by
from autoegg.kernel.cell_code import trees


class Lineage:
    """Remembers, for each of the notebook's names, the libraries that its value came from."""

    def __init__(self) -> None:
        self._sources: dict[str, frozenset[str]] = {}

    def cell_ended(
        self, tree: ast.AST, namespace: Mapping[str, Any], libraries: Collection[str]
    ) -> frozenset[str]:
        """The libraries (of these import names) that the cell used; the names that it has bound belong to them now."""
        nodes = list(_nodes(tree))
        used: set[str] = set()
        sources: set[str] = set()
        for node in nodes:
            if isinstance(node, ImportNode):
                used |= {imported.whole for imported in imported_by(node)}
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                sources |= self._sources.get(node.id, frozenset())
                used.add(_home(namespace.get(node.id)))
        own = {name for name in libraries if any(_belongs(module, name) for module in used)}
        found = frozenset(own | (sources & set(libraries)))
        for name in _bound(nodes):
            if found:
                self._sources[name] = found
            else:
                self._sources.pop(name, None)
        return found


def starts_spark(tree: ast.AST) -> bool:
    """Whether a cell looks like one that makes a Spark session or context."""
    for node in _nodes(tree):
        if isinstance(node, ast.Attribute) and node.attr == "getOrCreate":
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "SparkContext":
            return True
    return False


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    for part in trees(tree):
        yield from ast.walk(part)


def _bound(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ImportNode):
            yield from (imported.bound for imported in imported_by(node))
        elif (
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
        ):
            yield node.value.id


def _home(value: Any) -> str:
    """Module where a value's code is: a module's own, a function's or class's, else its class's."""
    if isinstance(value, ModuleType):
        return value.__name__
    home = getattr(value, "__module__", None) if callable(value) else None
    return home if isinstance(home, str) else type(value).__module__


def _belongs(module: str, library: str) -> bool:
    """Whether a module belongs to a library; a namespace's library may have a dotted name, with the module above it."""
    return f"{module}.".startswith(f"{library}.") or f"{library}.".startswith(f"{module}.")
