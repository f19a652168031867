"""Names of modules are written without asking the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..observe.trace import MISSING, SYSTEM_NAMES


def assign(namespace: dict[str, Any], name: str, value: Any) -> None:
    """``MISSING`` deletes the name."""
    if value is MISSING:
        namespace.pop(name, None)
    else:
        namespace[name] = value


def replace_names(namespace: dict[str, Any], content: Mapping[str, Any]) -> None:
    """The names of a module, but for the import system's, are these, in this order."""
    for name in list(namespace):
        if name not in SYSTEM_NAMES and (name != "__doc__" or name not in content):
            del namespace[name]
    namespace.update(content)
