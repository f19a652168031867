"""What is known of one statement that ran."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from ..source.statements import Statement
from ..source.unit import Unit

if TYPE_CHECKING:
    from .boxes import Box, Delta


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = _Missing()
"""Stands for a missing value."""

SYSTEM_NAMES = frozenset(
    [
        "__annotations__", "__name__", "__package__", "__loader__", "__spec__", "__file__", "__path__", "__cached__", "__builtins__",
        "__dict__", "__class__", "__annotate__", "__conditional_annotations__", "__warningregistry__",
    ]
)  # fmt: skip
"""Globals that the import system or the interpreter writes: never compared, never cleared."""

Key = tuple[str, str]
"""(module, name)"""


@dataclass(slots=True, eq=False)
class More:
    """Fields that only some statements need."""

    function_reads: list[tuple[str, tuple[str, ...], list[Any]]] = field(default_factory=list)
    """(module, names, values) read by the library functions that ran."""
    attributes: dict[Key, Any] = field(default_factory=dict)
    """Attributes of library modules that were read."""
    whole: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Module -> its namespace, if all of it was read."""
    ran: tuple[CodeType, ...] = ()
    """Library functions that actually ran."""
    unknown: bool = False
    """Which functions ran could not be observed."""
    foreign: dict[Key, tuple[Any, Any]] = field(default_factory=dict)
    """Globals of other library modules that it changed: (before, after)."""
    effects: list[tuple[Box, Delta]] = field(default_factory=list)
    """What it changed in place."""
    looked_into: list[tuple[Box, int]] = field(default_factory=list)
    """Containers within its reach, and how many changes each had at that point."""
    outside: list[tuple[Any, str, Any, Any]] = field(default_factory=list)
    """Attributes that it changed on objects of other packages: (object, name, before, after)."""
    texts: tuple[str, ...] = ()
    """Names under which it left the text of code that it generated in ``linecache``."""
    files: dict[str, Any] = field(default_factory=dict)
    """Data files and folders that it looked at, with their signatures."""
    absent: set[tuple[str, tuple[str, ...] | None]] = field(default_factory=set)
    """(module, search path) of imports that found nothing."""
    environment: dict[str, str] | None = None
    """``os.environ``, where it was looked at."""
    world: bool = False
    """It read what cannot be tracked: all subclasses, all objects, all modules."""
    subclasses: bool = False
    """Of that, all subclasses or all objects."""
    made: dict[str, list[Any]] = field(default_factory=dict)
    """What the hidden decorator saw, by its key."""
    standin: Any = MISSING
    """What it put into ``sys.modules`` instead of its module."""
    module_class: type | None = None
    """The class that it gave its module."""
    deletes: tuple[str, ...] = ()
    replaced: dict[str, Any] = field(default_factory=dict)
    """Former values of names that it bound without naming them (``globals()[…]``, a star import)."""
    later: dict[str, Any] = field(default_factory=dict)
    """The values of the names in its annotations at the end of the import."""
    needs: set[str] = field(default_factory=set)
    """Library modules that had to be loaded for it."""


class Trace:
    """One statement, as it last ran. ``reads`` and ``writes`` go with ``statement.loads`` and with names that were bound."""

    __slots__ = ("code", "codes", "dead", "more", "moved", "reads", "record", "stamp", "statement", "writes")

    def __init__(self, record: Record, statement: Statement, stamp: int) -> None:
        self.record = record
        self.statement = statement
        self.stamp = stamp
        self.reads: list[Any] = []
        self.writes: dict[str, Any] = {}
        self.more: More | None = None
        self.code: CodeType | None = None
        """What ran; None: it is in a group's."""
        self.codes: list[CodeType] | None = None
        """The code objects at its first level that live functions run; None: those in ``code``."""
        self.moved = False
        """They are copies that stand on other lines."""
        self.dead = False
        """It has been replaced."""

    @property
    def extra(self) -> More:
        if self.more is None:
            self.more = More()
        return self.more


class Record:
    """One loaded module.

    ``unit`` is what was executed; None when the module was imported before us and nothing proves which bytes ran.
    ``traces``: one for each statement of ``unit``; None for a light one whose trace nobody has asked for, and for all of them
    in a module that was imported before us. ``entry``: its position among the modules imported from outside the library, from 1; 0: it was not.
    """

    def __init__(
        self, name: str, path: str, module: ModuleType, unit: Unit | None, digest: str | None, package: str
    ) -> None:
        self.name = name
        self.path = path
        self.module = module
        self.unit = unit
        self.digest = digest
        self.package = package
        self.entry = 0
        self.traces: list[Trace | None] = []
        self.traced = False
        self.importing: list[tuple[int, list[str]]] | None = None
        """(index of a statement, modules that it imports), see ``plan.order``; None: not asked for yet."""
        self.end: dict[str, Any] = {}
        """The globals as the import left them."""
        self.annotations: dict[str, Any] = {}
        """The module's annotations as the import left them: name -> value, or what gives it (``observe.annotations``)."""
        self.annotating: dict[str, Any] = {}
        """Name -> what gives its annotation now, where annotations are evaluated later."""
        self.annotate: Any = None
        """The module's ``__annotate__`` that gives those."""
        self.incoming: list[tuple[Trace, str]] = []
        """Statements of other modules that wrote into this one, with the name written."""
        self.marks: dict[str, tuple[Any, Any]] = {}
        """Name -> a lock, counter or similar object, and its state at the end of the import."""
        self.loading = False
        self.adopted = False
        """It was imported before us, and has not run since."""
        self.serial = 0
        """Grows with each module that is loaded."""

    @cached_property
    def real_path(self) -> str:
        return os.path.realpath(self.path)

    def __repr__(self) -> str:
        return f"<Record {self.name}>"
