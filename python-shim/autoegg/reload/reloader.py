"""Reloader: what the rest of autoegg sees of this package."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType
from typing import Any

from ..errors import AutoeggError, RestartNeeded
from .observe.file_readers import FileReader
from .observe.files import signature
from .observe.frames import as_import_system, call
from .observe.garbage import forget_all_garbage, forget_garbage
from .observe.homes import ByName, file_of, folder_searched, module_attribute, sleeps
from .observe.loader import LibraryFinder
from .observe.recorder import Recorder
from .observe.trace import Record, Trace
from .plan.absent import Absent
from .plan.detect import Findings, detect, find
from .plan.disproven import disproven
from .plan.proven import proven
from .plan.readers import Readers
from .replay.replay import Again, Replay
from .report.lacking import Fields
from .report.refusals import broken_source, failed_import, package_that_raised
from .report.report import Execution, Report
from .report.threads import threads_inside
from .settle.commit import Commit
from .settle.notebook_names import NotebookNames
from .settle.tombstones import Graves
from .source.compiled import CompiledCode
from .source.disk import Source, SourceCache, read_disk
from .source.unit import Unit

ROUNDS = 4
"""Annotations that name what has changed make a second round; each round adds statements to those that run."""
PATIENCE = 0.1
"""Seconds that other threads wait for the interpreter while statements run whose partial results they must not see.

A thread that computes keeps it as long, too, each time that the reload lets go of it (to read a file, say), so it cannot be more.
"""


@contextlib.contextmanager
def _without_collections() -> Iterator[None]:
    """A replay creates many objects at once, few of them garbage: collecting each time costs more than the replay."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _Failed(Exception):
    """An attempt to reload raised ``error`` while it ran the statement ``at``."""

    def __init__(self, error: Exception, at: Execution | None) -> None:
        super().__init__()
        self.error = error
        self.at = at


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
        self.on_import: Callable[[str, str], None] | None = None
        """Called with name and path of each library module that was imported."""
        self.kept: Callable[[str], bool] = lambda path: False
        """Whether ``read`` gives a source file that is not on disk any more."""
        self._recorder = Recorder(owns)
        self._records = self._recorder.records
        self._readers = Readers(self._records)
        self._finder = LibraryFinder(self)
        self._graves = Graves()
        self._absent = Absent()
        self._pending: set[str] = set()
        self._by_hand: set[str] = set()
        self._lock = threading.RLock()
        self._namespace = namespace
        self._names = NotebookNames(namespace, lambda name: name in self._records)
        self._replay: Replay | None = None

    # -- life

    def install(self) -> None:
        """Take over the import of library sources, and adopt the library modules that are loaded already."""
        if self._finder in sys.meta_path:
            return
        sys.meta_path.insert(0, self._finder)
        self._recorder.accesses.start()
        by_name = ByName(lambda name: find(self._finder, name))
        for name, module in list(sys.modules.items()):
            if name not in self._records and self._adoptable(name, module):
                if not by_name.leads_to(name, str(file_of(module))):
                    self._by_hand.add(name)
                elif sleeps(module):
                    self._finder.take_over(module_attribute(module, "__spec__"))
                else:
                    self._adopt(name, module)
        self.doubt()

    @property
    def loaded_by_hand(self) -> frozenset[str]:
        """Modules that ``install`` left alone, since no import finds them by their names: their users load them again by hand."""
        return frozenset(self._by_hand)

    def uninstall(self) -> None:
        """Leave the import system; modules that are loaded stay as they are."""
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        self._recorder.accesses.stop()

    def doubt(self) -> list[str]:
        """Other code may have changed loaded modules: those that no longer run what is on record are stale now."""
        with self._lock:
            found = disproven(self._records.values())
            for name in found:
                self._records[name].digest = None
            return found

    def _adoptable(self, name: str, module: object) -> bool:
        if name in ("__main__", "__mp_main__") or not issubclass(type(module), ModuleType):
            return False
        namespace = object.__getattribute__(module, "__dict__")
        file, spec = namespace.get("__file__"), namespace.get("__spec__")
        if not isinstance(file, str) or not file.endswith(".py") or not self.owns(os.path.abspath(file)):
            return False
        return isinstance(getattr(spec, "loader", None), SourceFileLoader)

    def _adopt(self, name: str, module: ModuleType) -> None:
        path = str(file_of(module))
        package = module_attribute(module, "__package__")
        source = proven(module, path, self.sources)
        unit = None
        if source is not None:
            try:
                known = source.known_unit
                unit = source.unit()
                if known is None:
                    source.keep(unit)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                source = None
        record = Record(
            name, path, module, unit, source.digest if source is not None else None,
            package if package is not None else name.rpartition(".")[0],
        )  # fmt: skip
        record.adopted = True
        self._recorder.enters(record)
        self._recorder.add(record)

    # -- what is loaded

    def executed(self) -> dict[str, str | None]:
        """Absolute path -> sha256 hex of the bytes that were executed; None: unknown (imported before ``install``)."""
        return {
            record.path: record.digest for name, record in list(self._records.items()) if name in sys.modules
        }

    @property
    def modules(self) -> dict[str, str]:
        """Name of each loaded library module -> its file's absolute path."""
        return {name: record.path for name, record in list(self._records.items()) if name in sys.modules}

    def changed_by_the_run(self) -> set[str]:
        """``module:name`` of values that are another object, or have other content, than at the end of the import."""
        found = set()
        for name, record in list(self._records.items()):
            if not record.traced:
                continue
            now = record.module.__dict__
            for key, value in list(record.end.items()):
                box = self._recorder.boxes.of(value)
                if now.get(key) is not value or (box is not None and not box.is_as_seen()):
                    found.add(f"{name}:{key}")
        return found

    def namespaces(self) -> list[dict[str, Any]]:
        """The notebook's names, and those of every library module."""
        return [self._namespace(), *(record.module.__dict__ for record in list(self._records.values()))]

    def note_cell(self, source: str) -> None:
        """Record where a cell that has run got its names from."""
        for name in self._names.note(source):
            self._recorder.enters(self._records[name])

    # -- asked by the loader

    def loaded_from(self, name: str) -> str | None:
        """The file of a module that is loaded, or runs again at this moment; None: an import is free to find another."""
        record = self._records.get(name)
        loaded = self._replay is not None or name in sys.modules
        return record.path if record is not None and loaded else None

    def portions_of(self, name: str) -> list[str]:
        """The folders of this namespace package that modules were loaded from; none for any other package."""
        package = sys.modules.get(name)
        if not name or package is None or file_of(package) is not None:
            return []
        found: dict[str, None] = {}
        for other, record in list(self._records.items()):
            if other.startswith(f"{name}."):
                folder = folder_searched(other, record.path)
                for _ in range(other.count(".") - name.count(".") - 1 if folder else 0):
                    folder = os.path.dirname(str(folder))
                found.update({folder: None} if folder else {})
        return list(found)

    def not_on_disk(self, name: str, path: Sequence[str] | None) -> str | None:
        """The file of a module that no import finds, which ``read`` gives all the same; None: there is none."""
        places = path if path is not None else sys.path
        for place in (os.path.join(folder, name.rpartition(".")[2]) for folder in list(places)):
            for file in (os.path.join(place, "__init__.py"), f"{place}.py"):
                if self.kept(file):
                    return file
        return None

    def module_for(self, spec: ModuleSpec) -> ModuleType | None:
        return self._absent.revive(spec.name)

    def not_found(self, name: str, path: Sequence[str] | None) -> None:
        self._recorder.not_found(name, path)

    def is_loaded(self, module: ModuleType) -> bool:
        """Whether this module was executed before and is not being imported at this moment."""
        record = self._records.get(module.__name__)
        return record is not None and record.module is module and not record.loading

    def execute_again(self, module: ModuleType) -> None:
        """Run a loaded module again, as ``importlib.reload`` does, but as a transaction that keeps identities."""
        name = module.__name__
        with self._lock:
            self.executing_again = True
            try:
                self._bring(Findings(stale={name}), whole={name})
            finally:
                self.executing_again = False
        if self.on_import is not None:
            self.on_import(name, self._records[name].path)

    @as_import_system
    def execute(self, module: ModuleType, source: Source, unit: Unit) -> None:
        name = module.__name__
        spec = module.__spec__
        package = (spec.parent if spec is not None else None) or ""
        record = Record(name, source.path, module, unit, source.digest, package)
        self._readers.forget()
        call(self._recorder.load, record)
        if self.on_import is not None and self._replay is None:
            self.on_import(name, source.path)

    # -- reloading

    def check(self, changed: Collection[str]) -> None:
        """Compile the changed Python files. Raises LibraryBroken for the first that does not compile."""
        former = {record.path: record.unit for record in list(self._records.values())}
        for path in sorted(changed):
            if path.endswith(".py") and os.path.exists(path):
                self._unit(path, former.get(path))

    def _unit(self, path: str, former: Unit | None) -> tuple[Source, Unit]:
        try:
            source = self.sources.load(path)
            return source, source.unit(former)
        except (SyntaxError, ValueError, OSError, RecursionError, MemoryError) as error:
            raise broken_source(path, error) from None

    def reload(self, changed: Collection[str] | None, removed: Collection[str] = ()) -> Report:
        """Bring the loaded modules to the disk. ``changed``, ``removed``: absolute paths; None: compare everything.

        Raises LibraryBroken or RestartNeeded; then nothing has changed, and the next call tries again.
        """
        with self._lock:
            for name in [name for name in self._records if name not in sys.modules]:
                self._recorder.forget(name)
            if changed is not None:
                self._pending.update(changed, removed)
            found = detect(
                self._records, self._finder, self.sources, None if changed is None else self._pending, removed
            )
            returned = self._absent.returned()
            readers = self._recorder.file_readers.of_changed(None if changed is None else self._pending)
            report = Report()
            if found or readers or returned:
                with _without_collections():
                    report = self._bring(found, readers=readers, returned=returned)
            self._recorder.file_readers.settled(readers)
            self._pending.clear()
            return report

    def old_data(self) -> set[str]:
        """Files and folders that are not as they were when a module, or a function that may have kept something of them, looked at them."""
        with self._lock:
            seen = [
                item
                for record in self._records.values()
                for trace in record.traces
                if trace is not None and trace.more is not None
                for item in trace.more.files.items()
            ]
            old = {path for path, was in seen if signature(path) != was}
            return old | {reader.path for reader in self._recorder.file_readers.of_changed(None)}

    def run_again_whole(self, names: Collection[str]) -> Report:
        """Run loaded modules again as a whole, in the order of a fresh import; their run-time changes are reset and reported.

        Raises what ``reload`` raises; then nothing has changed.
        """
        with self._lock:
            requested = frozenset(name for name in names if name in self._records and name in sys.modules)
            return (
                self._bring(Findings(stale=set(requested)), whole=requested, requested=requested)
                if requested
                else Report()
            )

    def replay_all(self) -> Report:
        """Check every statement of every module against what it read; for tests: nothing should run."""
        with self._lock:
            traces = {
                trace for record in self._records.values() for trace in record.traces if trace is not None
            }
            return self._bring(Findings(), looked_at=traces)

    def _bring(
        self,
        found: Findings,
        whole: Collection[str] = (),
        requested: frozenset[str] = frozenset(),
        looked_at: Collection[Trace] = (),
        readers: Collection[FileReader] = (),
        returned: Collection[str] = (),
    ) -> Report:
        """Statement by statement; if that fails, by whole modules: what these raise, a fresh process would raise too."""
        try:
            return self._attempt(found, set(whole), requested, looked_at, readers, returned)
        except _Failed as failed:
            error = failed
        everything = self._libraries_of({*found.stale, *found.gone, *whole})
        if not isinstance(error.error, SyntaxError) and not self._lacks_another_package(error.error):
            try:
                return self._attempt(found, everything, requested, looked_at, readers, returned)
            except _Failed as failed:
                again = failed.error
                same = (type(again), str(again)) == (type(error.error), str(error.error))
                error = _Failed(again, error.at if same else None)
        raised_by = package_that_raised(error.error, self.owns)
        raise failed_import(
            error.error, self.owns, [*found.stale, *found.gone], raised_by, error.at
        ) from None

    def _lacks_another_package(self, error: BaseException) -> bool:
        """Then the same statement would raise again, in whatever order modules run."""
        if not isinstance(error, ModuleNotFoundError) or not error.name:
            return False
        return not self._libraries_of([error.name])

    def _libraries_of(self, names: Collection[str]) -> set[str]:
        tops = {name.partition(".")[0] for name in names}
        return {name for name in self._records if name.partition(".")[0] in tops}

    def _attempt(
        self,
        found: Findings,
        whole: Collection[str],
        requested: frozenset[str],
        looked_at: Collection[Trace],
        readers: Collection[FileReader],
        returned: Collection[str],
    ) -> Report:
        """One attempt. Whatever it raises, nothing has changed."""
        sources: dict[str, Source] = {}
        units: dict[str, Unit] = {}
        unknown = set(whole) - found.gone
        for name in sorted(found.stale | {name for name in unknown if self._records[name].unit is None}):
            record = self._records[name]
            moved = found.moved.get(name)
            path = os.path.abspath(moved.origin) if moved is not None and moved.origin else record.path
            sources[name], units[name] = self._unit(path, record.unit)
            if record.unit is None or record.digest is None or not record.traced or name in found.moved:
                unknown.add(name)
        unknown |= self._untraced_readers({*unknown, *units, *found.gone})
        forced: set[Trace] = set(found.statements)
        learnt: dict[tuple[str, int], set[str]] = {}
        interval = sys.getswitchinterval()
        for left in reversed(range(ROUNDS)):
            replay = Replay(
                recorder=self._recorder,
                readers=self._readers,
                graves=self._graves,
                units=units,
                whole=unknown,
                gone=found.gone,
                forced=forced,
                learnt=learnt,
            )
            replay.looked_at = set(looked_at)
            replay.requested = requested
            replay.returned = list(returned)
            fields = Fields({name: dict(self._records[name].module.__dict__) for name in {*units, *unknown}})
            self._replay = replay
            try:
                sys.setswitchinterval(PATIENCE)
                for name, spec in found.moved.items():
                    if name in units:
                        replay.relocate(self._records[name], spec)
                replay.reread = [reader.code for reader in readers]
                for reader in readers:
                    replay.forget_kept(reader.module, reader.kept)
                replay.run()
            except Again as again:
                replay.roll_back()
                if not left:
                    raise _Failed(again, replay.attempted) from None
                forced, learnt = again.traces, again.learnt
                continue
            except BaseException as error:
                replay.roll_back()
                if not isinstance(error, Exception) or isinstance(error, AutoeggError):
                    raise
                raise _Failed(error, replay.attempted) from None
            finally:
                sys.setswitchinterval(interval)
                self._replay = None
            report = self._commit(replay, sources, found)
            forget_garbage(self._recorder.boxes, replay.release())
            report.lacking = fields.lacking(
                {name: one.module.__dict__ for name, one in self._records.items()},
                lambda suspects: forget_all_garbage(self._recorder.boxes, suspects),
            )
            return report
        raise AssertionError("a round either ends or raises")

    def _untraced_readers(self, changed: set[str]) -> set[str]:
        """Modules whose import was not observed and that import what changes: they run again as a whole."""
        found: set[str] = set()
        todo = set(changed)
        while todo:
            name = todo.pop()
            for reader, _ in self._readers.of(name, ""):
                if not reader.traced and reader.name not in found and reader.name not in changed:
                    found.add(reader.name)
                    todo.add(reader.name)
        return found

    def _commit(self, replay: Replay, sources: dict[str, Source], found: Findings) -> Report:
        report = Report(executed=sorted(replay.ran_code), ran=list(replay.executed))
        report.whole = sorted(name for name, cursor in replay.cursors.items() if cursor.olds is None)
        report.imported_before = [name for name in report.whole if replay.cursors[name].record.adopted]
        report.modules = [name for name in replay.cursors if name in self._records]
        report.modules += replay.imported_again
        try:
            Commit(replay, report, self.owns).run()
            touched = {
                name: namespace
                if replay.saved.handed_on[name] is None
                else {**namespace, "__all__": replay.saved.handed_on[name]}
                for name, (_, namespace) in replay.saved.names.items()
            }
            touched |= {
                name: {} for name in (*replay.imported_again, *(record.name for record in replay.batch))
            }
            report.unbound += self._names.rebind(touched, self._graves.is_stub)
        except Exception as error:
            raise RestartNeeded(
                f"The new code was loaded, but existing objects could not be updated to it ({type(error).__name__}: {error});"
                " restart the kernel."
            ) from error
        for name, source in sources.items():
            record = self._records.get(name)
            if record is not None:
                record.digest = source.digest
        for name, record in replay.removal.records.items():
            self._absent.bury(name, record.module, record.path)
        for name in replay.imported_again if self.on_import is not None else ():
            self.on_import(name, self._records[name].path)  # type: ignore[misc]
        self._readers.forget()
        report.threads += threads_inside(self.owns)
        return report
