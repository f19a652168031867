"""What a dotted reference in one module's text means among the library's modules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from .changes import Ref
from .records import Record
from .statements import Names

Taint = set[tuple[str, str]]
"""(module, name) of globals of which something is known"""


class Meaning:
    """Follows references through imports. ``names(module)``: what the text of a module says."""

    def __init__(self, records: Mapping[str, Record], names: Callable[[str], Names | None]) -> None:
        self._records = records
        self._names = names

    def target(self, module: str, names: Names, ref: Ref) -> tuple[str, str] | None:
        """(module, name) of the library's global that a reference means or begins with."""
        origin, name = names.aliases.get(ref[0]) or names.lazy.get(ref[0], ("", ""))
        if not origin:
            return (module, ref[0]) if ref[0] in names.binders else None
        target, steps = (f"{origin}.{name}" if name else origin), list(ref[1:])
        if target not in self._records and name:
            return self._through(origin, name) if origin in self._records else None
        while steps:
            step = steps.pop(0)
            if f"{target}.{step}" not in self._records:
                return self._through(target, step) if target in self._records else None
            target = f"{target}.{step}"
        return None

    def _through(self, module: str, name: str, depth: int = 8) -> tuple[str, str]:
        """Where a name that a module only re-exports is defined."""
        names = self._names(module)
        origin = names.aliases.get(name) if names is not None else None
        if depth and origin and origin[1] and origin[0] in self._records:
            return self._through(*origin, depth - 1)
        return module, name

    @staticmethod
    def reaches(names: Names, reference: Ref, whole: Collection[str]) -> bool:
        """Does the reference mean one of the modules ``whole``, or something of theirs?"""
        if not whole:
            return False
        origin, name = names.aliases.get(reference[0]) or names.lazy.get(reference[0], ("", ""))
        target = f"{origin}.{name}" if name else origin
        if origin in whole and name:
            return True
        for part in ("", *reference[1:]):
            target = f"{target}.{part}" if part else target
            if target in whole:
                return True
        return False

    def resolves(self, module: str, names: Names, reference: Ref, taint: Taint) -> bool:
        """Does the reference, seen from ``module``, mean a name in ``taint``?"""
        if not taint:
            return False
        head = reference[0]
        if (module, head) in taint:
            return True
        origin, name = names.aliases.get(head) or names.lazy.get(head, ("", ""))
        if name and (origin, name) in taint:
            return True
        target = f"{origin}.{name}" if name else origin
        for part in reference[1:]:
            if (target, part) in taint:
                return True
            target = f"{target}.{part}"
        if target in self._records:
            return any(where == target for where, _ in taint)  # the module itself is handed on
        return False
