"""The one reader of import statements: in syntax trees, and in the text of files that are too many to be parsed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

ImportNode = ast.Import | ast.ImportFrom
_Functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

STAR = "*"


class Imported(NamedTuple):
    """One name of an import statement; modules are absolute if the statement's package was given."""

    module: str
    name: str
    """Empty for ``import module``."""
    bound: str
    """The name that is bound; empty for a star import."""
    home: str
    """The module that has ``name``, or that ``bound`` is: ``import a.b`` binds ``a``, and ``import a.b as c`` binds ``a.b``."""

    @property
    def whole(self) -> str:
        """The dotted name that is imported, module or not; a star import imports its module."""
        return f"{self.module}.{self.name}" if self.name not in ("", STAR) else self.module


def imported_by(node: ImportNode, package: str = "") -> list[Imported]:
    """What the statement imports into a module of ``package``, name by name."""
    if isinstance(node, ast.Import):
        tops = [alias.name.partition(".")[0] for alias in node.names]
        return [
            Imported(alias.name, "", alias.asname or top, alias.name if alias.asname else top)
            for alias, top in zip(node.names, tops, strict=True)
        ]
    module = absolute(node.level, node.module, package)
    return [
        Imported(module, alias.name, "" if alias.name == STAR else alias.asname or alias.name, module)
        for alias in node.names
    ]


def absolute(level: int, module: str | None, package: str) -> str:
    """The module that ``from <level dots><module> import`` names in a module of ``package``."""
    if not level:
        return module or ""
    parts = package.split(".")
    return ".".join(parts[: len(parts) - level + 1] + ([module] if module else []))


def everywhere(tree: ast.AST) -> Iterator[ImportNode]:
    """All import statements, at any depth."""
    return (node for node in ast.walk(tree) if isinstance(node, ImportNode))


def at_top_level(
    body: Iterable[ast.AST], *, classes: bool = True, guarded: bool = True, type_checking: bool = True
) -> Iterator[ImportNode]:
    """Those that run when the body runs, also inside of compound statements: not those of functions.

    Args:
        classes: also those in class bodies, which bind attributes and no names of the module.
        guarded: also those in a ``try`` that has handlers.
        type_checking: also those under ``if TYPE_CHECKING``.
    """
    for node in body:
        if isinstance(node, ImportNode):
            yield node
        elif isinstance(node, _Functions) or (isinstance(node, ast.ClassDef) and not classes):
            continue
        else:
            for field in ("body", "orelse", "finalbody"):
                if field == "body" and (
                    (not guarded and getattr(node, "handlers", None))
                    or (not type_checking and isinstance(node, ast.If) and _is_type_checking(node.test))
                ):
                    continue
                inner = getattr(node, field, None)
                if isinstance(inner, list):
                    yield from at_top_level(
                        inner, classes=classes, guarded=guarded, type_checking=type_checking
                    )
            for block in [*getattr(node, "handlers", ()), *getattr(node, "cases", ())]:
                yield from at_top_level(
                    block.body, classes=classes, guarded=guarded, type_checking=type_checking
                )


def _is_type_checking(test: ast.expr) -> bool:
    name = test.id if isinstance(test, ast.Name) else test.attr if isinstance(test, ast.Attribute) else ""
    return name == "TYPE_CHECKING"


def absolute_names(tree: ast.AST) -> Iterator[str]:
    """What the absolute imports of a tree name at any depth, also ``import_module("name")``: see ``names_in``."""
    for node in ast.walk(tree):
        if isinstance(node, ImportNode):
            if not getattr(node, "level", 0):
                yield from (imported.whole for imported in imported_by(node))
        elif isinstance(node, ast.Call):
            yield from _named_by_call(node)


def with_parents(names: Iterable[str]) -> Iterator[str]:
    """What imports of these names import: the packages above them, too."""
    for name in names:
        parts = name.split(".")
        yield from (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def _named_by_call(node: ast.Call) -> Iterator[str]:
    """``importlib.import_module("name")`` and ``__import__("name")``, if the name is a literal."""
    function = node.func
    called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
    if called in ("import_module", "__import__") and node.args:
        name = node.args[0]
        if isinstance(name, ast.Constant) and isinstance(name.value, str) and name.value[:1] not in ("", "."):
            yield name.value


# What each search begins with is one plain word, and only around it is looked at more closely: a pattern that may begin
# at any character takes ten times as long.
_WORD = re.compile(rb"import")
_IMPORT = re.compile(rb"[ \t]*import[ \t]+([^\n;#]+)")
_FROM = re.compile(rb"[ \t]*from[ \t]+([A-Za-z_][\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n;#]+)")
_BY_NAME = re.compile(rb"""import(?:_module|__)\(\s*["']([A-Za-z_][\w.]*)["']""")
_NAME = re.compile(rb"[A-Za-z_][\w.]*")
_COMMENT = re.compile(rb"#[^\n]*")

_LONGEST = 1000
"""Bytes of a line before ``import``: generated data may contain it ten thousand times in one line."""


def names_in(source: bytes) -> Iterator[str]:
    """What the import statements in a file's text name, at any depth: parsing a large library would hold up a cell by far longer.

    Modules by their absolute names; ``package.name`` for each name that is imported from a package, module or not.

    ``import_module("name")`` counts too. A match inside a string costs its caller one failed look-up and nothing else.
    """
    for word in _WORD.finditer(source):
        begin = max(0, word.start() - _LONGEST)
        before = max(source.rfind(separator, begin, word.start()) for separator in (b"\n", b";", b":"))
        yield from _named_by(source, max(before + 1, begin), word.start())


def _named_by(source: bytes, statement: int, word: int) -> Iterator[str]:
    called = _BY_NAME.match(source, word)
    if called:
        yield called[1].decode()
        return
    plain = _IMPORT.match(source, statement)
    if plain:
        yield from map(bytes.decode, _first_words(plain[1]))
        return
    from_module = _FROM.match(source, statement)
    if from_module:
        module, names = from_module[1].decode(), _COMMENT.sub(b"", from_module[2]).strip(b"()")
        found = [f"{module}.{name.decode()}" for name in _first_words(names)]
        yield from found or [module]


def _first_words(names: bytes) -> Iterator[bytes]:
    for part in names.split(b","):
        found = _NAME.match(part.strip())
        if found:
            yield found[0]
