"""Source files as they were executed: bytes read once, their digest, and what is compiled and parsed from exactly those bytes."""

from __future__ import annotations

import ast
import hashlib
import linecache
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from types import CodeType

from ..import_statements import ImportNode, at_top_level, imported_by
from .compiled import CompiledCode
from .nodes import walk

CACHED_SOURCES = 4096


def read_disk(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a Path costs as much as the reading
        return file.read()


class Source:
    """One version of one file. ``digest`` is the sha256 of ``data`` in hex."""

    def __init__(self, path: str, data: bytes, digest: str, compiled: CompiledCode | None = None) -> None:
        self.path = path
        self.data = data
        self.digest = digest
        self._compiled = compiled
        self._names_of_imports: dict[tuple[str, bool, bool], frozenset[str]] = {}

    @cached_property
    def code(self) -> CodeType:
        return self.known_code() or self.keep_code(compile(self.data, self.path, "exec", dont_inherit=True))

    def known_code(self) -> CodeType | None:
        """The code if it was compiled before, in this process or another; raises nothing."""
        if "code" not in self.__dict__ and self._compiled is not None:
            kept = self._compiled.get(self.path, self.digest)
            if kept is not None:
                self.__dict__.setdefault("code", kept)
        return self.__dict__.get("code")

    def keep_code(self, code: CodeType) -> CodeType:
        """What ``data`` was compiled to, also for other processes. Returns the one that this source has from now on."""
        if self._compiled is not None:
            self._compiled.put(self.path, self.digest, code)
        # Functions are matched by the identity of their code: the first of two threads wins.
        kept: CodeType = self.__dict__.setdefault("code", code)
        return kept

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.data, self.path)

    @cached_property
    def words(self) -> set[str]:
        """Every identifier that the code imports, or looks up as a global or an attribute; found without parsing."""
        words: set[str] = set()
        todo = [self.code]
        while todo:
            code = todo.pop()
            for name in code.co_names:
                words.update(name.split("."))
            todo += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        return words

    @property
    def has_words(self) -> bool:
        """Whether ``words`` is known, so that asking it is cheaper than searching the text."""
        return "words" in self.__dict__

    @cached_property
    def constants(self) -> frozenset[int]:
        """The constants of all its code, by ``id``."""
        found: set[int] = set()
        todo = [self.code]
        while todo:
            constants = todo.pop().co_consts
            found.update(map(id, constants))
            todo += [constant for constant in constants if isinstance(constant, CodeType)]
        return frozenset(found)

    @cached_property
    def _imports(self) -> list[ImportNode]:
        return list(at_top_level(self.tree.body, type_checking=False))

    @cached_property
    def _every_import(self) -> list[ImportNode]:
        return [node for node in walk(self.tree) if isinstance(node, ImportNode)]

    @cached_property
    def _unguarded_imports(self) -> list[ImportNode]:
        return list(at_top_level(self.tree.body, guarded=False, type_checking=False))

    def imports(
        self, package: str, inside_functions: bool = False, unguarded: bool = False
    ) -> frozenset[str]:
        """Absolute names of the modules that running this file in ``package`` imports, or tries to.

        ``unguarded``: only what no ``try`` with handlers stands around.

        ``from a import b`` names both ``a`` and ``a.b``: which one is meant is known only at run time.
        """
        key = (package, inside_functions, unguarded)
        names = self._names_of_imports.get(key)
        if names is None:
            chosen = (
                self._every_import
                if inside_functions
                else self._unguarded_imports
                if unguarded
                else self._imports
            )
            names = self._names_of_imports[key] = frozenset(_absolute_names(chosen, package))
        return names


def _absolute_names(nodes: Iterable[ImportNode], package: str) -> Iterator[str]:
    for node in nodes:
        for imported in imported_by(node, package):
            yield imported.module
            yield imported.whole


class SourceCache:
    """Sources by path and digest, so that going back to an earlier version compiles nothing."""

    def __init__(
        self, read: Callable[[str], bytes] = read_disk, compiled: CompiledCode | None = None
    ) -> None:
        self._read = read
        self._compiled = compiled
        self._sources: OrderedDict[tuple[str, str], Source] = OrderedDict()
        self._lock = threading.Lock()

    def load(self, path: str) -> Source:
        """The file as it is now. Raises OSError."""
        data = self._read(path)
        key = (path, hashlib.sha256(data).hexdigest())
        with self._lock:
            source = self._sources.get(key)
            if source is None:
                source = self._sources[key] = Source(path, data, key[1], self._compiled)
                linecache.cache.pop(path, None)
                if len(self._sources) > CACHED_SOURCES:
                    self._sources.popitem(last=False)
            else:
                self._sources.move_to_end(key)
        return source

    def digest(self, path: str) -> str | None:
        """sha256 of the file as it is now, None if it cannot be read."""
        try:
            return hashlib.sha256(self._read(path)).hexdigest()
        except OSError:
            return None
