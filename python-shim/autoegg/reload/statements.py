"""A module's top level, statement by statement: what each binds, uses, passes on and may change in place.

Built from the text alone; knows nothing of values.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..import_statements import STAR, ImportNode, imported_by
from .changes import Ref, chain, changes_of
from .mentions import evaluated_with, only_compared, parts_of_class, references
from .nodes import walk
from .purity import BLIND_DECORATORS, Function, bound, is_pure, name_of, only_names_types, runs_with_a_class
from .source import Source

Origin = tuple[str, str]
"""(module, name) of a from-import; (module, "") of an import of a module"""


@dataclass
class Statement:
    """One statement of a module's top level; a compound one (``if``, ``try``, ``for``) with all that is in it."""

    node: ast.stmt
    package: str
    binds: set[str] = field(default_factory=set)
    aliases: dict[str, Origin] = field(default_factory=dict)
    lazy: dict[str, Origin] = field(default_factory=dict)
    """The same as ``aliases`` for imports in function bodies."""
    stars: list[str] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    """Modules that its import statements name, or may name."""
    inside: dict[str, set[Ref]] = field(default_factory=dict)
    """function, class or alias -> what its code mentions"""
    methods: dict[str, dict[str, set[Ref]]] = field(default_factory=dict)
    """class -> method -> what its code mentions; under an empty name, what the rest of the class statement does"""
    inside_changes: dict[str, set[Ref]] = field(default_factory=dict)
    """function or class -> what its code may change in place"""
    hooks: dict[str, set[Ref]] = field(default_factory=dict)
    """class -> what those of its methods mention that run when a class is derived from it"""
    direct: set[Ref] = field(default_factory=set)
    """What it evaluates in a way that may call it or depend on its value."""
    held: set[Ref] = field(default_factory=set)
    """What it only passes on: an alias, an entry of a literal container, a plain base class."""
    shown: set[Ref] = field(default_factory=set)
    """What a class's attributes are, or are annotated with, where at most a base or a metaclass makes something out of it."""
    bases: set[Ref] = field(default_factory=set)
    remade_with: set[Ref] = field(default_factory=set)
    """Bases of a class that a decorator looks at: it has to be made again when one of them is."""
    changes: set[Ref] = field(default_factory=set)
    """What evaluating it may change in place."""

    makes: set[Ref] = field(default_factory=set)
    """What it calls for values that it only binds, and mentions nowhere else."""
    callee: Ref | None = None
    handed: set[Ref] = field(default_factory=set)
    """Of a call whose result nobody uses: what is called, and the plain references that it is given."""

    @property
    def pure(self) -> bool:
        return is_pure(self.node)

    @property
    def lines(self) -> range:
        first = min([self.node.lineno, *(d.lineno for d in getattr(self.node, "decorator_list", ()))])
        return range(first, (self.node.end_lineno or first) + 1)

    @property
    def defines(self) -> bool:
        """Is it a function or class statement?"""
        return isinstance(self.node, (*Function.__args__, ast.ClassDef))


@dataclass
class Names:
    """All statements of one module, and what they say together."""

    statements: list[Statement]
    aliases: dict[str, Origin] = field(default_factory=dict)
    lazy: dict[str, Origin] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    inside: dict[str, set[Ref]] = field(default_factory=dict)
    methods: dict[str, dict[str, set[Ref]]] = field(default_factory=dict)
    inside_changes: dict[str, set[Ref]] = field(default_factory=dict)
    hooks: dict[str, set[Ref]] = field(default_factory=dict)
    binders: dict[str, list[Statement]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for statement in self.statements:
            self.aliases.update(statement.aliases)
            for name, origin in statement.lazy.items():
                self.lazy.setdefault(name, origin)
            self.stars += statement.stars
            self.methods.update(statement.methods)
            for mine, its in (
                (self.inside, statement.inside),
                (self.inside_changes, statement.inside_changes),
                (self.hooks, statement.hooks),
            ):
                for name, refs in its.items():
                    mine.setdefault(name, set()).update(refs)
            for name in statement.binds:
                self.binders.setdefault(name, []).append(statement)

    @functools.cached_property
    def rebound(self) -> set[str]:
        """Names to which functions give other values (``global``)."""
        nodes = (node for statement in self.statements for node in walk(statement.node))
        return {name for node in nodes if isinstance(node, ast.Global) for name in node.names}

    def position(self, statement: Statement) -> int:
        return next(index for index, other in enumerate(self.statements) if other is statement)


@functools.lru_cache(maxsize=4096)
def read_names(source: Source, package: str) -> Names:
    """The names of ``source`` as a module of ``package``."""
    return Names([read_statement(node, package) for node in source.tree.body])


def read_statement(node: ast.stmt, package: str) -> Statement:
    statement = Statement(node, package, bound(node))
    _Reader(statement).read([node])
    statement.changes |= changes_of(node)
    statement.makes = _made_by(node)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        statement.callee = chain(call.func) or None
        statement.handed = {chain(argument) for argument in call.args} - {(), statement.callee}
    return statement


def _made_by(node: ast.stmt) -> set[Ref]:
    """What is called for a value that is only bound: by an assignment, or by those of a class that nothing else looks at."""
    if isinstance(node, ast.ClassDef) and not (node.decorator_list or node.keywords or node.bases):
        parts = node.body
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        parts = [node]
    else:
        return set()
    made: set[Ref] = set()
    others: list[ast.AST] = []
    for part in parts:
        if isinstance(part, (ast.Assign, ast.AnnAssign)) and isinstance(part.value, ast.Call):
            made.add(chain(part.value.func))
            others += [*part.value.args, *(keyword.value for keyword in part.value.keywords)]
        elif isinstance(part, Function):
            others += evaluated_with(part)
        else:
            others.append(part)
    return made - {()} - set().union(*map(references, others))


class _Reader:
    def __init__(self, statement: Statement) -> None:
        self._to = statement

    def read(self, body: Iterable[ast.stmt]) -> None:
        for node in body:
            self._statement(node)

    def _statement(self, node: ast.stmt) -> None:
        to = self._to
        if isinstance(node, ImportNode):
            for imported in imported_by(node, to.package):
                to.imports |= {imported.module, imported.whole}
                if imported.bound:
                    to.aliases[imported.bound] = (imported.home, imported.name)
                else:
                    to.stars.append(imported.module)
        elif isinstance(node, Function):
            self._inside(node.name, node)
            self._signature(node)
        elif isinstance(node, ast.ClassDef):
            self._inside(node.name, node)
            self._class(node)
        elif isinstance(node, ast.Assign) and all(isinstance(target, ast.Name) for target in node.targets):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    self._inside(target.id, node.value)
            self._value(node.value)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self._target(target)
            self._value(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            self._annotation(node.annotation, inspected=False)
            if node.value is not None:
                self._inside(node.target.id, node.value)
                self._value(node.value)
        elif isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
            for field_name, value in ast.iter_fields(node):
                if field_name in ("body", "orelse", "finalbody"):
                    self.read(value)
                elif field_name == "handlers":
                    for handler in value:
                        if handler.type is not None:
                            to.direct |= references(handler.type)
                        self.read(handler.body)
                else:
                    for item in value if isinstance(value, list) else [value]:
                        if isinstance(item, ast.AST):
                            to.direct |= references(item)
        else:
            to.direct |= references(node)

    def _inside(self, name: str, node: ast.AST) -> None:
        for inner in walk(node):
            if isinstance(inner, ImportNode):
                for imported in imported_by(inner, self._to.package):
                    self._to.lazy.setdefault(imported.bound or STAR, (imported.home, imported.name))
        self._to.inside.setdefault(name, set()).update(references(node, bodies=True))
        if isinstance(node, (*Function.__args__, ast.ClassDef)):
            self._to.inside_changes.setdefault(name, set()).update(changes_of(node, inside=True))

    def _signature(self, node: Function, inspected: bool = False) -> None:
        """``inspected``: by decorators, which may make something out of what the annotations name; else those only name it."""
        arguments = node.args
        for part in evaluated_with(node):
            self._to.direct |= references(part)
        every = [
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            arguments.vararg,
            arguments.kwarg,
        ]
        inspected = inspected or any(
            name_of(decorator.func if isinstance(decorator, ast.Call) else decorator) not in BLIND_DECORATORS
            for decorator in node.decorator_list
        )
        for annotation in [*(argument.annotation for argument in every if argument), node.returns]:
            if annotation is not None:
                self._annotation(annotation, inspected)

    def _annotation(self, annotation: ast.expr, inspected: bool) -> None:
        calls = inspected or any(isinstance(part, ast.Call) for part in walk(annotation))
        (self._to.direct if calls else self._to.held).update(references(annotation))

    def _class(self, node: ast.ClassDef) -> None:
        to = self._to
        methods = to.methods.setdefault(node.name, {})
        plain = not node.decorator_list and all(keyword.arg == "metaclass" for keyword in node.keywords)
        for base in node.bases:
            found = references(base)
            to.bases |= found
            to.held |= found
            if not plain:
                to.remade_with |= found
        for keyword in node.keywords:
            if keyword.arg == "metaclass":
                to.bases |= references(keyword.value)
                to.held |= references(keyword.value)
            else:
                to.direct |= references(keyword.value)
        for decorator in node.decorator_list:
            to.direct |= references(decorator)
        for part in parts_of_class(node.body):
            if isinstance(part, Function):
                self._signature(part, bool(node.decorator_list))
                methods.setdefault(part.name, set()).update(references(part, bodies=True))
                if runs_with_a_class(part.name, node):
                    mentioned = references(part, bodies=True) - only_compared(part)
                    to.hooks.setdefault(node.name, set()).update(mentioned)
            elif isinstance(part, (ast.Assign, ast.AnnAssign)):
                methods.setdefault("", set()).update(self._attribute(part, node))
            else:
                if isinstance(part, ast.ClassDef):
                    self._class(part)
                else:
                    to.direct |= references(part)
                methods.setdefault("", set()).update(references(part, bodies=True))

    def _attribute(self, node: ast.Assign | ast.AnnAssign, cls: ast.ClassDef) -> set[Ref]:
        """Returns what it does not only show."""
        shown: set[Ref] = references(node.annotation) if isinstance(node, ast.AnnAssign) else set()
        direct: set[Ref] = set()
        if isinstance(node.value, (ast.Name, ast.Attribute)):
            shown |= references(node.value)
        elif node.value is not None:
            direct |= references(node.value)
        if cls is self._to.node and not cls.decorator_list and not cls.keywords:
            self._to.shown |= shown
            self._to.held |= shown
        else:
            direct |= shown
        self._to.direct |= direct
        return direct

    def _target(self, target: ast.expr) -> None:
        """What is set as an attribute or entry of an object only has to know which object that is."""
        if isinstance(target, (ast.Attribute, ast.Subscript)):
            self._value(target.value)
            if isinstance(target, ast.Subscript):
                self._to.direct |= references(target.slice)
        else:
            self._to.direct |= references(target)

    def _value(self, value: ast.expr) -> None:
        if isinstance(value, (ast.Name, ast.Attribute)):
            self._to.held |= references(value)
        elif isinstance(value, ast.Dict):
            for key in value.keys:
                if key is not None:
                    self._to.direct |= references(key)
            for entry in value.values:
                self._value(entry)
        elif isinstance(value, (ast.List, ast.Tuple)):
            for entry in value.elts:
                self._value(entry)
        elif isinstance(value, (ast.Call, ast.Subscript)) and only_names_types(value):
            self._to.held |= references(value)
        else:
            self._to.direct |= references(value)
