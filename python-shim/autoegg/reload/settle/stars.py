"""What ``from a import *`` brings: names that ``a`` hands on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ALL = "*"


def public_names(namespace: Mapping[str, Any]) -> list[str]:
    """The names that a star import of a module with these globals binds."""
    names = namespace.get("__all__")
    if type(names) in (list, tuple):
        return [name for name in list(names or ()) if type(name) is str]
    return [name for name in namespace if not name.startswith("_")]
