"""Which objects a library's modules have: to see that none of them is another one afterwards."""

from __future__ import annotations

import sys
import types
from collections.abc import Collection


def identities(tops: Collection[str]) -> dict[str, int]:
    """``module:variable``, and one level of what is in classes and plain containers -> the object's address."""
    found = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in tops or not isinstance(module, types.ModuleType):
            continue
        for key, value in list(module.__dict__.items()):
            found[f"{name}:{key}"] = id(value)
            if isinstance(value, type):
                found |= {f"{name}:{key}.{k}": id(v) for k, v in list(type.__getattribute__(value, "__dict__").items())}  # fmt: skip
            elif type(value) is dict and key != "__builtins__":
                found |= {f"{name}:{key}[{k!r:.60}]": id(v) for k, v in list(value.items())}
            elif type(value) in (list, tuple):
                found |= {f"{name}:{key}[{i}]": id(v) for i, v in enumerate(value)}
            elif isinstance(value, types.FunctionType):
                found[f"{name}:{key}.__code__"] = id(value.__code__)
    return found
