"""Which modules used, while they were imported, something that an edit changed.

A function that is only called later needs nothing: its old object has the new code. A decorator that was applied, a
constant that was read, a base class that has another shape: whoever used one at import has to run again.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from .edits import Edit, Function
from .records import Record
from .source import Source

ALL = "*"


@dataclass
class Names:
    """One module's top level, by names. Built from its text; knows nothing of values."""

    aliases: dict[str, tuple[str, str]] = field(default_factory=dict)
    """local name -> (module, name) of a from-import; (module, "") of an import of a module"""
    lazy: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The same for imports in function bodies."""
    stars: list[str] = field(default_factory=list)
    inside: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)
    """function, class or alias -> what its code mentions, as dotted references split in two: (name,) or (name, attribute)"""
    direct: set[tuple[str, ...]] = field(default_factory=set)
    """What import-time code evaluates in a way that may call it or depend on its value."""
    held: set[tuple[str, ...]] = field(default_factory=set)
    """What import-time code only passes on: an alias, an entry of a literal container, a plain base class."""


@functools.lru_cache(maxsize=4096)
def read_names(source: Source, package: str) -> Names:
    names = Names()
    _Reader(names, package).read(source.tree.body)
    return names


class _Reader:
    def __init__(self, names: Names, package: str) -> None:
        self._names = names
        self._package = package

    def read(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        names = self._names
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    names.aliases[alias.asname] = (alias.name, "")
                else:
                    top = alias.name.partition(".")[0]
                    names.aliases[top] = (top, "")
        elif isinstance(node, ast.ImportFrom):
            module = self._absolute(node)
            for alias in node.names:
                if alias.name == ALL:
                    names.stars.append(module)
                else:
                    names.aliases[alias.asname or alias.name] = (module, alias.name)
        elif isinstance(node, Function):
            self._inside(node.name, node)
            self._signature(node, names.direct)
        elif isinstance(node, ast.ClassDef):
            self._inside(node.name, node)
            self._class(node)
        elif isinstance(node, ast.Assign) and all(isinstance(target, ast.Name) for target in node.targets):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    self._inside(target.id, node.value)
            self._value(node.value)
        elif isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
            for field_name, value in ast.iter_fields(node):
                if field_name in ("body", "orelse", "finalbody"):
                    self.read(value)
                elif field_name == "handlers":
                    for handler in value:
                        if handler.type is not None:
                            names.direct |= _references(handler.type)
                        self.read(handler.body)
                else:
                    for item in value if isinstance(value, list) else [value]:
                        if isinstance(item, ast.AST):
                            names.direct |= _references(item)
        else:
            names.direct |= _references(node)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self._package.split(".")
        return ".".join(parts[: len(parts) - node.level + 1] + ([node.module] if node.module else []))

    def _inside(self, name: str, node: ast.AST) -> None:
        for inner in ast.walk(node):
            if isinstance(inner, ast.ImportFrom):
                for alias in inner.names:
                    self._names.lazy.setdefault(
                        alias.asname or alias.name, (self._absolute(inner), alias.name)
                    )
            elif isinstance(inner, ast.Import):
                for alias in inner.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    self._names.lazy.setdefault(bound, (alias.name if alias.asname else bound, ""))
        self._names.inside.setdefault(name, set()).update(_references(node, bodies=True))

    def _signature(self, node: Function, into: set[tuple[str, ...]]) -> None:
        for part in [*node.decorator_list, node.args, node.returns]:
            if part is not None:
                into |= _references(part)

    def _class(self, node: ast.ClassDef) -> None:
        plain = not node.decorator_list and not node.keywords
        for base in node.bases:
            (self._names.held if plain else self._names.direct).update(_references(base))
        for part in [*node.decorator_list, *(keyword.value for keyword in node.keywords)]:
            self._names.direct |= _references(part)
        for statement in node.body:
            if isinstance(statement, Function):
                self._signature(statement, self._names.direct)
            elif isinstance(statement, ast.ClassDef):
                self._class(statement)
            else:
                self._names.direct |= _references(statement)

    def _value(self, value: ast.expr) -> None:
        if isinstance(value, (ast.Name, ast.Attribute)):
            self._names.held |= _references(value)
        elif isinstance(value, ast.Dict):
            for key in value.keys:
                if key is not None:
                    self._names.direct |= _references(key)
            for entry in value.values:
                self._value(entry)
        elif isinstance(value, (ast.List, ast.Tuple)):
            for entry in value.elts:
                self._value(entry)
        else:
            self._names.direct |= _references(value)


def _references(node: ast.AST, bodies: bool = False) -> set[tuple[str, ...]]:
    """Names, and names with their first attributes, that evaluating the node looks up; function bodies if asked."""
    found: set[tuple[str, ...]] = set()
    todo: list[ast.AST] = [node]
    while todo:
        current = todo.pop()
        if isinstance(current, ast.Attribute):
            chain = _chain(current)
            if chain:
                found.add(chain)
                continue
        elif isinstance(current, ast.Name):
            found.add((current.id,))
        elif isinstance(current, Function) and not bodies and current is not node:
            todo += [*current.decorator_list, current.args]
            continue
        todo += ast.iter_child_nodes(current)
    return found


def _chain(node: ast.expr) -> tuple[str, ...]:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ()
    return (node.id, *reversed(parts))


Taint = set[tuple[str, str]]


class Uses:
    """Follows changed names through the modules that can see them."""

    def __init__(
        self, records: Mapping[str, Record], edits: Mapping[str, Edit], whole: Collection[str]
    ) -> None:
        """``whole``: modules that run again as a whole, so that everything they define may differ."""
        self._records = records
        self._edits = edits
        self._whole = whole
        self.behaviour: Taint = set()
        self.values: Taint = set()
        self.removed: Taint = set()
        self.hooks: Taint = set()
        self.seen: set[str] = set()
        """Modules that can see one with a change in it."""
        self.added = {(module, name) for module, edit in edits.items() for name in edit.added}
        for module, edit in edits.items():
            for name in edit.behaviour:
                (self.hooks if name.endswith(".hook") else self.behaviour).add(
                    (module, name.partition(".")[0])
                )
            self.values |= {(module, name) for name in edit.values}
            self.removed |= {(module, name) for name in edit.removed}

    def names(self, module: str) -> Names | None:
        edit, record = self._edits.get(module), self._records[module]
        source = edit.new if edit is not None else record.text
        return read_names(source, record.package) if source is not None else None

    def must_run(self) -> set[str]:
        """The modules that have to run again, besides those that run as a whole anyway.

        Follows the changes from module to module: only what names a module with a change in it can see that change, so
        only such modules are read.
        """
        todo = [*self._edits, *self._whole]
        while todo:
            origin = todo.pop()
            for module, record in self._records.items():
                if module in self._edits or record.may_see(origin):
                    self.seen.add(module)
                    if module not in self._whole and self._spread(module):
                        todo.append(module)
        return {module for module in self.seen if module not in self._whole and self._used(module)}

    def _spread(self, module: str) -> bool:
        """Marks what in this module changes with what it uses; whether that was anything new."""
        names = self.names(module)
        if names is None:
            return False
        first = last = self._size()
        while True:
            for taint in (self.behaviour, self.values, self.removed, self.hooks):
                for local, (origin, name) in names.aliases.items():
                    if (origin, name) in taint:
                        taint.add((module, local))
                for star in names.stars:
                    taint.update([(module, name) for origin, name in taint if origin == star])
            every = self._every()
            for local, mentioned in names.inside.items():
                if any(self._tainted(module, names, reference, every) for reference in mentioned):
                    self.behaviour.add((module, local))
                if any(self._resolves(module, names, reference, self.hooks) for reference in mentioned):
                    self.hooks.add((module, local))
            if self._size() == last:
                return last != first
            last = self._size()

    def _size(self) -> int:
        return sum(map(len, (self.behaviour, self.values, self.removed, self.hooks)))

    def _every(self) -> Taint:
        return self.behaviour | self.values | self.removed | self.hooks | self.added

    def _used(self, module: str) -> bool:
        names = self.names(module)
        if names is None:
            return True
        every = self._every()
        if any(self._tainted(module, names, reference, every) for reference in names.direct):
            return True
        strict = self.values | self.removed | self.hooks
        if any(self._resolves(module, names, reference, strict) for reference in names.held):
            return True
        bound_now = self._edits[module].added | self._edits[module].values if module in self._edits else set()
        for local, origin in names.aliases.items():
            if origin in self.removed or (origin in self.added and local not in bound_now):
                return True
        return any(star in {origin for origin, _ in strict} or self._grew(star) for star in names.stars)

    def rebindings(self, modules: Iterable[str]) -> list[tuple[str, str, str, str]]:
        """(module, its name, origin, name there) for from-imports of replaced values."""
        found = []
        for module in modules if self.values else ():
            names = self.names(module)
            for local, (origin, name) in names.aliases.items() if names else ():
                if (origin, name) in self.values:
                    found.append((module, local, origin, name))
        return found

    def _grew(self, module: str) -> bool:
        edit = self._edits.get(module)
        return edit is not None and bool(edit.added)

    def _tainted(self, module: str, names: Names, reference: tuple[str, ...], every: Taint) -> bool:
        return self._resolves(module, names, reference, every) or self._reaches_whole(names, reference)

    def _reaches_whole(self, names: Names, reference: tuple[str, ...]) -> bool:
        origin, name = names.aliases.get(reference[0]) or names.lazy.get(reference[0], ("", ""))
        target = f"{origin}.{name}" if name else origin
        if origin in self._whole and name:
            return True
        for part in ("", *reference[1:]):
            target = f"{target}.{part}" if part else target
            if target in self._whole:
                return True
        return False

    def _resolves(self, module: str, names: Names, reference: tuple[str, ...], taint: Taint) -> bool:
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
