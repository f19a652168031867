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
        self.size = 0
        """Grows with each change that is noted."""

    def note(self, module: str, name: str, methods: Collection[str] | None = None) -> None:
        """A function or class does something else; of a class only ``methods``, unless None."""
        key = (module, name)
        known = self.methods.setdefault(key, set()) if methods is not None else self.full
        before = len(self.names) + len(known)
        self.names.add(key)
        known.update(methods if methods is not None else {key})  # type: ignore[arg-type]
        self.size += len(self.names) + len(known) - before

    def pass_on(self, alias: tuple[str, str], origin: tuple[str, str]) -> None:
        """``alias`` is another name for ``origin``."""
        if origin in self.names:
            self.note(*alias, None if origin in self.full else self.methods.get(origin))


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
