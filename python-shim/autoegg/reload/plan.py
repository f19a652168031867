"""What must run again: single statements where the texts tell which, else whole modules and whoever imports them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .edits import Edit, compare, differ_in_methods_only
from .purity import bound
from .records import Record
from .shape import key_of
from .source import Source
from .stars import public_names
from .state import holds_from
from .statements import Names, Statement
from .uses import Uses


class ImportGraph:
    """Who imports a module, found by the words in the sources first and parsed only where those occur."""

    def __init__(self, records: Mapping[str, Record], inside_functions: bool = False) -> None:
        self._records = records
        self._inside_functions = inside_functions

    def importers(self, module: str) -> list[str]:
        leaf = module.rpartition(".")[2].encode()
        prefix = module + "."
        return [
            record.name
            for record in self._records.values()
            if record.name != module
            and (record.mentions(leaf) or record.name.startswith(prefix))
            and module in record.imports(self._inside_functions)
        ]

    def closure(self, modules: Iterable[str]) -> set[str]:
        """The modules and everything that imports one of them, over any number of steps."""
        found = set(modules)
        todo = list(found)
        while todo:
            for importer in self.importers(todo.pop()):
                if importer not in found:
                    found.add(importer)
                    todo.append(importer)
        return found


def must_run(
    records: Mapping[str, Record],
    stale: Collection[str],
    gone: Collection[str],
    boxes: Callable[[str], list[Any]],
) -> list[str]:
    """Modules to run again, in the order in which they were first imported. ``boxes(module)``: its containers."""
    graph = ImportGraph(records)
    affected = {*stale, *gone}
    while affected:
        affected = graph.closure(affected)
        holders = {
            name
            for name, record in records.items()
            if name not in affected and holds_from(record.module, boxes(name), affected)
        }
        if not holders:
            return [name for name in records if name in affected]
        affected |= holders
    return []


@dataclass
class Plan:
    """``edits``: modules of which single statements run, or that only take new code; ``rerun``: modules that run as a whole.

    ``rebind``: (module, its name, origin, name there): from-imports of a value that an edit replaced.
    ``caches``: (module, name) of what now computes something else, itself or through what it calls.
    """

    edits: dict[str, Edit]
    rerun: list[str]
    order: list[str]
    """All of these, in the order in which they run."""
    rebind: list[tuple[str, str, str, str]]
    caches: list[tuple[str, str]]
    methods: dict[tuple[str, str], set[str]]
    """Of those classes in ``caches`` of which only methods changed: which."""


@dataclass
class Wanted:
    """What is known to have to run, besides what changed texts ask for."""

    whole: set[str] = field(default_factory=set)
    """Modules that must run as a whole, whatever changed in them."""
    gone: Collection[str] = ()
    lines: dict[str, set[int]] = field(default_factory=dict)
    """module -> lines of its top level that read data which has changed"""
    imports: dict[str, set[str]] = field(default_factory=dict)
    """module -> modules that it tried to import and that are there now"""
    resets: set[tuple[str, str]] = field(default_factory=set)
    """(module, name) of objects that must be made anew"""
    caches: set[tuple[str, str]] = field(default_factory=set)


def make_plan(
    records: Mapping[str, Record],
    stale: Mapping[str, Source],
    wanted: Wanted,
    boxes: Callable[[str], list[Any]],
    marks: Callable[[str], Mapping[str, object]],
) -> Plan:
    """``stale``: module -> its text now. ``boxes(module)``: its containers; ``marks(module)``: its globals when imported."""
    edits: dict[str, Edit] = {}
    for name, new in stale.items():
        old = records[name].source
        edit = compare(old, new) if old is not None and name not in wanted.whole else None
        if edit is not None:
            edits[name] = edit
    rerun = set(must_run(records, {*stale.keys() - edits.keys(), *wanted.whole}, wanted.gone, boxes))
    while True:
        edits = {name: edit for name, edit in edits.items() if name not in rerun}
        uses = Uses(records, edits, rerun, wanted.resets, marks)
        for name in rerun:
            old = records[name].source
            uses.lose(name, _lost(old, None if name in wanted.gone else stale.get(name, old)))
        more = _start(uses, wanted, rerun)
        uses.follow()
        more |= {name for name in uses.selected if name not in rerun and records[name].source is None}
        if not more:
            break
        rerun = set(must_run(records, rerun | more, wanted.gone, boxes))
    for name in uses.selected:
        source = records[name].source
        if name not in edits and name not in rerun and source is not None:
            edits[name] = Edit(source, source)
    for name, edit in edits.items():
        _fill(name, edit, uses, records)
    rerunning = [name for name in records if name in rerun]
    return Plan(
        edits,
        rerunning,
        _order(edits, rerunning, records),
        uses.rebindings(name for name in records if name in uses.seen and name not in rerun),
        sorted(uses.changed.behaviour.names | wanted.caches),
        {
            key: methods
            for key, methods in uses.changed.behaviour.methods.items()
            if key not in uses.changed.behaviour.full | wanted.caches
        },
    )


def _lost(old: Source | None, new: Source | None) -> list[ast.stmt]:
    """Statements of a module that runs as a whole, or is gone, which do not run again: what they changed elsewhere is undone."""
    if old is None or old is new:
        return []
    left = {key_of(statement) for statement in new.tree.body} if new is not None else set()
    return [statement for statement in old.tree.body if key_of(statement) not in left]


def _start(uses: Uses, wanted: Wanted, rerun: Collection[str]) -> set[str]:
    """Select what ``wanted`` names; the modules where that stands in no statement of the top level."""
    lost: set[str] = set()
    for module in {*wanted.lines, *wanted.imports, *(module for module, _ in wanted.resets)} - set(rerun):
        names = uses.texts.names(module)
        statements = names.statements if names is not None else []
        asked = [
            *({p for p, st in enumerate(statements) if line in st.lines} for line in wanted.lines.get(module, ())),
            *({p for p, st in enumerate(statements) if name in st.imports} for name in wanted.imports.get(module, ())),
            *({p for p, st in enumerate(statements) if name in st.binds} for where, name in wanted.resets if where == module),
        ]  # fmt: skip
        if not all(asked):
            lost.add(module)
        uses.start(module, set().union(*asked))
    return lost


def _fill(module: str, edit: Edit, uses: Uses, records: Mapping[str, Record]) -> None:
    """Write into the edit which statements run, and what is to become of the names that they bind."""
    names, positions = uses.texts.names(module), uses.selected.get(module, set())
    if names is None or not positions:
        return
    chosen = [names.statements[position] for position in sorted(positions)]
    edit.execute = [statement.node for statement in chosen]
    namespace = records[module].module.__dict__
    for statement in chosen:
        edit.unbind |= _brought(module, statement, names, records)
        if statement.defines:
            edit.stay |= {
                n for n in statement.binds if n in namespace and (module, n) not in uses.changed.values
            }
        if isinstance(statement.node, ast.ClassDef):
            name = statement.node.name
            touched = uses.is_touched(module, names.position(statement))
            if not touched and any(
                differ_in_methods_only(before, statement.node) for before in _classes(edit, name)
            ):
                edit.methods_only.add(name)
            edit.keep[name] = _same_parts(edit, statement.node) & uses.untouched_attributes(
                module, statement.node
            )
        elif not statement.defines and not isinstance(
            statement.node, (ast.Assign, ast.Import, ast.ImportFrom)
        ):
            edit.unbind |= statement.binds


def _brought(module: str, statement: Statement, names: Names, records: Mapping[str, Record]) -> set[str]:
    """Names that the module has by a star import in this statement, and not by one of its own."""
    namespace, found = records[module].module.__dict__, set()
    for star in statement.stars:
        origin = records[star].module.__dict__ if star in records else {}
        found |= {n for n in public_names(origin) if n in namespace and namespace[n] is origin.get(n)}
    return found - names.binders.keys()


def _same_parts(edit: Edit, now: ast.ClassDef) -> set[str]:
    """What a plain class binds by statements that are the same in both texts."""
    if now.decorator_list or now.keywords:
        return set()
    same = {key_of(part) for former in _classes(edit, now.name) for part in former.body}
    return set().union(*(bound(part) for part in now.body if key_of(part) in same))


def _classes(edit: Edit, name: str) -> list[ast.ClassDef]:
    return [node for node in edit.old.tree.body if isinstance(node, ast.ClassDef) and node.name == name]


def _order(edits: Mapping[str, Edit], rerun: Collection[str], records: Mapping[str, Record]) -> list[str]:
    """Edited modules and modules that run as a whole, each after those that it imports.

    Whole modules import one another in the natural order, which is right for circles too: they come before what they
    import from, unless that is a module of which only single statements run.
    """
    if len(edits) + len(rerun) < 2:
        return [*rerun, *edits]
    ordered: dict[str, None] = {}
    entered: set[str] = set()

    def imported(name: str) -> list[str]:
        return sorted(
            (edits[name].new.imports(records[name].package, True))
            if name in edits
            else records[name].imports(True)
        )

    def add(name: str) -> None:
        if name in entered or name not in records:
            return
        entered.add(name)
        for other in imported(name):
            if name in edits or other not in rerun:
                add(other)
        if name in edits or name in rerun:
            ordered[name] = None

    for name in [*sorted(rerun, key=lambda name: not records[name].entry), *edits]:
        add(name)
    return list(ordered)
