"""Eggs to Spark, and the state that its jobs run on.

Delivering is inert: workers look at an egg only once a state names it. So it may happen early and on any thread.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import threading
import weakref
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import ShipFailed
from ..protocol import Egg, State
from ..worker import tidy
from . import commits, hooks, setting
from .classic import pythons
from .classic.retention import Retention
from .connect import carry, clients, rpc
from .guard import PROPERTY, lies_in, program_file, program_name, wire
from .target import Target, of_client, sessions_of
from .telling import tell


class Shipper:
    """Gives eggs to Spark from ``folder``, where they stay as long as Spark may fetch them for a new executor, whatever
    the daemon's store has since removed.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._folder = folder
        self._lock = threading.RLock()
        self._given: dict[str, set[str]] = {}
        self._eggs: dict[str, Egg] = {}
        """All that was given to anybody, by name."""
        self._listed: dict[str, set[str]] = {}
        """All files on Spark's list, those of others too."""
        self._retention: tuple[str, Retention] | None = None
        self._have_program: set[str] = set()
        self._asked_for_python: set[str] = set()
        self._sessions: weakref.WeakSet[Any] = weakref.WeakSet()
        carry.lie_in(folder)

    def deliver(self, target: Target, eggs: Sequence[Egg]) -> int:
        """Give ``eggs`` to Spark; those that it has already cost nothing. Returns the bytes newly shipped.

        :raises ShipFailed: when an egg is not what it should be, or Spark did not take it.
        """
        shipped = 0
        with self._lock:
            self._give_program(target)
            given = self._given.setdefault(target.key, set())
            missing = [egg for egg in eggs if egg.name not in given]
            if missing:
                self._listed[target.key] = {os.path.basename(key) for key in _listed(target)}
            for egg in missing:
                path = self._take(egg)
                if egg.name not in self._listed[target.key]:
                    self._make_way(target, egg)
                    _give(target, path)
                    shipped += egg.bytes
                given.add(egg.name)
                self._eggs[egg.name] = egg
                self._listed[target.key].add(egg.name)
        return shipped

    def _make_way(self, target: Target, egg: Egg) -> None:
        """Spark copies what it is given into the driver's own folder, and refuses to write over a file that differs."""
        if target.kind == "connect":
            return
        with _refused("Spark does not report where it stores files"):
            fetched = self._retention_of(target).fetched_here() / egg.name
        with contextlib.suppress(OSError):
            if _digest(fetched) != egg.digest:
                fetched.unlink()

    def listed(self, target: Target) -> tuple[int, ...]:
        """Which eggs Spark gives to executors, as a state says it (``State.listed``); nothing where that is not known."""
        if target.kind == "connect":
            return ()
        names = self._listed.get(target.key, set())
        return tuple(sorted(tidy.crc(name) for name in names if name.endswith(".egg")))

    def renew(self, target: Target, eggs: Sequence[Egg], spoiled: Collection[str] = ()) -> None:
        """Bring ``eggs`` to all executors once more: on one of them they are missing or damaged. ``spoiled`` are names
        that no executor shall fetch any more.

        Spark fetches a file again when it is newer on its list than what the executor has
        (``Executor.updateDependencies``). A Connect session takes no name twice.

        :raises ShipFailed: as ``deliver`` does.
        """
        if target.kind == "connect":
            return
        with self._lock, _refused("Spark did not accept the eggs a second time"):
            retention = self._retention_of(target)
            retention.take_off({program_name(), *(egg.name for egg in eggs), *spoiled})
            self._given.get(target.key, set()).difference_update(spoiled)
            self._have_program.discard(target.key)
            for egg in eggs:
                own = self._folder / egg.name
                if own.exists() and _digest(own) != egg.digest:
                    own.unlink()
                self._given.get(target.key, set()).discard(egg.name)
            self.deliver(target, eggs)

    def present(self, target: Target) -> Target:
        """``target``, which was active; a new one where its server has lost the session and made one of its name.

        Restores what it may still fetch, if something has removed it from this machine.

        :raises ShipFailed: if the target does not answer.
        """
        self._restore(target)
        if target.kind == "classic" or hasattr(target.handle, "_server_session_id"):  # 4.x notices by itself
            return target
        with self._lock:
            if rpc.get_conf(target.handle, PROPERTY) is None:
                clients.lost(target.handle)
        return of_client(target.handle)

    def activate(self, target: Target, state: State) -> None:
        """From now on jobs of the calling thread, and SQL of any thread, run on ``state``.

        Objects that were pickled earlier follow, because jobs carry the state; old UDF objects are pickled again when
        they are next used.

        :raises ShipFailed: when Spark refuses, or its private functions are not those that autoegg knows.
        """
        problem = hooks.problem()
        if problem is not None:
            raise ShipFailed(problem)
        with self._lock, _refused("Spark did not accept the new state"):
            if target.kind == "connect":
                rpc.set_conf(target.handle, PROPERTY, wire(state))
                hooks.activated(target, state, setting.labels_jobs(target))
                commits.follow(target, state)
                return
            if target.key not in self._asked_for_python:
                self._asked_for_python.add(target.key)
                differing = pythons.differing(target.handle)
                if differing is not None:
                    tell(differing)
            state = replace(state, listed=self.listed(target))
            self._sessions.update([*sessions_of(target), *hooks.sessions()])
            for session in list(self._sessions):
                if session._sc is target.handle:
                    session.conf.set(PROPERTY, wire(state))
            hooks.activated(target, state, setting.labels_jobs(target))
            commits.follow(target, state)

    def prune(self, target: Target, keep: set[str]) -> None:
        """Take the eggs off Spark's list that are neither in ``keep`` nor needed by running jobs and streams, so that a
        new executor fetches few; and removes from disk those that can no longer be asked for. A Connect session keeps what
        it was given.
        """
        if target.kind == "connect":
            return
        with self._lock, _refused("Spark did not remove old eggs from its list"):
            given = self._given.get(target.key, set())
            retention = self._retention_of(target)
            sessions = [session for session in list(self._sessions) if session._sc is target.handle]
            dropped = retention.drop(given, keep, sessions)
            given -= dropped
            self._listed.get(target.key, set()).difference_update(dropped)
            still = set().union(*self._given.values())
            self._eggs = {name: egg for name, egg in self._eggs.items() if name in still}
            retention.delete(still)

    def _retention_of(self, target: Target) -> Retention:
        if self._retention is None or self._retention[0] != target.key:
            if self._retention is not None:  # a process has one SparkContext at a time
                self._given.pop(self._retention[0], None)
                self._listed.pop(self._retention[0], None)
            self._retention = (target.key, Retention(target.handle, self._folder))
        return self._retention[1]

    def close(self) -> None:
        """Remove the folder. Only when no session that was given eggs is alive."""
        with self._lock:
            self._given.clear()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _give_program(self, target: Target) -> None:
        """What the guards of pickles set workers up with. It stays on Spark's list: every new executor needs it."""
        if target.key in self._have_program:
            return
        self._make_folder()
        path = Path(program_file(self._folder).path)
        lies_in(self._folder)
        if path.name not in {os.path.basename(key) for key in _listed(target)}:
            _give(target, path, importable=False)
        self._have_program.add(target.key)

    def _restore(self, target: Target) -> None:
        """Restore what is missing from the folder (systemd-tmpfiles removes old files): a new executor fetches it from there."""
        with self._lock:
            given = self._given.get(target.key, set())
            gone = [name for name in given if not (self._folder / name).exists()]
            program = self._folder / program_name()
            if not gone and (program.exists() or target.key not in self._have_program):
                return
            self._make_folder()
            program_file(self._folder)
            for name in gone:
                with contextlib.suppress(ShipFailed):  # an old one that the store no longer has
                    self._take(self._eggs[name])

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ShipFailed(
                f"The folder {self._folder}, from which Spark gets its eggs, was removed and cannot be created again "
                f"({error.strerror}); restart the kernel."
            ) from error

    def _take(self, egg: Egg) -> Path:
        """The egg's own link in the folder, its owner and digest checked."""
        own = self._folder / egg.name
        try:
            if not own.exists():
                self._make_folder()
                part = own.with_name(f".{egg.name}.part")
                part.unlink(missing_ok=True)
                try:
                    os.link(egg.path, part)
                except OSError:  # another file system, or none with hard links
                    shutil.copyfile(egg.path, part)
                _check(part, egg)
                part.rename(own)
            return own
        except OSError as error:
            raise ShipFailed(
                f"The egg {egg.path} cannot be read ({error.strerror}); run the cell again."
            ) from error


def _give(target: Target, path: Path, importable: bool = True) -> None:
    with _refused(f"Spark did not accept {path.name}"):
        if target.kind == "connect":
            rpc.add_file(target.handle, path)
        elif importable:
            _add(target.handle, path)
        else:
            target.handle.addFile(str(path))


def _add(context: Any, path: Path) -> None:
    """``addPyFile`` without its side effects on imports.

    It also names the egg in the context's includes (a Set in the JVM, so an arbitrary version wins on workers) and puts
    it on the driver's own ``sys.path``, where the next import would take it instead of the user's file
    (``SparkContext.addPyFile`` in pyspark's context.py): both are taken back. On another thread than the main one user
    code may be importing at this moment, so there only the part that distributes the file is called.
    """
    if threading.current_thread() is not threading.main_thread():
        context.addFile(str(path))
        return
    context.addPyFile(str(path))
    context._python_includes[:] = [name for name in context._python_includes if name != path.name]
    sys.path[:] = [entry for entry in sys.path if os.path.basename(entry) != path.name]


def _check(path: Path, egg: Egg) -> None:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_uid != os.geteuid():
            raise ShipFailed(f"The egg {egg.path} belongs to another user, so it was not given to Spark.")
    if _digest(path) != egg.digest:
        path.unlink()
        Path(egg.path).unlink(missing_ok=True)  # the daemon rebuilds it
        raise ShipFailed(
            f"The egg {egg.path} was damaged and has been removed; run the cell again to rebuild it."
        )


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _listed(target: Target) -> list[str]:
    """The addresses of the files that Spark gives to executors now. A Connect server does not report them."""
    if target.kind == "connect":
        rpc.get_conf(target.handle, PROPERTY)  # whether the server answers, before a file is sent
        return []
    with _refused("Spark does not report which files it has"):
        # As one text in one call: the property of PySpark looks four Scala packages up first, 20 ms in all.
        return target.handle._jsc.sc().listFiles().mkString("\n").splitlines()  # type: ignore[no-any-return]


class _refused(contextlib.AbstractContextManager[None]):
    """What Spark raises (py4j's errors run over pages) becomes one sentence."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, Exception) and not isinstance(error, ImportError):
            java = getattr(error, "java_exception", None)
            reason = str(java.toString() if java is not None else error).partition("\n")[0]
            raise ShipFailed(f"{self._what}: {reason}") from error
