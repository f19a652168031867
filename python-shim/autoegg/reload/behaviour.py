"""Functions and classes that do something else than before; of classes, with which methods."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .changes import Ref
from .meaning import Taint

MAKING = frozenset(
    ["", "__new__", "__init__", "__post_init__", "__attrs_post_init__", "__setattr__", "__getattribute__"]
)


class Behaviour:
    def __init__(self) -> None:
        self.names: Taint = set()
        self.full: Taint = set()
        """Those in ``names`` of which more may have changed than the methods that ``methods`` names."""
        self.methods: dict[tuple[str, str], set[str]] = {}

    def note(self, module: str, name: str, methods: Collection[str] | None = None) -> None:
        """A function or class does something else; of a class only ``methods``, unless None."""
        self.names.add((module, name))
        if methods is None:
            self.full.add((module, name))
        else:
            self.methods.setdefault((module, name), set()).update(methods)

    def pass_on(self, alias: tuple[str, str], origin: tuple[str, str]) -> None:
        """``alias`` is another name for ``origin``."""
        if origin not in self.names:
            return
        self.names.add(alias)
        if origin in self.methods and origin not in self.full:
            self.methods.setdefault(alias, set()).update(self.methods[origin])
        else:
            self.full.add(alias)

    def size(self) -> int:
        return len(self.names) + len(self.full) + sum(map(len, self.methods.values()))


def run_by_making(methods: Mapping[str, set[Ref]]) -> set[str]:
    """The methods of a class that may run while an instance is made."""
    found: set[str] = set()
    todo = [name for name in methods if name in MAKING]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [step for ref in methods[name] for step in ref[1:] if step in methods]
    return found
