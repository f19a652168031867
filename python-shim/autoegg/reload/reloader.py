"""Reloader: what the rest of autoegg sees of this package."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import FrameType, ModuleType
from typing import Any

from ..errors import AutoeggError, RestartNeeded
from . import jitted, progress
from .accesses import Accesses
from .adoption import take_codes
from .apply import RunAgain
from .commit import Commit
from .compiled import CompiledCode
from .detect import Findings, detect, find
from .edits import Edit
from .escalation import Escalation
from .finder import LibraryFinder
from .graves import Graves
from .instances import Fields
from .names import NotebookNames
from .plan import Plan, Wanted, make_plan
from .purity import bound
from .readers import Reader, Readers
from .records import Record, adopt, listing, signature
from .refusals import broken_source, failed_import
from .report import Report
from .source import Source, SourceCache, read_disk
from .state import Marks, Witness, changed_names, containers, marks
from .threads import threads_inside
from .transaction import Transaction


class Reloader:
    """Brings loaded library modules to the code on disk, in place, all or nothing.

    ``namespace()`` is the notebook's; ``owns(path)`` says whether a source file belongs to a local library;
    ``read(path)`` gives the bytes to execute; ``compiled`` keeps what they were compiled to for the next process.
    """

    def __init__(
        self,
        namespace: Callable[[], dict[str, Any]],
        owns: Callable[[str], bool],
        read: Callable[[str], bytes] = read_disk,
        compiled: CompiledCode | None = None,
    ) -> None:
        self.owns = owns
        self.sources = SourceCache(read, compiled)
        self.on_import: Callable[[str, str], None] | None = None
        self.executing_again = False
        """While a user's own ``importlib.reload`` runs: it asks for the file as it is now."""
        self._records: dict[str, Record] = {}
        self._marks: dict[str, Marks] = {}
        self._boxes: dict[str, list[tuple[str, Any]]] = {}
        self._buried: dict[str, tuple[Record, dict[str, Any]]] = {}
        self._leaves: dict[str, set[str]] = {}
        self._failed: dict[str, str | None] = {}
        """Module that could not be imported and that nobody needs -> digest of its file then."""
        self._graves = Graves()
        self._pending: set[str] = set()
        self._imported: list[str] = []
        self._still_clean: dict[str, bool] = {}
        self._transaction: Transaction | None = None
        self._lock = threading.RLock()
        self._finder = LibraryFinder(self)
        self._accesses = Accesses(self._on_read, self._on_list, self._on_use)
        self._readers = Readers(self._records)
        self._namespace = namespace
        self._names = NotebookNames(namespace, lambda name: name in self._records)

    # -- life

    def install(self) -> None:
        """Take over the import of library sources, and adopt the library modules that are loaded already."""
        if self._finder in sys.meta_path:
            return
        sys.meta_path.insert(0, self._finder)
        self._accesses.start()
        for name, module in list(sys.modules.items()):
            if name not in self._records and self._adoptable(name, module):
                self._add(adopt(name, module, self.sources))
        take_codes(self._records.values())
        self._mark(list(self._records))

    def uninstall(self) -> None:
        """Leave the import system; modules that are loaded stay as they are."""
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        self._accesses.stop()

    def doubt(self) -> list[str]:
        """Somebody else may have put code into loaded modules: those that no longer run what is on record are stale now."""
        with self._lock:
            return take_codes(self._records.values())

    def _adoptable(self, name: str, module: object) -> bool:
        if name in ("__main__", "__mp_main__") or not issubclass(type(module), ModuleType):
            return False
        namespace = object.__getattribute__(module, "__dict__")
        file, spec = namespace.get("__file__"), namespace.get("__spec__")
        if not isinstance(file, str) or not file.endswith(".py") or not self.owns(os.path.abspath(file)):
            return False
        return isinstance(getattr(spec, "loader", None), SourceFileLoader)

    # -- what is loaded

    def executed(self) -> dict[str, str | None]:
        """Absolute path -> sha256 hex of the bytes that were executed; None: unknown (imported before ``install``)."""
        return {
            record.path: record.source.digest if record.source is not None else None
            for name, record in list(self._records.items())
            if name in sys.modules
        }

    def namespaces(self) -> list[dict[str, Any]]:
        """The notebook's names, and those of every library module."""
        return [self._namespace(), *(record.module.__dict__ for record in list(self._records.values()))]

    def note_cell(self, source: str) -> None:
        """Record where a cell that has run got its names from."""
        for name in self._names.note(source):
            self._records[name].entry = True

    def _add(self, record: Record) -> None:
        self._records[record.name] = record
        self._accesses.folders = tuple({*self._accesses.folders, record.folder + os.sep})
        self._leaves.setdefault(record.name.rpartition(".")[2], set()).add(record.name)

    def _forget(self, name: str) -> None:
        self._records.pop(name, None)
        self._marks.pop(name, None)
        self._boxes.pop(name, None)

    def _mark(self, names: Collection[str]) -> None:
        for name in names:
            if name in self._records:
                self._marks[name] = marks(self._records[name].module)
                self._boxes.pop(name, None)

    def _mark_replaced(self, name: str, before: dict[str, Any], edit: Edit | None) -> None:
        """Mark only the globals that an edit replaced; the others may hold state of the run, which is still the run's."""
        namespace, known = self._records[name].module.__dict__, self._marks.setdefault(name, {})
        now = marks(self._records[name].module)
        executed = set().union(*map(bound, edit.execute)) if edit is not None else set()
        kept = (
            {f"{cls}.{key}" for cls, keys in edit.keep.items() for key in keys} if edit is not None else set()
        )
        replaced = {
            key for key in {*before, *namespace} if before.get(key) is not namespace.get(key)
        } | executed
        same = {
            key for key in kept if before.get(key.partition(".")[0]) is namespace.get(key.partition(".")[0])
        }
        for key in {*known, *now}:
            if key.partition(".")[0].removesuffix("#") in replaced and not (key in same and key in known):
                known.pop(key, None)
                if key in now:
                    known[key] = now[key]
        self._boxes.pop(name, None)

    def _named_containers(self, name: str) -> list[tuple[str, Any]]:
        found = self._boxes.get(name)
        if found is None:
            found = self._boxes[name] = containers(self._records[name].module)
        return found

    def _containers(self, name: str) -> list[Any]:
        return [box for _, box in self._named_containers(name)]

    def _marks_of(self, name: str) -> Marks:
        return self._marks.get(name, {})

    def _set_by_the_run(self, module: str, cls: type) -> set[str]:
        """Attributes that the class did not have when it was made."""
        known = self._marks_of(module)
        prefix = f"{cls.__name__}."
        if not any(name.startswith(prefix) for name in known) and cls.__name__ not in known:
            return set()
        return {key for key in cls.__dict__ if prefix + key not in known and not key.startswith("__")}

    # -- asked by the loader

    def module_for(self, spec: ModuleSpec) -> ModuleType | None:
        return self._transaction.reuse_module(spec.name) if self._transaction else None

    def is_loaded(self, module: ModuleType) -> bool:
        """Whether this module was executed before and is not being imported at this moment."""
        name = module.__name__
        record = self._records.get(name)
        known = record is not None and record.module is module
        return known and self._transaction is None and name not in self._accesses.stack

    def execute_again(self, module: ModuleType) -> None:
        """Run a loaded module again, as ``importlib.reload`` does, but as a transaction that keeps identities."""
        name = module.__name__
        with self._lock:
            self.executing_again = True
            try:
                self._bring(Findings(stale={name}, rerun={name}))
            finally:
                self.executing_again = False
        if self.on_import is not None:
            self.on_import(name, self._records[name].path)

    def executing(self, module: ModuleType, source: Source) -> None:
        name = module.__name__
        spec = module.__spec__
        package = (spec.parent if spec is not None else None) or ""
        former = self._records.get(name)
        outermost = not self._accesses.stack and self._transaction is None
        if outermost:
            self._imported, self._still_clean = [], {}
        entry = outermost or (former is not None and former.entry)
        self._add(Record(name, source.path, module, source, package, entry))
        if self._transaction is not None:
            progress.doing(f"running {name}")
            self._transaction.executed.append(name)
        else:
            self._imported.append(name)
            self._note_clean(source)
        self._accesses.stack.append(name)

    def executed_module(self, module: ModuleType, source: Source, succeeded: bool) -> None:
        name = self._accesses.stack.pop()
        if self._transaction is not None:
            if succeeded:
                self._transaction.module_ran(name)
            return
        if not succeeded:
            self._forget(name)
        elif self.on_import is not None:
            self.on_import(name, source.path)
        if not self._accesses.stack:
            self._mark([*self._imported, *(name for name, clean in self._still_clean.items() if clean)])

    def _note_clean(self, source: Source) -> None:
        """An import may change the state of modules that it names: note which of them are as imported until now."""
        words = {word.rpartition(".")[2] for word in source.code.co_names}
        for leaf in words & self._leaves.keys():
            for name in self._leaves[leaf]:
                if name in self._marks and name in self._records and name not in self._still_clean:
                    self._still_clean[name] = not self._dirty(name)

    def _dirty(self, name: str) -> list[str]:
        before = self._marks.get(name)
        return [] if before is None else changed_names(before, marks(self._records[name].module))

    def _on_read(self, module: str, path: str, frame: FrameType) -> None:
        record = self._records.get(module)
        if record is not None and path.startswith(record.folder + os.sep):
            record.reads[path] = signature(path)
            record.looked_at.setdefault(path, set()).add(_line_of(record, frame))

    def _on_list(self, module: str, directory: str, frame: FrameType) -> None:
        record = self._records.get(module)
        if record is not None and (directory + os.sep).startswith(record.folder + os.sep):
            record.listings[directory] = listing(directory)
            record.looked_at.setdefault(directory, set()).add(_line_of(record, frame))

    def _on_use(self, path: str, frame: FrameType) -> None:
        self._readers.note(path, frame)

    @contextmanager
    def _running(self, name: str) -> Iterator[None]:
        """While single statements of a module run."""
        self._accesses.stack.append(name)
        try:
            yield
        finally:
            self._accesses.stack.pop()

    # -- reloading

    def check(self, changed: Collection[str]) -> None:
        """Compile the changed Python files. Raises LibraryBroken for the first that does not compile."""
        for path in sorted(changed):
            if path.endswith(".py") and os.path.exists(path):
                self._compile(path)

    def _compile(self, path: str) -> Source:
        try:
            source = self.sources.load(path)
            _ = source.code
        except (SyntaxError, ValueError, OSError, RecursionError, MemoryError) as error:
            raise broken_source(path, error) from None
        return source

    def reload(self, changed: Collection[str] | None, removed: Collection[str] = ()) -> Report:
        """Bring the loaded modules to the disk. ``changed``, ``removed``: absolute paths; None: compare everything.

        Raises LibraryBroken or RestartNeeded; then nothing has changed, and the next call tries again.
        """
        with self._lock:
            for name in [name for name in self._records if name not in sys.modules]:
                self._forget(name)
            if changed is not None:
                self._pending.update(changed, removed)
            returned = self._exhume()
            found = detect(
                self._records,
                self._finder,
                self.sources,
                None if changed is None else self._pending,
                removed,
            )
            found.stale |= returned
            self._leave_failed(found)
            readers = self._readers.of_changed(None if changed is None else self._pending)
            report = self._bring(found, readers) if found or readers else Report()
            self._pending.clear()
            self._readers.settled(readers)
            return report

    def _leave_failed(self, found: Findings) -> None:
        """What could not be imported is tried again only when it, or anything else, has changed."""
        if found.stale or found.gone or found.lines:
            return
        for module, imported in list(found.imports.items()):
            imported -= {
                name
                for name in imported
                if name in self._failed
                and self.sources.digest(_origin(self._finder, name)) == self._failed[name]
            }
            if not imported:
                del found.imports[module]

    def _exhume(self) -> set[str]:
        """Modules whose file came back get their old module object, so that what was imported from them lives again."""
        returned = set()
        for name, (record, namespace) in list(self._buried.items()):
            parent = name.rpartition(".")[0]
            if name in sys.modules or name in self._records:
                del self._buried[name]
            elif os.path.exists(record.path) and (not parent or parent in sys.modules):
                if name in self._failed and self.sources.digest(record.path) == self._failed[name]:
                    continue
                self._failed.pop(name, None)
                del self._buried[name]
                record.module.__dict__.clear()
                record.module.__dict__.update(namespace)
                sys.modules[name] = record.module
                self._add(Record(name, record.path, record.module, None, record.package, record.entry))
                returned.add(name)
        return returned

    def _bring(self, found: Findings, readers: Collection[Reader] = ()) -> Report:
        stale = {name: self._compile(self._records[name].path) for name in sorted(found.stale - found.rerun)}
        wanted = Wanted(set(found.rerun), found.gone, found.lines, found.imports)
        for reader in readers:
            wanted.caches |= {(reader.module, name) for name in reader.names}
            wanted.resets |= {(reader.module, name) for name in reader.kept}
        escalation = Escalation(self._records, wanted)
        while True:
            plan = make_plan(self._records, stale, wanted, self._containers, self._marks_of)
            try:
                return self._attempt(plan, found)
            except RunAgain as again:
                escalation.make_anew(again)
            except AutoeggError:
                raise
            except Exception as error:
                if not escalation.after(error, plan, self._required):
                    raise failed_import(
                        error, self.owns, [*found.stale, *found.gone], escalation.raised_by(error)
                    ) from None

    def _attempt(self, plan: Plan, found: Findings) -> Report:
        gone = {
            name
            for name in plan.rerun
            if any(name == lost or name.startswith(lost + ".") for lost in found.gone)
        }
        transaction = Transaction(self._records, plan, gone, self._is_librarys, self._running)
        transaction.classes.set_by_the_run = self._set_by_the_run
        dirty = {name: self._dirty(name) for name in transaction.saved}
        for name in transaction.saved:
            for cls in self._graves.classes(name):
                transaction.classes.expect_class(name, cls)
        fields = Fields({name: saved.namespace for name, saved in transaction.saved.items()})
        witness = Witness({name: self._named_containers(name) for name in self._seen_by(transaction)})
        self._transaction = transaction
        try:
            transaction.run(self._required)
            for module, name in sorted(witness.disturbed()):
                raise RunAgain(module, name)
        except BaseException:
            transaction.rollback()
            witness.restore()
            raise
        finally:
            self._transaction = None
        report = self._commit(transaction, plan, dirty)
        now = {name: saved.module.__dict__ for name, saved in transaction.saved.items()}
        report.lacking = fields.lacking(now)
        return report

    def _commit(self, transaction: Transaction, plan: Plan, dirty: dict[str, list[str]]) -> Report:
        report = Report(executed=sorted(set(transaction.executed)), old_code=list(transaction.patches.left))
        report.modules = [*plan.edits, *(name for name in plan.rerun if name not in transaction.gone)]
        try:
            Commit(
                transaction, self._records, dirty, self._containers, self._graves, self._is_librarys, report
            ).run()
            report.unbound += self._names.rebind(transaction.old_namespaces(), self._graves.is_stub)
            jitted.renew(plan.caches, transaction.executed, self._records.keys())
        except Exception as error:
            raise RestartNeeded(
                f"The new code was loaded, but old objects could not be brought to it ({type(error).__name__}: {error});"
                " restart the kernel."
            ) from error
        for name, _ in transaction.dropped:
            self._failed[name] = self.sources.digest(self._records[name].path)
        for name in transaction.gone:
            self._buried[name] = (self._records[name], transaction.saved[name].namespace)
            self._forget(name)
        ran = set(transaction.executed) - transaction.edited.keys()
        self._mark([name for name in self._records if name in ran or name not in self._marks])
        for name in transaction.saved.keys() - ran - transaction.gone:
            self._mark_replaced(name, transaction.saved[name].namespace, transaction.edited.get(name))
            self._look_again(name)
        report.threads += threads_inside(self.owns)
        return report

    def _look_again(self, name: str) -> None:
        """What a module looked at is as it is now: the statements that did have run again, or have nothing to do with it."""
        record = self._records[name]
        for path in record.reads:
            record.reads[path] = signature(path)
        for directory in record.listings:
            record.listings[directory] = listing(directory)

    def _seen_by(self, transaction: Transaction) -> set[str]:
        """Modules that do not run again as a whole, and may be changed by what runs."""
        running = [*transaction.rerun, *(name for name, edit in transaction.edited.items() if edit.runs)]
        seen = set(running)
        todo = list(running)
        while todo:
            more = {name for name in self._records[todo.pop()].imports(True) if name in self._records} - seen
            seen |= more
            todo += more
        return seen - set(transaction.rerun)

    def _required(self, name: str) -> bool:
        """Would a fresh process import this module, and fail if that fails?"""
        return self._records[name].entry or any(
            name in record.imports(unguarded=True)
            for other, record in self._records.items()
            if other != name and other in sys.modules
        )

    def _is_librarys(self, module: str | None) -> bool:
        return module in self._records


def _line_of(record: Record, frame: FrameType) -> int:
    """The line of the module's top level that is running; 0 if none is (a module that is imported lazily)."""
    current: FrameType | None = frame
    while current is not None:
        code = current.f_code
        if code.co_name == "<module>" and code.co_filename == record.path:
            return current.f_lineno or 0
        current = current.f_back
    return 0


def _origin(finder: LibraryFinder, name: str) -> str:
    """The file that importing ``name`` would execute."""
    spec = find(finder, name)
    return os.path.abspath(spec.origin) if spec is not None and spec.origin else ""
