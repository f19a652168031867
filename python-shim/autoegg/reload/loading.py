"""What is noted while modules are imported: who ran, from which bytes, and what it looked at; asked by the loader."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType

from . import progress
from .accesses import Accesses
from .homes import file_of, folder_searched
from .marking import Marking
from .readers import Readers
from .records import Record, listing, signature
from .source import Source, SourceCache
from .transaction import Transaction


class Loading:
    """The records of loaded modules. ``again(module)``: the user's own ``importlib.reload`` of a module that is loaded."""

    def __init__(
        self, owns: Callable[[str], bool], sources: SourceCache, again: Callable[[str], None]
    ) -> None:
        self.owns = owns
        self.sources = sources
        self.records: dict[str, Record] = {}
        self.marking = Marking(self.records)
        self.readers = Readers(self.records)
        self.accesses = Accesses(self._on_read, self._on_list, self.readers.note)
        self.transaction: Transaction | None = None
        """The one that is under way."""
        self.on_import: Callable[[str, str], None] | None = None
        self._again = again
        self._leaves: dict[str, set[str]] = {}
        self._imported: list[str] = []
        self._still_clean: dict[str, bool] = {}

    def add(self, record: Record) -> None:
        self.records[record.name] = record
        folder = record.folder + os.sep
        if folder not in self.accesses.folders:
            self.accesses.folders = (*self.accesses.folders, folder)
        self._leaves.setdefault(record.name.rpartition(".")[2], set()).add(record.name)

    def forget(self, name: str) -> None:
        self.records.pop(name, None)
        self.marking.forget(name)

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """While single statements of a module run."""
        progress.doing(f"running {name}")
        self.accesses.stack.append(name)
        try:
            yield
        finally:
            self.accesses.stack.pop()

    # -- asked by the loader

    def loaded_from(self, name: str) -> str | None:
        """The file of a module that is loaded, or runs again at this moment; None: an import is free to find another."""
        record = self.records.get(name)
        loaded = self.transaction is not None or name in sys.modules
        return record.path if record is not None and loaded else None

    def portions_of(self, name: str) -> list[str]:
        """The folders of this namespace package that modules were loaded from; none for any other package."""
        package = sys.modules.get(name)
        if not name or package is None or file_of(package) is not None:
            return []
        found: dict[str, None] = {}
        for other, record in self.records.items():
            if other.startswith(f"{name}."):
                folder = folder_searched(other, record.path)
                for _ in range(other.count(".") - name.count(".") - 1 if folder else 0):
                    folder = os.path.dirname(str(folder))
                found.update({folder: None} if folder else {})
        return list(found)

    def module_for(self, spec: ModuleSpec) -> ModuleType | None:
        return self.transaction.reuse_module(spec.name) if self.transaction else None

    def is_loaded(self, module: ModuleType) -> bool:
        """Whether this module was executed before and is not being imported at this moment."""
        name = module.__name__
        record = self.records.get(name)
        known = record is not None and record.module is module
        return known and self.transaction is None and name not in self.accesses.stack

    def execute_again(self, module: ModuleType) -> None:
        """Run a loaded module again, as ``importlib.reload`` does, but as a transaction that keeps identities."""
        name = module.__name__
        self._again(name)
        if self.on_import is not None:
            self.on_import(name, self.records[name].path)

    def executing(self, module: ModuleType, source: Source) -> None:
        name = module.__name__
        spec = module.__spec__
        package = (spec.parent if spec is not None else None) or ""
        former = self.records.get(name)
        outermost = not self.accesses.stack and self.transaction is None
        if outermost:
            self._imported, self._still_clean = [], {}
        entry = outermost or (former is not None and former.entry)
        self.add(Record(name, source.path, module, source, package, entry))
        if self.transaction is not None:
            progress.doing(f"running {name}")
            self.transaction.executed.append(name)
        else:
            self._imported.append(name)
            self._note_clean(source)
        self.accesses.stack.append(name)

    def executed_module(self, module: ModuleType, source: Source, succeeded: bool) -> None:
        name = self.accesses.stack.pop()
        if self.transaction is not None:
            if succeeded:
                self.transaction.module_ran(name)
            if self.accesses.stack:
                progress.doing(f"running {self.accesses.stack[-1]}")  # on it goes, after its import
            return
        if not succeeded:
            self.forget(name)
        elif self.on_import is not None:
            self.on_import(name, source.path)
        if not self.accesses.stack:
            clean = [name for name, clean in self._still_clean.items() if clean]
            self.marking.mark([*self._imported, *clean])

    def _note_clean(self, source: Source) -> None:
        """An import may change the state of modules that it names: note which of them are as imported until now."""
        if not self.marking:
            return
        words = {word.rpartition(".")[2] for word in source.code.co_names}
        for leaf in words & self._leaves.keys():
            for name in self._leaves[leaf]:
                if name in self.marking and name in self.records and name not in self._still_clean:
                    self._still_clean[name] = not self.marking.changed(name)

    # -- asked by the audit hook

    def _on_read(self, module: str, path: str, frame: FrameType) -> None:
        record = self.records.get(module)
        if record is not None and path.startswith(record.folder + os.sep):
            record.reads[path] = signature(path)
            record.looked_at.setdefault(path, set()).add(_line_of(record, frame))

    def _on_list(self, module: str, directory: str, frame: FrameType) -> None:
        record = self.records.get(module)
        if record is not None and (directory + os.sep).startswith(record.folder + os.sep):
            record.listings[directory] = listing(directory)
            record.looked_at.setdefault(directory, set()).add(_line_of(record, frame))


def _line_of(record: Record, frame: FrameType) -> int:
    """The line of the module's top level that is running; 0 if none is (a module that is imported lazily)."""
    current: FrameType | None = frame
    while current is not None:
        code = current.f_code
        if code.co_name == "<module>" and code.co_filename == record.path:
            return current.f_lineno or 0
        current = current.f_back
    return 0
