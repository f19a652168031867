"""What ``from a import *`` brings: names that ``a`` hands on."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from typing import Any

from .purity import bound

ALL = "*"


def public_names(namespace: Mapping[str, Any]) -> list[str]:
    """The names that a module with these globals hands on."""
    names = namespace.get("__all__")
    if type(names) in (list, tuple):
        return [name for name in list(names or ()) if type(name) is str]
    return [name for name in namespace if not name.startswith("_")]


def brings_all(statement: ast.stmt) -> bool:
    """Is it a star import, or is there one in it? Functions and classes cannot have one."""
    return ALL in bound(statement)


def bound_after(body: Collection[ast.stmt], statement: ast.stmt) -> set[str]:
    """Names that statements further down bind: those win over what a star import brings."""
    return set().union(*(bound(other) for other in body if other.lineno > statement.lineno)) - {ALL}
