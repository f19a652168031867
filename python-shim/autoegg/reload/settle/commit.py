"""The end of a replay: old objects become what their names mean now, and what the run had done is laid on top."""

from __future__ import annotations

import abc
import contextlib
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any

from ..inspection import class_dict, home, identity, is_class
from ..observe.boxes import same
from ..observe.recorder import own_names
from ..observe.trace import MISSING, SYSTEM_NAMES, Record
from ..plan.traces import is_module
from ..report.report import Report
from .consequences import Consequences
from .jitted import renew
from .lru import clear_caches, forget_properties
from .reconciliation import Reconciliation
from .referrers import UNTOUCHED_CLASS_KEYS
from .run_time import RunTime
from .settling import Detached
from .swaps import swap
from .weak_containers import refer_to_what_took_their_place

_ASKING = 3
"""References that asking makes: the pair, the argument, and getrefcount's."""

_DESCRIPTORS = (types.MemberDescriptorType, types.GetSetDescriptorType)


class Commit:
    """``replay``: one that has run to its end."""

    def __init__(self, replay: Any, report: Report, owns: Callable[[str], bool]) -> None:
        self._replay = replay
        self._recorder = replay.recorder
        self._records: dict[str, Record] = replay.records
        self._settling = replay.settling
        self._report = report
        self._owns = owns
        self._ends: dict[str, dict[str, Any]] = {}
        """Module -> its names at the end of the previous import."""
        self._run_time = RunTime(replay, report, self._ends)
        self._reconciliation = Reconciliation(
            replay=replay, report=report, owns=owns, ends=self._ends, run_time=self._run_time
        )
        self._final: dict[int, Any] = {}
        """identity(object) -> what has taken its place."""

    def run(self) -> None:
        replay, settling = self._replay, self._settling
        for name in [*replay.cursors, *replay.removal.records]:
            record = replay.removal.records.get(name) or replay.cursors[name].record
            self._ends[name] = replay.saved.end(record) if record.traced else self._untraced(name)
        self._adopt_texts()
        self._run_time.find_names()
        self._reconciliation.find_what_stands()
        lost: list[tuple[str, str, Any]] = []
        for name, end in self._ends.items():
            lost += self._reconciliation.reconcile_module(name, end)
        for module, key, old in lost:
            self._reconciliation.lose(module, key, old)
        self._reconciliation.come_back()
        self._swap()
        self._note_boxes()
        self._run_time.lay_contents_over(self._final)
        self._forget_the_dead()
        self._run_time.lay_names_over(self._final)
        self._gone()
        self._remembered()
        led = {identity(one) for one, _ in settling.forwards} | settling.settled
        self._report.old_code += [
            f"{home(one)}.{one.__qualname__}"
            for one in replay.recoding.left
            if identity(one) not in led and identity(one.__code__) in replay.recoding.pairs
        ]
        self._abstract_methods()
        if replay.executed or replay.dead or replay.recoding.changed or replay.reread:
            pairs = replay.recoding.pairs
            changed = [
                pairs[identity(code)][1] for code in replay.recoding.changed if identity(code) in pairs
            ]
            search = Consequences(
                self._records, [*replay.reread, *changed, *settling.changed], self._changed_names()
            )
            clear_caches(self._recorder, search, settling.bumped, self._owns)
            forget_properties(self._recorder, search)
            renew(search, self._records.keys())

    def _untraced(self, name: str) -> dict[str, Any]:
        return {
            key: value for key, value in self._replay.saved.names[name][1].items() if key not in SYSTEM_NAMES
        }

    # -- the books

    def _adopt_texts(self) -> None:
        """The new texts and traces are the modules' own from now on."""
        replay = self._replay
        for trace, statement, moved, codes in replay.taken:
            if not trace.dead:
                trace.statement = statement
                if codes is not None:
                    trace.codes, trace.moved = codes, moved
        for old, new in replay.recoding.pairs.values():
            self._recorder.reads.run_on(old, new)
        for name, cursor in replay.cursors.items():
            record: Record = cursor.record
            if self._records.get(name) is not record:
                continue
            traces = cursor.news if cursor.opened else [cursor.old_trace(step) for step in cursor.steps]
            record.traces = list(traces)
            record.importing = None
            record.unit = cursor.unit
            cursor.unit.forget_tree()
            if cursor.opened:
                record.end = own_names(record)
                self._recorder.note_annotations(record)
            record.traced = True
            record.loading = record.adopted = False
        self._recorder.loaded(record for record in replay.batch if record.name in self._records)
        for record in [cursor.record for cursor in replay.cursors.values()]:
            self._recorder.defer(record)
        self._recorder.deferring = [trace for trace in self._recorder.deferring if not trace.dead]
        dead = set(replay.dead)
        for record in self._records.values():
            if record.incoming and dead:
                record.incoming = [(trace, name) for trace, name in record.incoming if not trace.dead]

    def _note_boxes(self) -> None:
        """Of what statements have made."""
        replay, boxes = self._replay, self._recorder.boxes
        for record in [
            *(cursor.record for cursor in replay.cursors.values() if cursor.opened),
            *replay.batch,
        ]:
            if record.name not in self._records:
                continue
            values = [value for value in record.end.values() if not is_module(value)]
            for obj, kind in boxes.reachable(values):
                if boxes.of(obj) is None:
                    boxes.box(obj, kind)

    def _forget_the_dead(self) -> None:
        for box in self._recorder.boxes.by_id.values():
            if box.log:
                box.log = [(trace, change) for trace, change in box.log if not trace.dead]
            if box.readers:
                box.readers = [trace for trace in box.readers if not trace.dead]

    # -- objects

    def _swap(self) -> None:
        settling, replay = self._settling, self._replay
        steps: dict[int, tuple[Any, Any]] = {}
        for old, new in settling.swaps:
            if old is not new:
                steps.setdefault(identity(old), (old, new))
        for new, old in settling.pairs:
            if new is not old:
                steps.setdefault(identity(new), (new, old))
        final = {number: (old, _end(new, steps)) for number, (old, new) in steps.items()}
        for old, target in settling.forwards:
            target = _end(target, steps)
            if target is not old and identity(old) not in self._reconciliation.still:
                settling.forward(old, target)
                final[identity(old)] = (old, target)
        self._final = {number: target for number, (_, target) in final.items()}
        for number, (
            old,
            _,
        ) in final.items():  # or they would be boxes of what takes their place, with another history
            self._recorder.boxes.forget(number, old)
        replay.journal.clear()
        _discard(settling)
        pairs = [(old, new) for old, new in final.values() if old is not new]
        refer_to_what_took_their_place(pairs, self._recorder.boxes.by_id.values())
        for holder in (steps, final, settling.pairs, settling.keep):
            holder.clear()
        pairs = [pair for pair in pairs if not _is_loose(pair[0])]
        if not pairs:
            return
        keep = {identity(namespace) for _, namespace in replay.saved.names.values()} | {
            identity(end) for end in self._ends.values()
        }
        keep |= {identity(self.__dict__), identity(replay.__dict__), identity(settling.__dict__), identity(settling.keep), identity(settling.swaps),
                 identity(settling.pairs), identity(settling.forwards), identity(settling.merged), identity(settling.adopted), identity(self._run_time.over), identity(self._final)}  # fmt: skip
        for collection in (settling.swaps, settling.pairs, settling.forwards, self._run_time.over):
            keep.update(map(identity, collection))
        keep.update(map(identity, settling.merged.values()))
        keep.update(identity(names) for _, names in settling.merged.values())
        keep.update(map(identity, settling.adopted.values()))
        for trace in replay.dead:
            keep.update((identity(trace.reads), identity(trace.writes)))
        swap(pairs, keep, self._records, self._settling.owned, self._report)

    # -- what others hold

    def _remembered(self) -> None:
        """Classes that continue in another shape, and for which another package stores something (schemas, converters)."""
        # A metaclass's own ``__eq__`` and ``__hash__`` are not asked.
        changed = [
            cls
            for cls, _ in self._settling.merged.values()
            if identity(cls) in self._settling.bumped and type(cls).__hash__ is type.__hash__
        ]
        if not changed:
            return
        for name, module in list(sys.modules.items()):
            if name in self._records or name == "__main__" or type(module) is not types.ModuleType:
                continue
            for value in list(module.__dict__.values()):
                if type(value) is dict and value and value is not module.__dict__:
                    for cls in changed:
                        if cls in value:
                            self._report.remembered.append((name, f"{home(cls)}.{cls.__qualname__}"))

    def _gone(self) -> None:
        replay = self._replay
        for name, record in replay.removal.records.items():
            if name in self._records:
                continue
            module = record.module
            module.__dict__.clear()
            module.__dict__.update(__name__=name, __doc__=None, __getattr__=_gone_attribute(name))
            if name not in replay.removal.failed:
                self._report.removed_modules.append(name)
        self._report.dropped += replay.removal.failed.items()

    def _abstract_methods(self) -> None:
        for cls, _ in self._settling.merged.values():
            if isinstance(cls, abc.ABCMeta):
                for subclass in _subclasses(cls):
                    if isinstance(subclass, abc.ABCMeta):
                        abc.update_abstractmethods(subclass)  # type: ignore[arg-type]

    def _changed_names(self) -> set[tuple[str, str]]:
        found = set()
        for name, end in self._ends.items():
            record = self._records.get(name)
            now = record.end if record is not None else {}
            found |= {
                (name, key)
                for key in {**end, **now}
                if not same(end.get(key, MISSING), now.get(key, MISSING))
            }
        return found


def _is_loose(obj: Any) -> bool:
    """Nothing refers to it except the pair that asks, and a class itself: by its ``__mro__`` and the descriptors of its slots."""
    known = 0
    if is_class(obj):
        known = 1 + sum(
            type(value) in _DESCRIPTORS and value.__objclass__ is obj for value in class_dict(obj).values()
        )
    return sys.getrefcount(obj) <= _ASKING + known


def _end(target: Any, steps: dict[int, tuple[Any, Any]]) -> Any:
    """The end of a chain of replacements."""
    for _ in range(9):
        step = steps.get(identity(target))
        if step is None or step[1] is target:
            break
        target = step[1]
    return target


def _discard(settling: Any) -> None:
    """Merged classes release what they hold: they themselves live until the garbage collector runs."""
    for new, _ in settling.pairs:
        if not is_class(new):
            continue
        for key, value in class_dict(new).items():
            if type(value) not in _DESCRIPTORS and key not in UNTOUCHED_CLASS_KEYS:
                with contextlib.suppress(AttributeError, TypeError):
                    type.__delattr__(new, key)


def _subclasses(cls: type) -> Iterable[type]:
    subclass: type
    for subclass in type.__subclasses__(cls):
        if subclass is not Detached:
            yield subclass
            yield from _subclasses(subclass)


def _gone_attribute(module: str) -> Callable[[str], Any]:
    def __getattr__(name: str) -> Any:
        raise AttributeError(f"module {module} is no longer on disk (no attribute {name!r})")

    return __getattr__
