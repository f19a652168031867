"""Reloader: what the rest of autoegg sees of this package."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Collection
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

from ..errors import AutoeggError, RestartNeeded
from . import jitted
from .absent import Absent
from .adoption import take_codes
from .apply import RunAgain
from .commit import Commit
from .compiled import CompiledCode
from .detect import Findings, detect, find
from .escalation import Escalation
from .finder import LibraryFinder
from .graves import Graves
from .homes import ByName, file_of, module_attribute, sleeps
from .instances import Fields
from .loading import Loading
from .names import NotebookNames
from .nodes import no_collections
from .plan import Plan, Wanted, make_plan
from .readers import Reader
from .records import adopt, listing, signature
from .refusals import broken_source, failed_import
from .report import Report
from .source import Source, SourceCache, read_disk
from .threads import threads_inside
from .transaction import Transaction
from .witness import Witness


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
        self.executing_again = False
        """While a user's own ``importlib.reload`` runs: it asks for the file as it is now."""
        self._loading = Loading(owns, self.sources, self._run_again)
        self._records, self._marking = self._loading.records, self._loading.marking
        self._finder = LibraryFinder(self._loading)
        self._absent = Absent(self._finder, self.sources)
        self._graves = Graves()
        self._pending: set[str] = set()
        self._by_hand: set[str] = set()
        self._lock = threading.RLock()
        self._namespace = namespace
        self._names = NotebookNames(namespace, lambda name: name in self._records)

    @property
    def on_import(self) -> Callable[[str, str], None] | None:
        """Called with name and path of each library module that was imported."""
        return self._loading.on_import

    @on_import.setter
    def on_import(self, call: Callable[[str, str], None] | None) -> None:
        self._loading.on_import = call

    # -- life

    def install(self) -> None:
        """Take over the import of library sources, and adopt the library modules that are loaded already."""
        if self._finder in sys.meta_path:
            return
        sys.meta_path.insert(0, self._finder)
        self._loading.accesses.start()
        by_name = ByName(lambda name: find(self._finder, name))
        for name, module in list(sys.modules.items()):
            if name not in self._records and self._adoptable(name, module):
                if not by_name.leads_to(name, str(file_of(module))):
                    self._by_hand.add(name)
                elif sleeps(module):
                    self._finder.take_over(module_attribute(module, "__spec__"))
                else:
                    self._loading.add(adopt(name, module, self.sources))
        take_codes(self._records.values())
        self._marking.mark(list(self._records))

    @property
    def loaded_by_hand(self) -> frozenset[str]:
        """Modules that ``install`` left alone, since no import finds them by their names: their users load them again by hand."""
        return frozenset(self._by_hand)

    def uninstall(self) -> None:
        """Leave the import system; modules that are loaded stay as they are."""
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        self._loading.accesses.stop()

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

    # -- reloading

    def _run_again(self, name: str) -> None:
        with self._lock:
            self.executing_again = True
            try:
                self._bring(Findings(stale={name}, rerun={name}))
            finally:
                self.executing_again = False

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
                self._loading.forget(name)
            if changed is not None:
                self._pending.update(changed, removed)
            returned = set()
            for record in self._absent.come_back(self._records):
                self._loading.add(record)
                returned.add(record.name)
            found = detect(
                self._records,
                self._finder,
                self.sources,
                None if changed is None else self._pending,
                removed,
            )
            found.stale |= returned
            self._absent.leave_failed(found)
            readers = self._loading.readers.of_changed(None if changed is None else self._pending)
            report = self._bring(found, readers) if found or readers else Report()
            self._pending.clear()
            self._loading.readers.settled(readers)
            return report

    def _bring(self, found: Findings, readers: Collection[Reader] = ()) -> Report:
        stale = {name: self._compile(self._records[name].path) for name in sorted(found.stale - found.rerun)}
        wanted = Wanted(set(found.rerun), found.gone, found.lines, found.imports)
        for reader in readers:
            wanted.caches |= {(reader.module, name) for name in reader.names}
            wanted.resets |= {(reader.module, name) for name in reader.kept}
        escalation = Escalation(self._records, wanted)
        while True:
            with no_collections():
                plan = make_plan(self._records, stale, wanted, self._marking.containers, self._marking.of)
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
        transaction = Transaction(self._records, plan, gone, self._is_librarys, self._loading.running)
        transaction.classes.set_by_the_run = self._marking.set_by_the_run
        for name in transaction.saved:
            for cls in self._graves.classes(name):
                transaction.classes.expect_class(name, cls)
        fields = Fields({name: saved.namespace for name, saved in transaction.saved.items()})
        seen = self._seen_by(transaction)
        dirty = {name: self._marking.changed(name) for name in {*transaction.saved, *seen}}
        witness = Witness(
            {name: self._marking.named_containers(name) for name in seen},
            {name: self._marking.named_classes(name) for name in seen},
        )
        self._loading.transaction = transaction
        try:
            transaction.run(self._required)
            for module, name in sorted(witness.disturbed(transaction.classes.kept())):
                raise RunAgain(module, name)
        except BaseException:
            transaction.rollback()
            witness.restore()
            raise
        finally:
            self._loading.transaction = None
        report = self._commit(transaction, plan, dirty)
        now = {name: saved.module.__dict__ for name, saved in transaction.saved.items()}
        report.lacking = fields.lacking(now)
        return report

    def _commit(self, transaction: Transaction, plan: Plan, dirty: dict[str, list[str]]) -> Report:
        report = Report(executed=sorted(set(transaction.executed)), old_code=list(transaction.patches.left))
        report.modules = [*plan.edits, *(name for name in plan.rerun if name not in transaction.gone)]
        try:
            Commit(
                transaction,
                self._records,
                dirty,
                self._marking.containers,
                self._graves,
                self._is_librarys,
                report,
            ).run()
            report.unbound += self._names.rebind(transaction.old_namespaces(), self._graves.is_stub)
            jitted.renew(plan.caches, transaction.executed, self._records.keys())
        except Exception as error:
            raise RestartNeeded(
                f"The new code was loaded, but old objects could not be brought to it ({type(error).__name__}: {error});"
                " restart the kernel."
            ) from error
        for name, _ in transaction.dropped:
            self._absent.failed(self._records[name])
        for name in transaction.gone:
            self._absent.bury(self._records[name], transaction.saved[name].namespace)
            self._loading.forget(name)
        ran = set(transaction.executed) - transaction.edited.keys()
        self._marking.mark([name for name in self._records if name in ran or name not in self._marking])
        for name in transaction.saved.keys() - ran - transaction.gone:
            before, edit = transaction.saved[name].namespace, transaction.edited.get(name)
            self._marking.mark_replaced(name, before, edit, dirty[name])
            self._look_again(name)
        for name in dirty.keys() - transaction.saved.keys():
            self._marking.mark_clean(name, dirty[name])
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
