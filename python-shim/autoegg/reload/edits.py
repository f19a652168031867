"""What an edit did to one module's text: which statements are new, which are gone, whose function bodies changed.

Only new statements, and those that use what changed, are executed again. A statement whose only effect is the name that
it binds (a plain function, an import, a literal, a class of plain functions) is pure.
"""

from __future__ import annotations

import ast
import bisect
from dataclasses import dataclass, field
from types import CodeType

from .nodes import children
from .purity import Function, Functions, bound, is_pure, name_of, runs_with_a_class
from .shape import Key, key_of, shapes
from .source import Source
from .stars import ALL

PLAIN_DUNDERS = frozenset(["__all__", "__version__", "__author__"])
"""Names of modules that the import system does not look at while it gets or sets attributes."""


@dataclass
class Edit:
    """What the new text of a module has of the old, and what of it has to be executed in the module as it is.

    ``execute``: statements of the new text to run in the old namespace; ``plan`` adds those that use what changed.
    ``behaviour``: names whose functions or methods got other bodies. ``values``: names that mean another object or
    another shape. ``removed``: names that are no longer bound; ``added``: names that were not bound.
    """

    old: Source
    new: Source
    execute: list[ast.stmt] = field(default_factory=list)
    gone: list[ast.stmt] = field(default_factory=list)
    """Statements of the old text that are not in the new one."""
    behaviour: set[str] = field(default_factory=set)
    methods: dict[str, set[str]] = field(default_factory=dict)
    """class in ``behaviour`` -> the methods whose bodies changed, where nothing else of the class did"""
    values: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)
    stay: set[str] = field(default_factory=set)
    """Functions and classes whose statement is in ``execute`` and that must stay the objects that they are."""
    unbind: set[str] = field(default_factory=set)
    """Names to take out before anything is executed, so that what would fail in a fresh process fails here."""
    keep: dict[str, set[str]] = field(default_factory=dict)
    """class -> its attributes whose statements did not change, so that they keep what the run made of them"""
    methods_only: set[str] = field(default_factory=set)
    """Classes in ``execute`` of which nothing but plain methods came, went or changed."""
    document: bool = False
    """The module's docstring changed."""

    @property
    def touched(self) -> set[str]:
        return self.behaviour | self.values | self.removed

    @property
    def runs(self) -> bool:
        """Is anything executed that could have other effects than to bind names?"""
        return not all(map(is_pure, self.execute))

    def codes(self) -> list[CodeType]:
        """The statements to execute, made of the code objects of the whole new text: functions are known by those."""
        codes = []
        for statement in self.execute:
            part = ast.Module([statement], [])
            code = compile(part, self.new.path, "exec", dont_inherit=True, flags=_future(self.new))
            codes.append(code.replace(co_consts=_those_of(code, self.new.code)))
        return codes


def _those_of(part: CodeType, whole: CodeType) -> tuple[object, ...]:
    """The constants of ``part`` with the code objects of ``whole`` in the place of their equals.

    They go by name and place: some functions are compiled differently when the imports are not there to be seen.
    """

    def key(code: CodeType) -> tuple[str, int]:
        return code.co_name, code.co_firstlineno

    ours: dict[tuple[str, int], list[CodeType]] = {}
    theirs: dict[tuple[str, int], list[CodeType]] = {}
    for codes, source in ((ours, part), (theirs, whole)):
        for constant in source.co_consts:
            if isinstance(constant, CodeType):
                codes.setdefault(key(constant), []).append(constant)
    found: list[object] = []
    for constant in part.co_consts:
        if isinstance(constant, CodeType):
            mine, its = ours[key(constant)], theirs.get(key(constant), [])
            if len(mine) == len(its):
                constant = its[[id(code) for code in mine].index(id(constant))]
        found.append(constant)
    return tuple(found)


def _future(source: Source) -> int:
    return source.code.co_flags & 0x1FF0000


def compare(old: Source, new: Source) -> Edit | None:
    """The edit, or None if the module has to run again as a whole."""
    edit = Edit(old, new)
    edit.document = ast.get_docstring(old.tree, False) != ast.get_docstring(new.tree, False)
    if _future(old) != _future(new):
        return None
    waiting: dict[Key, list[ast.stmt]] = {}
    for shape, statement in shapes(old):
        waiting.setdefault(shape, []).append(statement)
    positions = {id(statement): index for index, (_, statement) in enumerate(shapes(old))}
    matched: list[tuple[ast.stmt, ast.stmt]] = []
    for shape, statement in shapes(new):
        if waiting.get(shape):
            matched.append((waiting[shape].pop(0), statement))
    staying = {id(pair[1]) for pair in _in_order(matched, positions)}
    left = {id(statement) for _, statement in shapes(old)}
    for before, after in matched:
        if id(after) in staying or (isinstance(after, Functions) and is_pure(after)):
            left.discard(id(before))
            edit.behaviour |= _changed_bodies(before, after)
            if isinstance(before, ast.ClassDef) and isinstance(after, ast.ClassDef):
                changed = {
                    part.name
                    for part, now in zip(before.body, after.body, strict=True)
                    if isinstance(part, (*Functions, ast.ClassDef)) and key_of(part) != key_of(now)
                }
                if changed:
                    edit.methods[before.name] = changed
            if (
                id(after) not in staying
            ):  # a plain function that moved: whoever calls it at import sees where it is
                edit.behaviour |= bound(after)
                edit.unbind |= bound(after)
                edit.execute.append(after)
            staying.add(id(after))
    removed = [statement for _, statement in shapes(old) if id(statement) in left]
    added = [statement for _, statement in shapes(new) if id(statement) not in staying]
    bound_before = set().union(*(bound(statement) for _, statement in shapes(old)))
    bound_after = set().union(*(bound(statement) for _, statement in shapes(new)))
    for statement in removed:
        for name in bound(statement):
            (edit.values if name in bound_after else edit.removed).add(name)
    for statement in added:
        edit.added |= {name for name in bound(statement) if name not in bound_before}
        edit.values |= {name for name in bound(statement) if name in bound_before}
    edit.execute += added
    edit.gone = removed
    _keep_identities(edit, removed, added)
    names = {name.removesuffix(".hook") for name in edit.touched | edit.added}
    if any(name == ALL or (name.startswith("__") and name not in PLAIN_DUNDERS) for name in names):
        return None
    return edit


def _in_order(
    matched: list[tuple[ast.stmt, ast.stmt]], positions: dict[int, int]
) -> list[tuple[ast.stmt, ast.stmt]]:
    """The longest part of ``matched`` that stands in the same order in both texts."""
    ends: list[int] = []
    tails: list[int] = []
    before_me: list[int] = []
    for index, (old, _) in enumerate(matched):
        place = bisect.bisect_left(ends, positions[id(old)])
        ends[place : place + 1] = [positions[id(old)]]
        tails[place : place + 1] = [index]
        before_me.append(tails[place - 1] if place else -1)
    found = []
    index = tails[-1] if tails else -1
    while index >= 0:
        found.append(matched[index])
        index = before_me[index]
    return found[::-1]


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
            edit.behaviour.add(statement.name)
            if list(map(key_of, statement.decorator_list)) == list(map(key_of, former.decorator_list)):
                edit.values.discard(statement.name)
        elif isinstance(statement, ast.ClassDef) and isinstance(former, ast.ClassDef):
            bases = [name_of(base) for base in statement.bases]
            same = bases == [name_of(base) for base in former.bases] and not {"ABC", "Protocol"} & set(bases)
            if same and not statement.keywords and not former.keywords:
                edit.values.discard(statement.name)
                edit.behaviour.add(statement.name)


def _changed_bodies(before: ast.stmt, after: ast.stmt) -> set[str]:
    """The top-level name under which a function's body differs; ``name.hook`` for methods that run at import."""
    changed: set[str] = set()
    for old, new in zip(_functions(before), _functions(after), strict=True):
        if list(map(key_of, old.body)) != list(map(key_of, new.body)):
            changed |= bound(before) or {ALL}
            if isinstance(before, ast.ClassDef) and runs_with_a_class(new.name, before):
                changed |= {f"{name}.hook" for name in bound(before)}
    return changed


def differ_in_methods_only(old: ast.ClassDef, new: ast.ClassDef) -> bool:
    """Are two class statements the same but for plain methods?"""

    def rest(node: ast.ClassDef) -> list[Key]:
        parts = [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
        others = [part for part in node.body if not (isinstance(part, Functions) and not part.decorator_list)]
        return [key_of(part) for part in [*parts, *(p for p in others if not isinstance(p, ast.Pass))]]

    return rest(old) == rest(new)


def _functions(node: ast.AST) -> list[Function]:
    if isinstance(node, Function):
        return [node]
    return [function for child in children(node) for function in _functions(child)]
