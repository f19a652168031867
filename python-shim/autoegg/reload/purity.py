"""What a statement binds, and whether running it does nothing else."""

from __future__ import annotations

import ast

from .nodes import children, walk

PURE_DECORATORS = frozenset(
    ["property", "staticmethod", "classmethod", "abstractmethod", "overload", "override"]
)
BLIND_DECORATORS = PURE_DECORATORS | {
    "setter", "getter", "deleter", "contextmanager", "asynccontextmanager", "cached_property", "lru_cache", "cache", "wraps",
}  # fmt: skip
"""Decorators that make nothing out of what annotations name."""
TYPE_MAKERS = frozenset(["TypeVar", "TypeVarTuple", "ParamSpec", "NewType", "ForwardRef"])
TYPE_FORMS = frozenset(
    ["Annotated", "Callable", "ClassVar", "Concatenate", "Final", "Literal", "Optional", "Type", "Union", "dict", "frozenset",
     "list", "set", "tuple", "type", "Dict", "FrozenSet", "Iterable", "Iterator", "List", "Mapping", "Sequence", "Set", "Tuple"]
)  # fmt: skip
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


def bound(node: ast.AST) -> set[str]:
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
        return {node.name}.union(*map(bound, node.body))
    if isinstance(node, ast.Lambda):
        return set()
    return set().union(*map(bound, children(node)))


def is_pure(statement: ast.stmt) -> bool:
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
    return any(isinstance(node, (ast.Call, ast.NamedExpr)) for node in walk(expression))


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
    if not all(name_of(base) in PURE_BASES and isinstance(base, ast.Name) for base in node.bases):
        return False
    for statement in node.body:
        if isinstance(statement, Function):
            plain = all(
                name_of(decorator) in PURE_DECORATORS or _is_accessor(decorator)
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


def name_of(expression: ast.expr) -> str:
    return expression.id if isinstance(expression, ast.Name) else getattr(expression, "attr", "")


def only_names_types(value: ast.Call | ast.Subscript) -> bool:
    """``TypeVar("T", bound=Base)``, ``Callable[[Base], int]``: made to be written in annotations, whatever the types do."""
    if isinstance(value, ast.Call):
        return name_of(value.func) in TYPE_MAKERS
    return name_of(value.value) in TYPE_FORMS


def _is_accessor(decorator: ast.expr) -> bool:
    """``@size.setter``"""
    return isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "getter", "deleter")


def runs_with_a_class(method: str, node: ast.ClassDef) -> bool:
    """Does this method of ``node`` run when a class is made that has ``node`` above it or as its metaclass?"""
    if method in HOOKS:
        return True
    return method == "__init__" and any(
        name_of(base) == "type" or name_of(base).endswith("Meta") for base in node.bases
    )
