"""One version of one file: its statements, and the code that is run for them."""

from __future__ import annotations
import __future__

import ast
import importlib.util
import marshal
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import Any

from .bytecode import MADE, global_names, runs_with
from .made import mark
from .reparse import Stands, reparse
from .statements import HEAVY, LIGHT, STAR, Statement, analyse, containers_of, relate

FORMAT = 12
"""Of what ``dump`` writes."""


@dataclass(slots=True)
class Group:
    """Statements ``first`` to ``first + count - 1``, compiled as one. A group of more than one is light and not watched."""

    code: CodeType
    first: int
    count: int
    watched: bool
    containers: tuple[str, ...] = ()
    """Names that light statements in it bind to a list, dict or set of their own."""


class Unit:
    """A parsed file. Raises SyntaxError or ValueError where Python's compiler does.

    ``former``: an earlier version, whose unchanged parts are reused.
    """

    def __init__(self, path: str, data: bytes, former: Unit | None = None) -> None:
        self.path = path
        self.data = data
        self._nodes: list[ast.stmt] | None = None
        self._codes: dict[int, CodeType] = {}
        self._dumped: bytes | None = None
        self._groups: list[Group] | None = None
        self._parse(former)

    @classmethod
    def load(cls, path: str, data: bytes, dumped: bytes) -> Unit | None:
        """What ``dump`` has written for exactly these bytes; None if it has another format."""
        content = marshal.loads(dumped)
        if type(content) is not tuple or content[0] != FORMAT:
            return None
        unit = cls.__new__(cls)
        unit.path, unit.data, unit._nodes, unit._codes = path, data, None, {}
        unit.flags, unit._dumped = content[1], content[3]
        unit._groups = [Group(*group) for group in content[2]]
        return unit

    def dump(self) -> bytes:
        groups = tuple(
            (group.code, group.first, group.count, group.watched, group.containers) for group in self.groups
        )
        statements: Any = tuple(statement.as_tuple() for statement in self.statements)
        return marshal.dumps((FORMAT, self.flags, groups, marshal.dumps(statements)))

    def forget_tree(self) -> None:
        """The syntax tree is needed only while versions are compared."""
        self._nodes = None
        self._trees.clear()

    # -- statements

    def _parse(self, former: Unit | None) -> None:
        if former is not None and self._parse_like(former):
            return
        tree: Any = compile(self.data, self.path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        self._nodes = tree.body
        self.flags = _flags(alias.name for node in tree.body for alias in _future(node))
        self._relate(analyse(tree.body, self._postponed))

    @property
    def _postponed(self) -> bool:
        """Whether annotations are evaluated later, if at all: by the file's own word, or by Python (PEP 649)."""
        return bool(self.flags & _POSTPONED) or sys.version_info >= (3, 14)

    def _parse_like(self, former: Unit) -> bool:
        """What stands in both versions is neither parsed nor looked at again. False: that cannot be."""
        if former.flags & ~_POSTPONED:
            return False
        try:
            found = reparse(self.path, self.lines, former)
        except (SyntaxError, ValueError):  # no text; whoever parses it says so
            return False
        if found is None:
            return False
        before = former.statements
        self.flags = _flags(
            name
            for one in found
            for name in (
                _future_names(before[one.index])
                if isinstance(one, Stands)
                else [alias.name for alias in _future(one)]
            )
        )
        if self.flags != former.flags:
            return False
        new = [one for one in found if not isinstance(one, Stands)]
        analysed = iter(analyse(new, self._postponed))
        self._nodes = [_SPENT if isinstance(one, Stands) else one for one in found]
        statements = []
        for index, one in enumerate(found):
            if isinstance(one, Stands):
                statements.append(before[one.index].moved(one.lines))
                self._texts[index] = former.text(one.index)
            else:
                statements.append(next(analysed))
        self._relate(statements)
        return True

    def _relate(self, statements: list[Statement]) -> None:
        assert self._nodes is not None
        for index, (statement, node) in enumerate(zip(statements, self._nodes, strict=True)):
            if isinstance(node, ast.Expr) and statement.kind == LIGHT:
                statement.binds = ("__doc__",) if index == 0 and _is_text(node.value) else ()
        relate(statements)
        self.__dict__["statements"] = statements

    @cached_property
    def statements(self) -> list[Statement]:
        assert self._dumped is not None
        return [Statement(*values) for values in marshal.loads(self._dumped)]

    @cached_property
    def lines(self) -> list[str]:
        return importlib.util.decode_source(self.data).split("\n")

    def text(self, index: int) -> str:
        """The statement as it is written, without what follows it."""
        texts = self._texts
        text = texts.get(index)
        if text is None:
            statement = self.statements[index]
            text = texts[index] = _cut(self.lines, statement.start, statement.end)
        return text

    @cached_property
    def _trees(self) -> dict[int, ast.stmt]:
        return {}

    @cached_property
    def _texts(self) -> dict[int, str]:
        return {}

    # -- code

    @property
    def groups(self) -> list[Group]:
        """All of the file as it is run when the module is imported."""
        if self._groups is None:
            self._groups = list(self._compile_groups())
        return self._groups

    def _compile_groups(self) -> Iterator[Group]:
        statements = self.statements
        index = 0
        while index < len(statements):
            end = index
            while end < len(statements) and statements[end].kind == LIGHT and not statements[end].single:
                end += 1
            if end > index:
                nodes = [self._node(at) for at in range(index, end)]
                made = tuple(name for node in nodes for name in containers_of(node))
                yield Group(self._compile(nodes, index == 0), index, end - index, False, made)
                index = end
            else:
                made = tuple(containers_of(self._node(index))) if statements[index].kind == LIGHT else ()
                yield Group(self.code(index), index, 1, True, made)
                index += 1

    def code(self, index: int) -> CodeType:
        """One statement, with the hidden decorator where there are others."""
        code = self._codes.get(index)
        if code is None:
            code = self._group_code(index)
            if code is None:
                node = self._node(index)
                mark(node, self.statements[index].again)
                code = self._compile([node], index == 0)
                self._nodes = None if self._nodes is None else [*self._nodes]
                if self._nodes is not None:
                    self._nodes[index] = _SPENT
            self._codes[index] = code
            statement = self.statements[index]
            if statement.kind == HEAVY:
                statement.loads = loaded_by(code)
        return code

    def _group_code(self, index: int) -> CodeType | None:
        for group in self._groups or ():
            if group.first == index and group.watched:
                return group.code
        return None

    def tree(self, index: int) -> ast.stmt:
        """The statement's syntax tree, as it is written, without its position."""
        known = self._trees.get(index)
        if known is None:
            known = self._trees[index] = self._parsed(index, moved=False)
        return known

    def _node(self, index: int) -> ast.stmt:
        if self._nodes is not None and self._nodes[index] is not _SPENT:
            return self._nodes[index]
        return self._parsed(index)

    def _parsed(self, index: int, moved: bool = True) -> ast.stmt:
        """The statement's own tree; the rest of the file is parsed only where it shares its line with others."""
        statement = self.statements[index]
        if statement.start[1]:
            whole: Any = compile(self.data, self.path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
            shared: ast.stmt = whole.body[index]
            return shared
        text = self.text(index) + "\n"
        tree: Any = compile(text, self.path, "exec", ast.PyCF_ONLY_AST | self.flags, dont_inherit=True)
        node: ast.stmt = tree.body[0]
        return node if not moved else ast.increment_lineno(node, statement.start[0] - 1)

    def _compile(self, nodes: list[ast.stmt], at_the_top: bool) -> CodeType:
        if not at_the_top and isinstance(nodes[0], ast.Expr) and _is_text(nodes[0].value):
            nodes = [ast.copy_location(ast.Pass(), nodes[0]), *nodes[1:]]  # or it would be the docstring
        nodes = [*nodes, *self._imported_names(nodes)]
        code: CodeType = compile(ast.Module(nodes, []), self.path, "exec", self.flags, dont_inherit=True)
        return code

    def head(self, index: int) -> str:
        """The words of a function up to the first statement of its body that is no docstring; "" if it is none, or not parsed."""
        node = self._nodes[index] if self._nodes is not None else _SPENT
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return ""
        body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
        if not body:
            return ""
        start, _ = _span(body[0])
        return _cut(self.lines, self.statements[index].start, start)

    def is_class(self, index: int) -> bool:
        """Whether the statement defines a class; it is not parsed for that."""
        return "\nclass " in f"\n{self.text(index)}"

    @cached_property
    def imported(self) -> frozenset[str]:
        """Names that import statements of the top level bind."""
        return frozenset(
            bound or module.partition(".")[0] if names is None else name
            for statement in self.statements
            for _, module, names, bound in statement.imports
            for name in ([""] if names is None else [alias for _, alias in names])
        ).union(*(statement.mentions for statement in self.statements)) - {STAR}

    def _imported_names(self, nodes: list[ast.stmt]) -> list[ast.stmt]:
        """Lets the compiler know what is imported elsewhere in the file, as if it saw all of it.

        From 3.11 on it makes other bytecode of ``os.path()`` where ``os`` is imported (``is_import_originated`` in compile.c).
        """
        if sys.version_info < (3, 11) or not self.imported:
            return []
        (first, _), _ = _span(nodes[0])
        text = "\n".join(self.lines[first - 1 : nodes[-1].end_lineno])
        names = [ast.alias(name, None, **_NOWHERE) for name in sorted(self.imported) if name in text]
        if not names:
            return []
        return [ast.If(ast.Constant(False, **_NOWHERE), [ast.Import(names, **_NOWHERE)], [], **_NOWHERE)]


def _future(node: ast.stmt) -> list[ast.alias]:
    return node.names if isinstance(node, ast.ImportFrom) and node.module == "__future__" else []


def _future_names(statement: Statement) -> list[str]:
    return [
        name for _, module, names, _ in statement.imports if module == "__future__" for name, _ in names or ()
    ]


def _flags(names: Iterable[str]) -> int:
    found: int = 0
    for name in names:
        if name in _OPTIONAL:
            found |= getattr(__future__, name).compiler_flag
    return found


_POSTPONED = __future__.annotations.compiler_flag
_OPTIONAL = ("annotations", "barry_as_FLUFL")
"""Future features that are not in force anyway; the compiler marks code with no others (future.c)."""

_NOWHERE: Any = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 0}

_SPENT: Any = object()
"""In the place of a tree that ``mark`` has changed."""


def loaded_by(code: CodeType) -> tuple[str, ...]:
    """Names that a statement reads itself."""
    names: set[str] = set()
    for inner in runs_with(code):
        names |= global_names(inner)
    return tuple(sorted(names - {MADE}))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _span(node: ast.stmt) -> tuple[tuple[int, int], tuple[int, int]]:
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
    return (first, node.col_offset), (node.end_lineno or first, node.end_col_offset or 0)


def _cut(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    """Columns count bytes of UTF-8 (ast module)."""
    chosen = lines[start[0] - 1 : end[0]]
    if not chosen:
        return ""
    last = chosen[-1]
    if not (len(last) == end[1] and last.isascii()):
        chosen[-1] = last.encode()[: end[1]].decode()
    if start[1]:
        chosen[0] = f"\0{start[1]}\0" + chosen[0].encode()[start[1] :].decode()
    return "\n".join(chosen)
