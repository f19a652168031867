"""What an edit did to one module's text, and whether it can be applied without running the module again.

It can if nothing but function bodies changed, or statements whose only effect is the name they bind: a plain function,
an import, a literal, a class of plain functions. Everything else (and whatever this analysis does not know) means that
the module runs again as a whole.
"""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass, field
from types import CodeType

from .source import Source

PURE_DECORATORS = frozenset(
    ["property", "staticmethod", "classmethod", "abstractmethod", "overload", "override"]
)
PURE_CLASS_DECORATORS = frozenset(["final", "runtime_checkable"])
PURE_BASES = frozenset(
    ["object", "ABC", "Protocol", "Exception", "ValueError", "RuntimeError", "KeyError", "TypeError"]
)
HOOKS = frozenset(
    [
        "__init_subclass__",
        "__set_name__",
        "__class_getitem__",
        "__new__",
        "__prepare__",
        "__mro_entries__",
        "__call__",
    ]
)
"""Methods that run when a class is made or subscribed: changing their body changes what an import did."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Functions = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Edit:
    """``execute``: statements of the new text to run in the old namespace, in order.

    ``behaviour``: names whose functions or methods got other bodies. ``values``: names that mean another object or
    another shape. ``removed``: names that are no longer bound.
    """

    old: Source
    new: Source
    execute: list[ast.stmt] = field(default_factory=list)
    behaviour: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    """Classes whose statement is in ``execute``."""
    document: bool = False
    """The module's docstring changed."""

    @property
    def touched(self) -> set[str]:
        return self.behaviour | self.values | self.removed

    def code(self) -> CodeType:
        return compile(
            ast.Module(self.execute, []), self.new.path, "exec", dont_inherit=True, flags=_future(self.new)
        )


def _future(source: Source) -> int:
    return source.code.co_flags & 0x1FF0000


def compare(old: Source, new: Source) -> Edit | None:
    """The edit, or None if the module has to run again."""
    edit = Edit(old, new)
    befores, afters = _statements(old), _statements(new)
    edit.document = ast.get_docstring(old.tree, False) != ast.get_docstring(new.tree, False)
    if _future(old) != _future(new):
        return None
    shapes, new_shapes = _shapes(old), _shapes(new)
    left = {id(statement): statement for _, statement in shapes}
    waiting: dict[str, list[ast.stmt]] = {}
    for shape, statement in shapes:
        waiting.setdefault(shape, []).append(statement)
    matched: list[ast.stmt] = []
    added: list[ast.stmt] = []
    for shape, statement in new_shapes:
        if waiting.get(shape):
            before = waiting[shape].pop(0)
            del left[id(before)]
            matched.append(before)
            edit.behaviour |= _changed_bodies(before, statement)
        else:
            added.append(statement)
    removed = list(left.values())
    if not _same_order(matched, befores):
        return None
    bound_before, bound_after = _bindings(befores), _bindings(afters)
    for statement in [*removed, *added]:
        names = _bound(statement)
        if not _is_pure(statement) or any(
            bound_before.get(n, 0) > 1 or bound_after.get(n, 0) > 1 for n in names
        ):
            return None
    for statement in removed:
        for name in _bound(statement):
            (edit.values if name in bound_after else edit.removed).add(name)
    for statement in added:
        edit.execute.append(statement)
        edit.added |= {name for name in _bound(statement) if name not in bound_before}
        edit.values |= {name for name in _bound(statement) if name in bound_before}
    _keep_identities(edit, removed, added)
    if any(name == "*" or name.startswith("__") for name in edit.touched | edit.added):
        return None
    return edit


def _keep_identities(edit: Edit, removed: list[ast.stmt], added: list[ast.stmt]) -> None:
    """A function stays the object that it was, and so does a plain class: its users need only see other behaviour."""
    before = {
        statement.name: statement
        for statement in removed
        if isinstance(statement, (*Functions, ast.ClassDef))
    }
    for statement in added:
        if not isinstance(statement, (*Functions, ast.ClassDef)) or statement.name not in before:
            continue
        former = before[statement.name]
        if isinstance(statement, Functions) and isinstance(former, Functions):
            edit.values.discard(statement.name)
            edit.behaviour.add(statement.name)
        elif isinstance(statement, ast.ClassDef) and isinstance(former, ast.ClassDef):
            edit.classes.add(statement.name)
            bases = {_name(base) for node in (statement, former) for base in node.bases}
            if not bases & {"ABC", "Protocol"} and bases == {_name(base) for base in former.bases}:
                edit.values.discard(statement.name)
                edit.behaviour.add(statement.name)


def _statements(source: Source) -> list[ast.stmt]:
    body = source.tree.body
    return body[1:] if ast.get_docstring(source.tree, False) is not None else body


@functools.lru_cache(maxsize=1024)
def _shapes(source: Source) -> list[tuple[str, ast.stmt]]:
    return [(_shape(statement), statement) for statement in _statements(source)]


def _shape(statement: ast.stmt) -> str:
    """The statement's text without function bodies: those say nothing about what an import does."""
    functions = _functions(statement)
    bodies = [function.body for function in functions]
    for function in functions:
        function.body = []
    try:
        return ast.dump(statement)
    finally:
        for function, body in zip(functions, bodies, strict=True):
            function.body = body


def _changed_bodies(before: ast.stmt, after: ast.stmt) -> set[str]:
    """The top-level name under which a function's body differs; ``name.hook`` for methods that run at import."""
    changed: set[str] = set()
    for old, new in zip(_functions(before), _functions(after), strict=True):
        if list(map(ast.dump, old.body)) != list(map(ast.dump, new.body)):
            changed |= _bound(before) or {"*"}
            if new.name in HOOKS:
                changed |= {f"{name}.hook" for name in _bound(before)}
    return changed


def _functions(node: ast.AST) -> list[Function]:
    if isinstance(node, Function):
        return [node]
    return [function for child in ast.iter_child_nodes(node) for function in _functions(child)]


def _same_order(matched: list[ast.stmt], befores: list[ast.stmt]) -> bool:
    """Unchanged statements that may have effects must still come in the order in which they ran."""
    positions = {id(statement): index for index, statement in enumerate(befores)}
    order = [positions[id(s)] for s in matched if not (isinstance(s, Function) and _is_pure(s))]
    return order == sorted(order)


def _bindings(statements: list[ast.stmt]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for statement in statements:
        for name in _bound(statement):
            counts[name] = counts.get(name, 0) + 1
    return counts


def _bound(node: ast.AST) -> set[str]:
    """Names that the statement binds in the module."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.Import):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names}
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        return {node.id}
    if isinstance(node, ast.ExceptHandler) and node.name:
        return {node.name}.union(*map(_bound, node.body))
    if isinstance(node, ast.Lambda):
        return set()
    return set().union(*map(_bound, ast.iter_child_nodes(node)))


def _is_pure(statement: ast.stmt) -> bool:
    """Does running the statement do nothing but bind its names, to the same result whenever it runs?"""
    if isinstance(statement, Function):
        return not statement.decorator_list and _is_pure_signature(statement)
    if isinstance(statement, ast.Import):
        return all(alias.asname or "." not in alias.name for alias in statement.names)
    if isinstance(statement, ast.ImportFrom):
        return statement.module != "__future__" and all(alias.name != "*" for alias in statement.names)
    if isinstance(statement, ast.Assign):
        return all(isinstance(target, ast.Name) for target in statement.targets) and is_literal(
            statement.value
        )
    if isinstance(statement, ast.AnnAssign):
        return False
    if isinstance(statement, ast.ClassDef):
        return _is_pure_class(statement)
    return False


def _is_pure_signature(function: Function) -> bool:
    arguments = function.args
    defaults = [*arguments.defaults, *(default for default in arguments.kw_defaults if default is not None)]
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    annotations = [argument.annotation for argument in every if argument is not None] + [function.returns]
    return (
        all(map(is_literal, defaults))
        and not any(_calls(annotation) for annotation in annotations if annotation is not None)
        and not getattr(function, "type_params", None)
    )


def _calls(expression: ast.expr) -> bool:
    return any(isinstance(node, (ast.Call, ast.NamedExpr)) for node in ast.walk(expression))


def is_literal(expression: ast.expr) -> bool:
    """Made of constants only."""
    if isinstance(expression, ast.Constant):
        return True
    if isinstance(expression, (ast.Tuple, ast.List, ast.Set)):
        return all(map(is_literal, expression.elts))
    if isinstance(expression, ast.Dict):
        return all(key is not None and is_literal(key) for key in expression.keys) and all(
            map(is_literal, expression.values)
        )
    if isinstance(expression, ast.UnaryOp):
        return is_literal(expression.operand)
    if isinstance(expression, ast.BinOp):
        return is_literal(expression.left) and is_literal(expression.right)
    return False


def _is_pure_class(node: ast.ClassDef) -> bool:
    """A class of plain functions and literals, with nothing above it that looks at classes while they are made."""
    if node.keywords or node.decorator_list or getattr(node, "type_params", None):
        return False
    if not all(_name(base) in PURE_BASES and isinstance(base, ast.Name) for base in node.bases):
        return False
    for statement in node.body:
        if isinstance(statement, Function):
            plain = all(
                _name(decorator) in PURE_DECORATORS or _is_accessor(decorator)
                for decorator in statement.decorator_list
            )
            if not plain or not _is_pure_signature(statement) or statement.name in HOOKS:
                return False
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if not all(isinstance(target, ast.Name) and not target.id.startswith("__") for target in targets):
                return False
            if statement.value is not None and not is_literal(statement.value):
                return False
        elif not (
            isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        ) and not isinstance(statement, ast.Pass):
            return False
    return True


def _name(expression: ast.expr) -> str:
    return expression.id if isinstance(expression, ast.Name) else getattr(expression, "attr", "")


def _is_accessor(decorator: ast.expr) -> bool:
    """``@size.setter``"""
    return isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "getter", "deleter")
