"""The statements of a module's top level: what each binds and reads, and how closely it must be watched while it runs.

*Light* statements cannot run anybody's code: imports by name, plain ``def``, constants and names. They run in groups, and
what they read and bound follows from the module's namespace afterwards. *Heavy* ones run one by one under observation.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

LIGHT, QUIET_CLASS, HEAVY = 0, 1, 2
"""``QUIET_CLASS``: a class statement that runs only what its bases' metaclass and ``__init_subclass__`` run, if there are any."""

Import = tuple[int, str, "tuple[tuple[str, str], ...] | None", str]
"""(level, module, ((name, bound as), …) of ``from … import`` or None, bound as)"""

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SCOPES = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_BIND_NOTHING = frozenset([ast.Constant, ast.Lambda, ast.Pass, ast.Load, ast.Store, ast.Del])
_BINDS_NAME = (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
_BUILTIN_DECORATORS = frozenset(["property", "staticmethod", "classmethod"])
_BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")
"""Fields that hold statements, or blocks with a body of their own, in the order of the text."""
STAR = "*"


@dataclass(slots=True, eq=False)
class Statement:
    """One statement of the top level.

    ``start``, ``end``: (line from 1, column in bytes); decorators included. ``binds``: names that it may bind. ``loads``: names that
    it reads itself (class bodies and comprehensions included, functions not). ``deferred``: names in annotations that code
    may look up later. ``single``: runs by itself, because it binds or reads a name that other statements bind
    too, or shares a line with another.
    """

    start: tuple[int, int]
    end: tuple[int, int]
    kind: int
    binds: tuple[str, ...]
    loads: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    imports: tuple[Import, ...]
    deferred: tuple[str, ...]
    single: bool
    star: bool
    annotates: tuple[str, ...]
    """Names whose annotations go into the module's ``__annotations__``."""
    again: tuple[str, ...]
    """Names of ``binds`` that a later statement binds again."""
    mentions: tuple[str, ...]
    """Names that only type checkers import: the compiler knows of them, and nothing runs."""

    def as_tuple(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def moved(self, lines: int) -> Statement:
        values = list(self.as_tuple())
        values[0] = (self.start[0] + lines, self.start[1])
        values[1] = (self.end[0] + lines, self.end[1])
        return Statement(*values)  # type: ignore[arg-type]


def analyse(nodes: Sequence[ast.stmt], postponed: bool) -> list[Statement]:
    """``postponed``: annotations are not evaluated when a statement runs. ``loads`` of heavy statements are filled in by the compiler."""
    found = []
    for node in nodes:
        names = tuple(dict.fromkeys(bound_names(node)))
        imports = tuple(_imports(node))
        star = any(pairs is not None and any(name == STAR for name, _ in pairs) for _, _, pairs, _ in imports)
        kind = HEAVY if star else _kind(node, postponed)
        loads, attributes = (set(), set()) if kind == HEAVY else _reads(node, postponed)
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
        found.append(
            Statement(
                (first, node.col_offset), (node.end_lineno or first, node.end_col_offset or 0), kind, names,
                tuple(sorted(loads)), tuple(sorted(attributes)), imports, tuple(sorted(_deferred(node, postponed))),
                False, star, tuple(_annotated(node)), (), _mentioned(node),
            )
        )  # fmt: skip
    return found


def relate(statements: Sequence[Statement]) -> None:
    """Fill in what depends on the statements around: ``single`` and ``again``."""
    times = Counter(name for statement in statements for name in statement.binds)
    later = dict(times)
    for statement in statements:
        for name in statement.binds:
            later[name] -= 1
        statement.again = tuple(name for name in statement.binds if later[name])
        statement.single = statement.kind != HEAVY and any(
            times[name] > 1 for name in (*statement.binds, *statement.loads)
        )
    for statement, following in pairwise(statements):
        if following.start[0] == statement.end[0]:  # run by itself, its functions can be attributed
            statement.single = following.single = True


def bound_names(node: ast.AST) -> list[str]:
    """Names that a statement may bind or delete at its own level, in the order in which they stand there."""
    found: list[str] = []
    _bind(node, found)
    return found


def _bind(node: ast.AST, found: list[str]) -> None:
    kind = type(node)
    if kind is ast.Name:
        if type(node.ctx) is not ast.Load:  # type: ignore[attr-defined]
            found.append(node.id)  # type: ignore[attr-defined]
        return
    if kind in _BIND_NOTHING:
        return
    if kind in _DEFINITIONS:
        found.append(node.name)  # type: ignore[attr-defined]
        return
    if kind in _SCOPES:  # a walrus in a comprehension binds outside of it (PEP 572)
        found += [
            inner.target.id
            for inner in ast.walk(node)
            if isinstance(inner, ast.NamedExpr) and isinstance(inner.target, ast.Name)
        ]
        return
    if kind is ast.alias:
        if node.name != STAR:  # type: ignore[attr-defined]
            found.append((node.asname or node.name).partition(".")[0])  # type: ignore[attr-defined]
    elif kind in _BINDS_NAME and node.name:  # type: ignore[attr-defined]
        found.append(node.name)  # type: ignore[attr-defined]
    elif kind is ast.MatchMapping and node.rest:  # type: ignore[attr-defined]
        found.append(node.rest)  # type: ignore[attr-defined]
    for field in kind._fields:
        value = getattr(node, field, None)
        if type(value) is list:
            for part in value:
                if isinstance(part, ast.AST):
                    _bind(part, found)
        elif isinstance(value, ast.AST):
            _bind(value, found)


def _imports(node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield 0, alias.name, None, alias.asname or ""
    elif isinstance(node, ast.ImportFrom):
        yield (
            node.level, node.module or "", tuple((alias.name, alias.asname or alias.name) for alias in node.names), "",
        )  # fmt: skip
    elif isinstance(node, ast.If) and _is_type_checking(node.test):
        for other in node.orelse:
            yield from _imports(other)
    elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for field in _BLOCKS:
            for inner in getattr(node, field, ()):
                yield from _imports(inner)


def _mentioned(node: ast.AST) -> tuple[str, ...]:
    found: list[str] = []
    todo: list[ast.AST] = [node] if isinstance(node, ast.If) else []
    while todo:
        inner = todo.pop()
        if isinstance(inner, ast.alias):
            found.append((inner.asname or inner.name).partition(".")[0])
        elif isinstance(inner, (ast.Import, ast.ImportFrom)):
            todo += inner.names
        elif isinstance(inner, ast.stmt) and not isinstance(inner, _DEFINITIONS):
            todo += ast.iter_child_nodes(inner)
    return tuple(found)


# -- what cannot run anybody's code


def _kind(node: ast.stmt, postponed: bool) -> int:
    if isinstance(node, ast.ClassDef):
        return QUIET_CLASS if _is_quiet_class(node, postponed) else HEAVY
    return LIGHT if _is_light(node, postponed) else HEAVY


def _is_light(node: ast.stmt, postponed: bool) -> bool:
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass)):
        return True
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return not node.decorator_list and _is_quiet_definition(node, postponed)
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Name) for target in node.targets) and _is_quiet(node.value)
    if isinstance(node, ast.AnnAssign):
        named = isinstance(node.target, ast.Name) and (node.value is None or _is_quiet(node.value))
        return named and (postponed or _is_quiet_annotation(node.annotation))
    if isinstance(node, ast.If):
        return _is_type_checking(node.test) and all(
            _is_light(inner, postponed) for inner in (*node.body, *node.orelse)
        )
    return False


def _is_type_checking(test: ast.expr) -> bool:
    return (test.id if isinstance(test, ast.Name) else getattr(test, "attr", "")) == "TYPE_CHECKING"


def _is_quiet_definition(node: ast.FunctionDef | ast.AsyncFunctionDef, postponed: bool) -> bool:
    arguments = node.args
    defaults = [*arguments.defaults, *(default for default in arguments.kw_defaults if default is not None)]
    if not all(map(_is_quiet, defaults)):
        return False
    return postponed or all(
        _is_quiet_annotation(annotation) for annotation in _annotations_of(node) if annotation is not None
    )


def _annotations_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr | None]:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
    return [node.returns, *(argument.annotation for argument in every)]


def _is_quiet(node: ast.expr) -> bool:
    if isinstance(node, (ast.Constant, ast.Name)):
        return True
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(map(_is_quiet, node.elts))
    if isinstance(node, ast.Set):
        return all(isinstance(element, ast.Constant) for element in node.elts)
    if isinstance(node, ast.Dict):
        return all(isinstance(key, ast.Constant) for key in node.keys) and all(map(_is_quiet, node.values))
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.operand, ast.Constant)
    if isinstance(node, ast.BinOp):
        return all(isinstance(side, ast.Constant) for side in (node.left, node.right))
    if isinstance(node, ast.Lambda):
        return all(map(_is_quiet, [*node.args.defaults, *filter(None, node.args.kw_defaults)]))
    return False


def _is_quiet_annotation(node: ast.expr) -> bool:
    """Runs nothing but the typing module's code and its like."""
    if isinstance(node, (ast.Constant, ast.Name)):
        return True
    if isinstance(node, ast.Attribute):
        return isinstance(node.value, ast.Name)
    if isinstance(node, ast.Subscript):
        return _is_quiet_annotation(node.value) and _is_quiet_annotation(node.slice)
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(map(_is_quiet_annotation, node.elts))
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.BitOr) and all(map(_is_quiet_annotation, (node.left, node.right)))
    return False


def _is_quiet_class(node: ast.ClassDef, postponed: bool) -> bool:
    if node.decorator_list or node.keywords or getattr(node, "type_params", None):
        return False
    if not all(_is_quiet_base(base) for base in node.bases):
        return False
    return all(_is_quiet_in_class(inner, postponed) for inner in node.body)


def _is_quiet_base(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) or (
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    )


def _is_quiet_in_class(node: ast.stmt, postponed: bool) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return _is_quiet_definition(node, postponed) and all(map(_is_builtin_decorator, node.decorator_list))
    return not isinstance(node, (ast.Import, ast.ImportFrom, ast.If)) and _is_light(node, postponed)


def _is_builtin_decorator(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id in _BUILTIN_DECORATORS
    return isinstance(node, ast.Attribute) and node.attr in ("setter", "getter", "deleter")


def _annotated(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.simple:
        yield node.target.id
    if not isinstance(node, _DEFINITIONS):
        for block in (node, *getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            for field in ("body", "orelse", "finalbody"):
                for inner in getattr(block, field, None) or ():
                    yield from _annotated(inner)


def containers_of(node: ast.stmt) -> Iterator[str]:
    """Names that a light statement binds to a list, dict or set that it makes."""
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(
        node.value, (ast.List, ast.Dict, ast.Set)
    ):
        yield from bound_names(node)


# -- what they read


def _reads(node: ast.stmt, postponed: bool) -> tuple[set[str], set[tuple[str, str]]]:
    """Names, and attributes of names, that a light statement or a quiet class reads; a superset."""
    names: set[str] = set()
    attributes: set[tuple[str, str]] = set()
    todo: list[ast.AST] = [node]
    while todo:
        current = todo.pop()
        if isinstance(current, ast.Constant):
            continue
        if isinstance(current, (ast.FunctionDef, ast.AsyncFunctionDef)):
            todo += [*current.decorator_list, *current.args.defaults, *filter(None, current.args.kw_defaults)]
            if not postponed:
                todo += filter(None, _annotations_of(current))
            continue
        if isinstance(current, ast.Lambda):
            todo += [*current.args.defaults, *filter(None, current.args.kw_defaults)]
            continue
        if isinstance(current, ast.AnnAssign) and postponed:
            todo += filter(None, [current.target, current.value])
            continue
        if isinstance(current, ast.Name):
            if isinstance(current.ctx, ast.Load):
                names.add(current.id)
            continue
        if isinstance(current, ast.Attribute) and isinstance(current.value, ast.Name):
            attributes.add((current.value.id, current.attr))
        todo += ast.iter_child_nodes(current)
    return names, attributes


def _deferred(node: ast.stmt, postponed: bool) -> set[str]:
    """Names that annotations mention as text, where a decorator, a base class or a metaclass may look them up."""
    looked_at = isinstance(node, _DEFINITIONS) and (
        node.decorator_list or (isinstance(node, ast.ClassDef) and (node.bases or node.keywords))
    )
    if not looked_at:
        return set()
    found: set[str] = set()
    for annotation in _every_annotation(node):
        found.update(_names_in(annotation, postponed))
    return found


def _every_annotation(node: ast.AST) -> Iterator[ast.expr]:
    """Of all statements in ``node``, at any depth; expressions hold no statements, so they need not be looked into."""
    todo = [node]
    while todo:
        inner = todo.pop()
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from filter(None, _annotations_of(inner))
        elif isinstance(inner, ast.AnnAssign):
            yield inner.annotation
        for field in _BLOCKS:
            todo += getattr(inner, field, ())


def _names_in(annotation: ast.expr, postponed: bool) -> Iterator[str]:
    for inner in ast.walk(annotation):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            try:
                text = ast.parse(inner.value, mode="eval")
            except (SyntaxError, ValueError):
                continue
            yield from (name.id for name in ast.walk(text) if isinstance(name, ast.Name))
        elif postponed and isinstance(inner, ast.Name):
            yield inner.id
