"""What the texts of the library's modules say, with what their star imports bring."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping

from .edits import Edit
from .nodes import walk
from .records import Record
from .stars import public_names
from .statements import Names, Origin, read_names


class Texts:
    """``names(module)``: what a module says as it is on disk; ``both(module)``: also what it said when it was executed."""

    def __init__(self, records: Mapping[str, Record], edits: Mapping[str, Edit]) -> None:
        self._records = records
        self._edits = edits
        self._whole: dict[str, Names | None] = {}

    def names(self, module: str) -> Names | None:
        if module not in self._whole:
            edit, record = self._edits.get(module), self._records[module]
            source = edit.new if edit is not None else record.text
            names = read_names(source, record.package) if source is not None else None
            self._whole[module] = self._with_stars(names) if names is not None and names.stars else names
        return self._whole[module]

    def both(self, module: str) -> list[Names]:
        names, edit = self.names(module), self._edits.get(module)
        found = [names] if names is not None else []
        if edit is not None and edit.old is not edit.new:
            found.append(read_names(edit.old, self._records[module].package))
        return found

    def _with_stars(self, names: Names) -> Names:
        """A star import as one that names everything that it brings now, or may bring: the last one that has a name wins."""
        brought: dict[str, Origin] = {}
        for star in names.stars:
            if star in self._records:
                brought |= {
                    name: (star, name) for name in self._handed_on(star, set()) if name not in names.binders
                }
        found = copy.copy(names)
        found.aliases = brought | names.aliases
        return found

    def _handed_on(self, module: str, seen: set[str]) -> Iterator[str]:
        """Names that a star import of the module brings by what it is now, or may bring by its text."""
        seen.add(module)
        yield from public_names(self._records[module].module.__dict__)
        edit = self._edits.get(module)
        if edit is None:
            return
        names = read_names(edit.new, self._records[module].package)
        listed = names.binders.get("__all__", ())
        yield from (word for statement in listed for word in _words(statement.node))
        yield from (name for name in names.binders if not name.startswith("_"))
        for star in names.stars:
            if star in self._records and star not in seen:
                yield from self._handed_on(star, seen)


def _words(node: ast.AST) -> Iterator[str]:
    for inner in walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value
