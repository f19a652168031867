"""Which statements used, while their module was imported, something that has changed.

A function that is only called later needs nothing: its old object has the new code. A decorator that was applied, a
constant that was read, a base class that has another shape: the statement that used one at import has to run again, and
then whoever uses what that statement binds or changes in place.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Mapping

from .changed import Changed
from .changes import Ref
from .edits import Edit
from .effects import Effects
from .harmless import Harmless
from .inplace import InPlace
from .inspection import is_function
from .meaning import Meaning, Taint
from .records import Record
from .stars import ALL
from .statements import Names, Statement, read_statement
from .texts import Texts
from .values import class_stays, looks_at_attributes


class Uses:
    """Follows changed names through the modules that can see them, and selects the statements that have to run."""

    def __init__(
        self,
        records: Mapping[str, Record],
        edits: Mapping[str, Edit],
        whole: Collection[str],
        resets: Taint,
        marks: Callable[[str], Mapping[str, object]],
    ) -> None:
        """``whole``: modules that run again as a whole, so that everything they define may differ.

        ``resets``: (module, name) of objects that have to be made anew, because code that made entries in them runs again.
        """
        self._records = records
        self._edits = edits
        self._whole = whole
        self.texts = Texts(records, edits)
        self._meaning = Meaning(records, self.texts.names)
        self.changed = Changed(edits, resets)
        effects = Effects(records, self.texts, self._meaning)
        self._in_place = InPlace(records, self.texts, effects, self.changed, marks)
        self._harmless = Harmless(records, self.texts, self._meaning, self.changed)
        self.seen: set[str] = set()
        """Modules that can see one with a change in it."""
        self.selected: dict[str, set[int]] = {}
        """module -> positions of the statements that have to run"""
        for module, edit in edits.items():
            self._begin(module, edit)

    def _begin(self, module: str, edit: Edit) -> None:
        names = self.texts.names(module)
        self.lose(module, edit.gone)
        executed = set(map(id, edit.execute))
        for position, statement in enumerate(names.statements if names else ()):
            if id(statement.node) in executed:
                self._select(module, position)

    def lose(self, module: str, statements: Iterable[ast.stmt]) -> None:
        """These statements were run once and will not be again."""
        for node in statements:
            self._in_place.undo(module, read_statement(node, self._records[module].package))

    def start(self, module: str, positions: Iterable[int]) -> None:
        """Select statements for another reason than a change of text."""
        for position in positions:
            self._select(module, position)

    # -- following

    def follow(self) -> None:
        """Follow the changes from module to module until nothing more has to run.

        Only what names a module with a change in it can see that change, so only such modules are read.
        """
        waiting: dict[str, None] = {}

        def wake(origin: str) -> None:
            for module, record in self._records.items():
                if module not in waiting and (
                    module in self._edits or module in self.selected or record.may_see(origin)
                ):
                    waiting[module] = None

        for origin in {
            *self._edits,
            *self._whole,
            *self.selected,
            *(module for module, _ in self.changed.resets),
        }:
            wake(origin)
        while waiting:
            module = next(iter(waiting))
            del waiting[module]
            self.seen.add(module)
            told = set(self.changed.resets)
            if module not in self._whole and self._spread(module):
                for origin in {module, *(where for where, _ in self.changed.resets - told)}:
                    wake(origin)

    def _spread(self, module: str) -> bool:
        """Marks what in this module changes with what it uses; whether that was anything new."""
        names = self.texts.names(module)
        if names is None:
            return False
        first = self._size()
        while True:
            last = self._size()
            self.changed.pass_on(module, names)
            every = self.changed.every()
            for local, mentioned in names.inside.items():
                if any(self._tainted(module, names, reference, every) for reference in mentioned):
                    self.changed.behaviour.note(
                        module, local, self._methods_with(module, names, local, every)
                    )
                if any(
                    self._meaning.resolves(module, names, reference, self.changed.hooks)
                    for reference in mentioned
                ):
                    self.changed.hooks.add((module, local))
            for local, mentioned in names.hooks.items():
                if any(self._tainted(module, names, reference, every) for reference in mentioned):
                    self.changed.hooks.add((module, local))
            chosen = self.selected.get(module, ())
            every, strict = self.changed.every(), self.changed.strict()
            for position, statement in enumerate(names.statements):
                if position not in chosen and self._needs(module, names, statement, every, strict):
                    self._select(module, position)
            if self._size() == last:
                return last != first

    def _size(self) -> int:
        return self.changed.size() + sum(map(len, self.selected.values()))

    def _methods_with(self, module: str, names: Names, cls: str, every: Taint) -> set[str] | None:
        """The methods of a class that mention what changed; None if the class statement itself does, or it is no class."""
        methods = names.methods.get(cls)
        if methods is None:
            return None
        found = {
            method
            for method, refs in methods.items()
            if any(self._tainted(module, names, ref, every) for ref in refs)
        }
        for binder in names.binders.get(cls, ()):
            for base in binder.bases:
                target = self._meaning.target(module, names, base)
                if target in self.changed.behaviour.full or self._meaning.resolves(
                    module, names, base, every - self.changed.behaviour.names
                ):
                    return None
                found |= self.changed.behaviour.methods.get(target, set()) if target is not None else set()
        return None if "" in found else found

    def _needs(self, module: str, names: Names, statement: Statement, every: Taint, strict: Taint) -> bool:
        if any((module, name) in self.changed.resets for name in statement.binds):
            return True
        if self.changed.resets and any(
            self._meaning.target(module, names, ref) in self.changed.resets
            for ref in statement.changes
            if ref[-1]
        ):
            return True
        handed = self._harmless.mentions(module, names, statement)
        direct = statement.direct - handed
        if statement.shown and any(
            looks_at_attributes(self._records[module].module.__dict__.get(name)) for name in statement.binds
        ):
            direct |= statement.shown
        if any(self._tainted(module, names, reference, every) for reference in direct):
            return True
        if any(
            self._meaning.resolves(module, names, reference, strict) for reference in statement.held | handed
        ):
            return True
        if any(
            self._meaning.resolves(module, names, ref, self.changed.behaviour.full)
            for ref in statement.remade_with
        ):
            return True
        for local, origin in statement.aliases.items():
            if origin in self.changed.removed or (
                origin in self.changed.added and not self._is_bound(module, local)
            ):
                return True
            if origin[1] and origin[0] in self._whole:
                return True
        return bool(statement.stars) and self._brings_others(module, names, strict)

    def _brings_others(self, module: str, names: Names, strict: Taint) -> bool:
        """Do the module's star imports bring more or less than before, or what its own statements no longer bind?"""
        changed = {origin for origin, _ in strict | self.changed.added} | set(self._whole)
        return not changed.isdisjoint(names.stars) or any(
            (module, local) in self.changed.removed
            for local, origin in names.aliases.items()
            if origin[0] in names.stars
        )

    def _is_bound(self, module: str, local: str) -> bool:
        edit = self._edits.get(module)
        return edit is not None and local in edit.added | edit.values

    # -- selecting

    def _select(self, module: str, position: int) -> None:
        chosen = self.selected.setdefault(module, set())
        names = self.texts.names(module)
        if position in chosen or names is None:
            return
        chosen.add(position)
        statement = names.statements[position]
        namespace = self._records[module].module.__dict__
        if statement.stars:  # what the module hands on to star imports of itself may be more or less
            self.changed.values.add((module, ALL))
        for name in statement.binds:
            if isinstance(statement.node, ast.ClassDef):
                stays = (module, name) not in self.changed.resets and class_stays(namespace.get(name))
                self.changed.behaviour.note(module, name)
                if not stays:
                    self.changed.values.add((module, name))
            elif statement.defines:
                self.changed.behaviour.note(module, name)
                if name in namespace and not is_function(namespace[name]):
                    self.changed.values.add((module, name))
            elif not (isinstance(statement.node, (ast.Import, ast.ImportFrom))):
                self.changed.values.add((module, name))
            others = names.binders.get(name, ())
            if len(others) > 1:  # the last one wins, so all of them run in their order
                for other in others:
                    self._select(module, names.position(other))
        self._in_place.undo(module, statement)
        if not statement.pure:
            self._see_it_as_it_was(module, names, statement, position)

    def _see_it_as_it_was(self, module: str, names: Names, statement: Statement, position: int) -> None:
        """A statement that runs again must see names as they were at its place: bound or filled later, they are made anew."""
        seen = self._in_place.seen(names, statement)
        for name in seen - statement.binds:
            binders = names.binders[name]
            places = [names.position(binder) for binder in binders]
            if len(places) > 1 and max(places) > position:
                for place in places:
                    self._select(module, place)
        self._in_place.empty(module, names, seen, position)

    # -- what comes of it

    def rebindings(self, modules: Iterable[str]) -> list[tuple[str, str, str, str]]:
        """(module, its name, origin, name there) for from-imports of replaced values."""
        found = []
        for module in modules if self.changed.values else ():
            names = self.texts.names(module)
            for local, (origin, name) in names.aliases.items() if names else ():
                if (origin, name) in self.changed.values:
                    found.append((module, local, origin, name))
        return found

    def untouched_attributes(self, module: str, node: ast.ClassDef) -> set[str]:
        """Attributes of a class that is executed again whose own statements use nothing that changed."""
        names, every = self.texts.names(module), self.changed.every()
        if names is None or (module, node.name) in self.changed.resets:
            return set()
        found: set[str] = set()
        for part in node.body:
            statement = read_statement(part, self._records[module].package)
            if not any(self._tainted(module, names, ref, every) for ref in statement.direct | statement.held):
                found |= statement.binds
        return found

    def is_touched(self, module: str, position: int) -> bool:
        """Does the statement use something that changed, whatever its own text?"""
        names = self.texts.names(module)
        return names is None or self._needs(
            module, names, names.statements[position], self.changed.every(), self.changed.strict()
        )

    # -- references

    def _tainted(self, module: str, names: Names, reference: Ref, every: Taint) -> bool:
        return self._meaning.resolves(module, names, reference, every) or self._meaning.reaches(
            names, reference, self._whole
        )
