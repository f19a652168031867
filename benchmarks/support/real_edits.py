"""Edits of libraries that people have: one definition of an installed package, by kind of edit, and a branch of many files.

Every edit carries its number into the code, so that a cell can ask which edit it sees and no text comes twice.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import libraries
from .reload_cases import Case, save

BRANCH = 100  # files


@dataclass(frozen=True)
class Edit:
    """``name`` is a definition or constant of ``module``; ``asked`` is where the number is seen, if not there."""

    package: str
    kind: str
    module: str
    name: str
    asked: str = ""


EDITS = [
    Edit("rich", "body", "rich.text", "Text.copy"),
    Edit("rich", "constant", "rich.console", "JUPYTER_DEFAULT_COLUMNS"),
    Edit("rich", "decorator", "rich.measure", "measure_renderables"),
    Edit("rich", "base class", "rich.jupyter", "JupyterMixin", "rich.text.Text"),
    Edit("click", "body", "click.types", "Choice.convert"),
    Edit("click", "decorator", "click.utils", "echo"),
    Edit("click", "base class", "click.types", "ParamType", "click.types.Choice"),
    Edit("sqlglot", "body", "sqlglot.parser", "Parser.parse"),
    Edit("sqlglot", "constant", "sqlglot.optimizer.simplify", "TINYINT_MAX"),
    Edit("sqlglot", "base class", "sqlglot.expressions", "Expression", "sqlglot.expressions.Select"),
    Edit("sympy", "body", "sympy.core.basic", "Basic.copy"),
    Edit("sympy", "constant", "sympy.core.evalf", "DEFAULT_MAXPREC"),
    Edit("sympy", "base class", "sympy.core.basic", "Basic", "sympy.core.symbol.Symbol"),
    Edit("flask", "body", "flask.app", "Flask.make_response"),
    Edit("flask", "decorator", "flask.helpers", "url_for"),
    Edit("flask", "base class", "flask.sansio.scaffold", "Scaffold", "flask.app.Flask"),
    Edit("attr", "body", "attr._make", "Attribute.evolve"),
    Edit("attr", "decorator", "attr.validators", "instance_of"),
]

_IN_BODY = 'dict(c for c in {}.__code__.co_consts if type(c) is tuple and c[:1] == ("edit",))["edit"]'


def cases() -> Iterator[Case]:
    """One case for each edit, all modules of its library imported, and a branch of sqlglot."""
    for edit in EDITS:
        yield _case(edit)
    yield _branch("sqlglot")


def _case(edit: Edit) -> Case:
    file = Path(*edit.module.split(".")).with_suffix(".py")

    def write(root: Path, number: int) -> None:
        _rewrite(root, root / file, lambda text: edited(text, edit.kind, edit.name, number))

    asked = edit.asked or f"{edit.module}.{edit.name}"
    ask = {
        "body": _IN_BODY.format(asked),
        "constant": asked,
        "decorator": f"{asked}.edit",
        "base class": f"{asked}.edit",
    }[edit.kind]
    title = f"{edit.package}: {edit.kind} of {edit.name}"
    return Case(title, _copy(edit.package), import_all(edit.package, edit.module), write, ask, rounds=5)


def _branch(package: str) -> Case:
    """A function's body in each of the first files that have one."""

    def written(root: Path) -> list[tuple[Path, str]]:
        found = []
        for file in sorted((root / package).rglob("*.py")):
            original = _original(root, file)
            name = next(iter(_functions(ast.parse(original))), None)
            if name is not None:
                found.append((file, name))
        return found[:BRANCH]

    def write(root: Path, number: int) -> None:
        for file, name in written(root):
            _rewrite(root, file, lambda text, name=name: edited(text, "body", name, number))

    def last() -> str:
        file, name = written(libraries.PEERS)[-1]
        module = ".".join(file.relative_to(libraries.PEERS).with_suffix("").parts).removesuffix(".__init__")
        return _IN_BODY.format(f"sys.modules[{module!r}].{name}")

    title = f"{package}: a branch of {BRANCH} files"
    return Case(title, _copy(package), import_all(package, package), write, last(), rounds=5)


def import_all(package: str, module: str) -> str:
    """A cell that imports every module of the package that can be imported."""
    return (
        "import importlib, pkgutil, sys\n"
        f"import {package}\n"
        f"for found in pkgutil.walk_packages({package}.__path__, '{package}.', onerror=lambda name: None):\n"
        "    if not any(part in found.name for part in ('.tests', '__main__', '.benchmarks', 'conftest')):\n"
        "        try: importlib.import_module(found.name)\n"
        "        except Exception: pass\n"
        f"import {module}"
    )


def edited(text: str, kind: str, name: str, number: int) -> str:
    """``text`` with one edit of a kind at the definition or constant ``name``; it carries ``number``.

    Raises:
        StopIteration: the text has nothing of that name.
    """
    lines = text.splitlines(keepends=True)
    node = _find(ast.parse(text), name)
    if kind == "constant":
        assert isinstance(node, ast.Assign)
        lines[node.lineno - 1 : node.end_lineno] = [f"{name} = {number}\n"]
        return "".join(lines)
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    if kind == "decorator":
        at, indent, line = (
            node.lineno - 1,
            node.col_offset,
            f"@(lambda f: setattr(f, 'edit', {number}) or f)",
        )
    else:
        first = node.body[1] if ast.get_docstring(node, clean=False) and len(node.body) > 1 else node.body[0]
        start = min([first.lineno, *(mark.lineno for mark in getattr(first, "decorator_list", []))])
        value = f"edit = {number}" if kind == "base class" else f"edit = ('edit', {number})"
        at, indent, line = start - 1, first.col_offset, value
    return "".join([*lines[:at], " " * indent + line + "\n", *lines[at:]])


def _find(tree: ast.Module, name: str) -> ast.stmt:
    body: list[ast.stmt] = tree.body
    *outer, last = name.split(".")
    for part in outer:
        found = next(node for node in body if isinstance(node, ast.ClassDef) and node.name == part)
        body = found.body
    # Of several (overloads) the last one is what the name means.
    return next(node for node in reversed(body) if last in _names(node))


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def _functions(tree: ast.Module) -> Iterator[str]:
    """Plain functions of a module, and methods without decorators of its classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.decorator_list:
            yield node.name
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and not inner.decorator_list:
                    yield f"{node.name}.{inner.name}"


def _copy(package: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        root.mkdir(parents=True)
        libraries.installed(root, package)

    return make


def _original(root: Path, file: Path) -> str:
    return (libraries.PEERS / file.relative_to(root)).read_text()


def _rewrite(root: Path, file: Path, change: Callable[[str], str]) -> None:
    save(file, change(_original(root, file)))
