"""What names meant before the replay becomes what they mean now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..inspection import ATOMIC, home, identity, is_class, is_function, type_home
from ..observe.boxes import CONTAINERS, read, same, same_state, write
from ..observe.trace import MISSING, Record
from ..plan.traces import absolute, is_module
from ..report.report import Report
from .run_time import RunTime


class Reconciliation:
    """Objects take the content of their successors where possible; the others are passed to ``Settling``, to be swapped.

    Args:
        replay: one that has run to its end.
        owns: whether a file belongs to a library.
        ends: module -> its names at the end of the previous import.
    """

    def __init__(
        self,
        *,
        replay: Any,
        report: Report,
        owns: Callable[[str], bool],
        ends: Mapping[str, dict[str, Any]],
        run_time: RunTime,
    ) -> None:
        self._replay = replay
        self._recorder = replay.recorder
        self._records: dict[str, Record] = replay.records
        self._settling = replay.settling
        self._report = report
        self._owns = owns
        self._ends = ends
        self._run_time = run_time
        self.still: set[int] = set()
        """identity(object) of the present values of names."""
        self._held: set[int] = set()
        self._olds: set[int] = set()

    def find_what_stands(self) -> None:
        for record in self._records.values():
            source = record.end if record.traced else record.module.__dict__
            self.still.update(map(identity, source.values()))
        for cursor in self._replay.cursors.values():
            for trace in cursor.news:
                if trace is not None:
                    self._held.update(map(identity, trace.writes.values()))
        for end in self._ends.values():
            self._olds.update(map(identity, end.values()))

    def reconcile_module(self, name: str, end: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
        """Reconciles what names meant with what they mean. Yields (module, name, object) of those that are gone."""
        record = self._records.get(name)
        now = record.end if record is not None else {}
        cursor = self._replay.cursors.get(name)
        if cursor is not None and not cursor.opened:
            return
        handed_on = self._handed_on(name)
        for key, old in end.items():
            if type(old) in ATOMIC or is_module(old):
                continue
            new = now.get(key, MISSING)
            if new is old:
                continue
            if new is MISSING:
                yield name, key, old
            elif key in handed_on:
                continue
            elif identity(old) not in self.still and identity(old) not in self._held and not same(old, new):
                self._reconcile(old, new, f"{name}.{key}")

    def _handed_on(self, name: str) -> set[str]:
        """Names imported from another module that still has them: not replaced here."""
        cursor = self._replay.cursors.get(name)
        if cursor is None or cursor.olds is None:
            return set()
        found = set()
        for trace in cursor.olds:
            for level, module, names, _ in trace.statement.imports:
                source = absolute(cursor.record.package, level, module)
                if names is None or source not in self._records or source in self._replay.gone:
                    continue
                end = self._ends.get(source, self._records[source].end)
                found |= {bound for original, bound in names if original in end and end[original] is trace.writes.get(bound)
                          and self._records[source].end.get(original, MISSING) is not MISSING}  # fmt: skip
        return found

    def lose(self, module: str, key: str, old: Any) -> None:
        """A name that the module no longer has."""
        if identity(old) in self.still or home(old) != module or not (is_function(old) or is_class(old)):
            return
        settling = self._settling
        if identity(old) in settling.merged:  # it continues under another name
            self._report.vanished.append(f"{module}.{key}")
            return
        if is_class(old) and any(one is old for one, _ in settling.swaps):
            self._report.vanished.append(f"{module}.{key}")
            return
        if identity(old) in settling.settled or any(
            one is old for one, _ in (*settling.forwards, *settling.swaps)
        ):
            return
        moved = self._moved(old)
        if moved is not None:
            if is_function(old):
                self._settling.forwards.append((old, moved))
            else:
                self._settling.replace(old, moved)
            if module not in self._replay.gone:
                self._report.vanished.append(f"{module}.{key}")
            return
        if old.__qualname__ != key:
            return
        if is_function(old):
            if not self._owns(old.__code__.co_filename):
                return
            self._settling.bury(old, f"{module}.{key}")
        self._replay.graves.lay(module, (key,), old)
        self._report.vanished.append(f"{module}.{key}")

    def _moved(self, old: Any) -> Any:
        """The definition of that name which has come up elsewhere in this very replay."""
        for name, record in self._records.items():
            if name in self._ends and name not in self._replay.gone:
                before: Any = self._ends[name]
            elif record in self._replay.batch:
                before = {}
            else:
                continue
            new = record.end.get(old.__name__, MISSING)
            if (
                new is not MISSING
                and old.__name__ not in before
                and type(new) is type(old)
                and home(new) == name
            ):
                return new
        return None

    def come_back(self) -> None:
        """Names that were lost and have returned."""
        graves = self._replay.graves
        for record in [*(cursor.record for cursor in self._replay.cursors.values()), *self._replay.batch]:
            end = self._ends.get(record.name, {})
            for key, new in record.end.items():
                if key in end or not callable(new):
                    continue
                buried = graves.raise_(record.name, (key,))
                if buried is not None and buried is not new and identity(buried) not in self.still:
                    self._reconcile(buried, new, f"{record.name}.{key}")

    def _reconcile(self, old: Any, new: Any, title: str) -> None:
        """``old`` was the value of a name, ``new`` is its value now."""
        settling = self._settling
        if type(old) in ATOMIC or is_module(old) or old is None or type_home(old) == "typing":
            return
        known = identity(new) in self._olds
        if is_function(old):
            if (
                not self._owns(old.__code__.co_filename)
                and not old.__closure__
                and home(old) not in self._records
            ):
                return
            alike = (
                is_function(new)
                and identity(old) not in settling.settled
                and not known
                and home(new) == home(old)
            )
            if alike and settling.settle_wrapper(old, new) is old:
                return
            if identity(old) in settling.settled:
                return
            if callable(new):
                settling.forwards.append((old, new))
            elif home(old) in self._ends:
                settling.bury(old, title)
                settling.swaps.append((old, new))
                self._report.vanished.append(title)
            return
        if is_class(old):
            if home(old) not in self._records and home(old) not in self._ends:
                return
            if is_class(new):
                if settling.merged_away.get(identity(new)) is old:
                    return
                if any(one is old for one, _ in settling.swaps):
                    return
                if identity(old) in settling.settled:
                    return
                if home(new) == home(old) and not known and settling.merge(old, new):
                    return
                settling.replace(old, new)
                return
            settling.swaps.append((old, new))
            return
        if not known and type(old) is type(new) and type(old) in CONTAINERS and self._refill(old, new, title):
            return
        box = self._recorder.boxes.of(old)
        if box is not None:
            self._run_time.report_instance(box, title)
        elif self._run_time.has_changed_mark(old, title):
            self._report.reset.append(title)
        settling.swaps.append((old, new))

    def _refill(self, old: Any, new: Any, title: str) -> bool:
        """A container that was recreated: the old one gets its content, and what the run had put into it stays."""
        boxes = self._recorder.boxes
        kind = boxes.kind(old)
        if kind is None:
            return False
        box = boxes.of(old)
        now, made = read(old, kind), read(new, kind)
        content = made
        if box is not None:
            seen, ran = self._run_time.of(box)
            if not same_state(seen, ran):
                content = _with_the_notebooks(seen, ran, made)
                self._report.reset.append(title)
        self._replay.journal.append(lambda: write(old, kind, now))
        self._settling.refilled.append(now)
        write(old, kind, content)
        fresh = boxes.of(new)
        if fresh is not None:
            boxes.replace(box, fresh, old)
        elif box is not None:
            box.base = box.seen = made
            box.log = []
        self._replay.boxes.run_time.pop(identity(old), None)
        self._run_time.done.add(identity(old))
        self._settling.pairs.append((new, old))
        return True


def _with_the_notebooks(seen: Any, ran: Any, made: Any) -> Any:
    """Functions and classes that the notebook has put into a registry are its own."""
    if type(made) is list:
        present, before = set(map(identity, made)), set(map(identity, seen))
        return made + [
            value
            for value in ran
            if home(value) == "__main__" and identity(value) not in present and identity(value) not in before
        ]
    more = {
        key: value
        for key, value in ran.items()
        if key not in made and (home(value) == "__main__" or home(key) == "__main__") and key not in seen
    }
    return {**made, **more}
