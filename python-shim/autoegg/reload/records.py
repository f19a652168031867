"""What is known of each library module that is loaded."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType

from .proof import proven
from .source import Source, SourceCache, read_disk

Signature = tuple[int, int, int]


@dataclass
class Record:
    """One loaded module.

    ``source`` is what was executed; None when the module was imported before us and nothing proves which bytes ran.
    ``entry``: imported from outside the library, so a fresh process would import it first.
    """

    name: str
    path: str
    module: ModuleType
    source: Source | None
    package: str
    entry: bool = False
    reads: dict[str, Signature | None] = field(default_factory=dict)
    """Data files read while the module ran, with what ``signature`` said then."""
    listings: dict[str, frozenset[str]] = field(default_factory=dict)
    """Directories listed while the module ran."""
    looked_at: dict[str, set[int]] = field(default_factory=dict)
    """Data file or directory -> lines of the top level that were running when it was looked at."""

    @cached_property
    def real_path(self) -> str:
        return os.path.realpath(self.path)

    @cached_property
    def folder(self) -> str:
        """The directory that holds the library's data: the top-level package's, or the single module's."""
        depth = self.name.count(".") + (os.path.basename(self.path) == "__init__.py")
        folder = self.path
        for _ in range(depth):
            folder = os.path.dirname(folder)
        return folder if depth else os.path.dirname(folder)

    def imports(self, inside_functions: bool = False, unguarded: bool = False) -> frozenset[str]:
        text = self.text
        return text.imports(self.package, inside_functions, unguarded) if text is not None else frozenset()

    def mentions(self, leaf: bytes) -> bool:
        """Cheap first test for importers: without the word in the text there is no import statement of it."""
        text = self.text
        return text is not None and leaf in text.data

    def may_see(self, module: str) -> bool:
        """Whether the text can name anything of ``module``: it has the word, or lies in that package (``from . import``)."""
        leaf = module.rpartition(".")[2]
        if self.name == module or self.name.startswith(module + "."):
            return True
        text = self.text
        return text is not None and (text.has_words or self.mentions(leaf.encode())) and leaf in text.words

    @cached_property
    def text(self) -> Source | None:
        """What was executed; for a module of which that is not known, the file, as the best guess at what it imports."""
        if self.source is not None:
            return self.source
        try:
            source = Source(self.path, read_disk(self.path), "")
            _ = source.tree, source.code
        except (OSError, SyntaxError, ValueError):
            return None
        return source


def signature(path: str) -> Signature | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino)


def listing(directory: str) -> frozenset[str]:
    try:
        return frozenset(
            name for name in os.listdir(directory) if name != "__pycache__" and not name.endswith(".pyc")
        )
    except OSError:
        return frozenset()


def adopt(name: str, module: ModuleType, sources: SourceCache) -> Record:
    """A record for a module that was imported before us; its bytes are known only if ``proven`` says which ran."""
    path = str(module.__file__)
    package = module.__dict__.get("__package__")
    return Record(
        name,
        path,
        module,
        proven(module, path, sources),
        package if package is not None else name.rpartition(".")[0],
        entry=True,
    )
