"""The end of a replay: old objects become what their names mean now, and what the run had done is laid on top."""

from __future__ import annotations

import abc
import contextlib
import sys
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from ..inspection import ATOMIC, class_dict, home, identity, is_class, is_enum, is_function, type_home
from ..observe.boxes import Box, apply, delta, read, same, same_state, write
from ..observe.marks import mark
from ..observe.recorder import own_names
from ..observe.trace import MISSING, SYSTEM_NAMES, Record
from ..plan.traces import absolute, is_module
from ..report.report import Report
from .consequences import Consequences
from .jitted import renew
from .lru import clear_caches, forget_properties
from .settling import Detached
from .swaps import swap

_ASKING = 3
"""References that asking makes: the pair, the argument, and getrefcount's."""

_DESCRIPTORS = (types.MemberDescriptorType, types.GetSetDescriptorType)
CONTAINERS = (dict, list, set)


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
        """Module -> its names as the import before had left them."""
        self._over: list[tuple[dict[str, Any], str, Any]] = []
        self._still: set[int] = set()
        self._held: set[int] = set()
        self._olds: set[int] = set()
        self._done: set[int] = set()
        self._final: dict[int, Any] = {}

    def run(self) -> None:
        replay, settling = self._replay, self._settling
        for name in [*replay.cursors, *replay.removal.records]:
            record = replay.removal.records.get(name) or replay.cursors[name].record
            self._ends[name] = replay.saved.end(record) if record.traced else self._untraced(name)
        replay.subclasses.show()
        self._adopt_texts()
        self._run_time_names()
        self._find_what_stands()
        lost: list[tuple[str, str, Any]] = []
        for name, end in self._ends.items():
            lost += self._module(name, end)
        for module, key, old in lost:
            self._is_lost(module, key, old)
        self._come_back()
        self._swap()
        self._boxes()
        self._lay_over()
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
            known = self._recorder.reads.ran_by.pop(identity(old), None)
            if known is not None and known[0] is old:
                alive = [trace for trace in known[1] if not trace.dead]
                if alive:
                    self._recorder.reads.ran_by[identity(new)] = (new, alive)
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

    # -- names

    def _run_time_names(self) -> None:
        """What the run had bound stays, if what the files say of that name is what it was."""
        replay = self._replay
        for name, (_, was) in replay.saved.names.items():
            record = self._records.get(name)
            cursor = replay.cursors.get(name)
            if cursor is not None and name in replay.anew and record is not None and record.traced:
                self._report.reset += [f"{name}.{key}" for key in _rebound(was, self._ends[name])]
            if (
                record is None
                or cursor is None
                or not cursor.opened
                or name not in self._ends
                or cursor.olds is None
            ):
                continue
            end, now = self._ends[name], record.module.__dict__
            for key, value in was.items():
                if key in SYSTEM_NAMES or (is_module(value) and key not in end):
                    if (
                        key not in now
                        and key not in SYSTEM_NAMES
                        and value is sys.modules.get(f"{name}.{key}")
                    ):
                        now[key] = value
                    continue
                if key not in end:
                    if key not in now and "__getattr__" not in now:
                        self._over.append((now, key, value))
                elif value is not end[key]:
                    if same(record.end.get(key, MISSING), end[key]) and (name, key) not in replay.edited:
                        self._over.append((now, key, value))
                    else:
                        self._report.reset.append(f"{name}.{key}")
            for key, value in end.items():
                if (
                    key not in was
                    and key in now
                    and same(record.end.get(key), value)
                    and not is_module(value)
                ):
                    self._over.append((now, key, MISSING))

    def _find_what_stands(self) -> None:
        for record in self._records.values():
            source = record.end if record.traced else record.module.__dict__
            self._still.update(map(identity, source.values()))
        for cursor in self._replay.cursors.values():
            for trace in cursor.news:
                if trace is not None:
                    self._held.update(map(identity, trace.writes.values()))
        for end in self._ends.values():
            self._olds.update(map(identity, end.values()))

    def _module(self, name: str, end: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
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
            elif identity(old) not in self._still and identity(old) not in self._held and not same(old, new):
                self._reconcile(old, new, f"{name}.{key}")

    def _handed_on(self, name: str) -> set[str]:
        """Names of things that the module had from another one, which still has them: not its to replace."""
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

    def _is_lost(self, module: str, key: str, old: Any) -> None:
        """A name that the module no longer has."""
        if identity(old) in self._still or home(old) != module or not (is_function(old) or is_class(old)):
            return
        settling = self._settling
        if identity(old) in settling.merged:  # it lives on by another name
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

    def _come_back(self) -> None:
        """Names that were lost and have returned."""
        graves = self._replay.graves
        for record in [*(cursor.record for cursor in self._replay.cursors.values()), *self._replay.batch]:
            end = self._ends.get(record.name, {})
            for key, new in record.end.items():
                if key in end or not callable(new):
                    continue
                buried = graves.raise_(record.name, (key,))
                if buried is not None and buried is not new and identity(buried) not in self._still:
                    self._reconcile(buried, new, f"{record.name}.{key}")

    def _reconcile(self, old: Any, new: Any, title: str) -> None:
        """``old`` was what a name meant, ``new`` is what it means."""
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
            self._carry_instance(box, new, title)
        elif self._was_changed(old, title):
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
            seen, ran = self._seen(box)
            if not same_state(seen, ran):
                content = _with_the_notebooks(seen, ran, made)
                self._report.reset.append(title)
        self._replay.journal.append(lambda: write(old, kind, now))
        write(old, kind, content)
        fresh = boxes.of(new)
        if fresh is not None:
            del boxes.by_id[identity(new)]
            fresh.obj = old
            boxes.by_id[identity(old)] = fresh
        elif box is not None:
            box.base = box.seen = made
            box.log = []
        self._replay.boxes.run_time.pop(identity(old), None)
        self._done.add(identity(old))
        self._settling.pairs.append((new, old))
        return True

    def _seen(self, box: Box) -> tuple[Any, Any]:
        """What the statements had made of a box, and what the run had."""
        noted = self._replay.boxes.run_time.get(identity(box.obj))
        if noted is not None:
            return noted[1], noted[2]
        return box.seen, box.now()

    def _was_changed(self, old: Any, title: str) -> bool:
        module, _, name = title.rpartition(".")
        known = self._replay.saved.marks.get(module, {}).get(name)
        return known is not None and known[0] is old and mark(old) != known[1]

    def _has_changed_inside(self, obj: Any) -> bool:
        boxes = self._recorder.boxes
        for inner, _ in boxes.reachable([obj], classes=False, depth=2):
            box = boxes.of(inner)
            if box is not None and not same_state(*self._seen(box)):
                return True
        return False

    def _carry_instance(self, box: Box, new: Any, title: str) -> None:
        """An object that was recreated: run-time changes of the old one are reported."""
        seen, ran = self._seen(box)
        if same_state(seen, ran) and not self._has_changed_inside(box.obj):
            return
        self._report.reset.append(title)

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
            if target is not old and identity(old) not in self._still:
                settling.forward(old, target)
                final[identity(old)] = (old, target)
        self._final = {number: target for number, (_, target) in final.items()}
        for number in final:  # or they would be boxes of what takes their place, with another history
            self._recorder.boxes.by_id.pop(number, None)
        replay.journal.clear()
        _discard(settling)
        pairs = [(old, new) for old, new in final.values() if old is not new]
        for holder in (steps, final, settling.pairs, settling.keep):
            holder.clear()
        pairs = [pair for pair in pairs if not _is_loose(pair[0])]
        if not pairs:
            return
        for old, _ in pairs:
            # Else its box would be given the new object, too, and go on with what the old one held.
            if self._recorder.boxes.of(old) is not None:
                del self._recorder.boxes.by_id[identity(old)]
        keep = {identity(namespace) for _, namespace in replay.saved.names.values()} | {
            identity(end) for end in self._ends.values()
        }
        keep |= {identity(self.__dict__), identity(replay.__dict__), identity(settling.__dict__), identity(settling.keep), identity(settling.swaps),
                 identity(settling.pairs), identity(settling.forwards), identity(settling.merged), identity(settling.adopted), identity(self._over), identity(self._final)}  # fmt: skip
        for collection in (settling.swaps, settling.pairs, settling.forwards, self._over):
            keep.update(map(identity, collection))
        keep.update(map(identity, settling.merged.values()))
        keep.update(identity(names) for _, names in settling.merged.values())
        keep.update(map(identity, settling.adopted.values()))
        for trace in replay.dead:
            keep.update((identity(trace.reads), identity(trace.writes)))
        boxes = self._recorder.boxes
        keep.update(identity(boxes.by_id.pop(identity(old))) for old, _ in pairs if boxes.of(old) is not None)
        swap(pairs, keep, self._records, self._settling.owned, self._report)

    # -- what the run did

    def _boxes(self) -> None:
        replay = self._replay
        recorder = self._recorder
        for record in [
            *(cursor.record for cursor in replay.cursors.values() if cursor.opened),
            *replay.batch,
        ]:
            if record.name not in self._records:
                continue
            values = [value for value in record.end.values() if not is_module(value)]
            for obj, kind in recorder.boxes.reachable(values):
                if recorder.boxes.of(obj) is None:
                    recorder.boxes.box(obj, kind)
        anew = self._of_modules_run_anew()
        for number, (box, seen, ran) in list(replay.boxes.run_time.items()):
            if number in self._done or recorder.boxes.by_id.get(number) is not box:
                continue
            made = box.now()
            if number in anew:
                change = delta(seen, ran)
                self._report.reset += self._titles(box, change[1] if change[0] == "update" else ["*"])
                box.seen = made
                continue
            ran = _translated(ran, self._final)
            changed = self._settling.other_bodies | self._settling.bumped
            content, lost = _on_top(seen, ran, made, changed)
            box.seen = made
            write(box.obj, box.kind, content)
            lost = [key for key in lost if not (is_class(box.obj) and _is_bookkeeping(key, ran.get(key)))]
            if lost:
                self._report.reset += self._titles(box, lost)
        for cls, before in self._settling.merged.values():
            self._class_containers(cls, before)
        for function, attributes, _ in self._settling.adopted.values():
            if (
                attributes
                and identity(function) not in replay.boxes.run_time
                and recorder.boxes.of(function) is None
            ):
                for key, value in attributes.items():
                    function.__dict__.setdefault(key, value)
        for box in recorder.boxes.by_id.values():
            if box.log:
                box.log = [(trace, change) for trace, change in box.log if not trace.dead]
            if box.readers:
                box.readers = [trace for trace in box.readers if not trace.dead]

    def _of_modules_run_anew(self) -> set[int]:
        """ids of what belongs to modules that were requested to run as a whole: its run-time changes do not stay."""
        values = [
            value
            for name in self._replay.anew
            for value in [*self._ends.get(name, {}).values(), *self._records[name].end.values()]
            if not is_module(value) and not (is_class(value) and home(value) != name)
        ]
        return {identity(obj) for obj, _ in self._recorder.boxes.reachable(values)}

    def _class_containers(self, cls: type, before: dict[str, Any]) -> None:
        """Containers of a class that were recreated: what the run had put in is lost."""
        if is_enum(cls):
            return
        now = class_dict(cls)
        for key, old in before.items():
            box = self._recorder.boxes.of(old) if type(old) in CONTAINERS else None
            if box is not None and now.get(key) is not old and not same_state(*self._seen(box)):
                self._report.reset.append(f"{home(cls)}.{cls.__qualname__}.{key}")

    def _titles(self, box: Box, keys: Iterable[Any]) -> list[str]:
        if is_class(box.obj):
            return [f"{home(box.obj)}.{box.obj.__qualname__}.{key}" for key in keys]
        for record in self._records.values():
            for name, value in record.module.__dict__.items():
                if value is box.obj:
                    return [f"{record.name}.{name}"]
        return []

    def _lay_over(self) -> None:
        for namespace, key, value in self._over:
            if value is MISSING:
                namespace.pop(key, None)
            else:
                namespace[key] = self._final.get(identity(value), value)

    def _remembered(self) -> None:
        """Classes that live on in another shape, and by which another package keeps something (schemas, converters)."""
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


def _is_bookkeeping(name: str, value: Any) -> bool:
    """Whether an attribute of a class is what decorators and metaclasses write (``__dataclass_fields__``), not the run."""
    return name[:2] == name[-2:] == "__" and not callable(value)


def _rebound(was: Mapping[str, Any], end: Mapping[str, Any]) -> list[str]:
    """Names of a module that the run had bound to something else than its import had."""
    return [
        key
        for key, value in was.items()
        if key not in SYSTEM_NAMES and not is_module(value) and not same(value, end.get(key, MISSING))
    ]


def _is_loose(obj: Any) -> bool:
    """Nobody refers to it but the pair that asks, and a class to itself: by its ``__mro__``, and by descriptors of its slots."""
    known = 0
    if is_class(obj):
        known = 1 + sum(
            type(value) in _DESCRIPTORS and value.__objclass__ is obj for value in class_dict(obj).values()
        )
    return sys.getrefcount(obj) <= _ASKING + known


def _end(target: Any, steps: dict[int, tuple[Any, Any]]) -> Any:
    """Where a chain of replacements ends."""
    for _ in range(9):
        step = steps.get(identity(target))
        if step is None or step[1] is target:
            break
        target = step[1]
    return target


def _discard(settling: Any) -> None:
    """Classes that were merged away let go of what they have."""
    for new, _ in settling.pairs:
        if not is_class(new):
            continue
        for key, value in class_dict(new).items():
            if type(value) in (types.FunctionType, staticmethod, classmethod, property):
                with contextlib.suppress(AttributeError, TypeError):
                    type.__delattr__(new, key)


def _on_top(seen: Any, ran: Any, made: Any, changed: Collection[int] = ()) -> tuple[Any, list[Any]]:
    """What the run made of ``seen``, on top of ``made``; and what of it is lost because the files say something else now."""
    change = delta(seen, ran)
    if change[0] == "extend":
        present = set(map(identity, made))
        return made + [value for value in change[1] if identity(value) not in present], []
    if change[0] == "all":
        return (list(ran), []) if same_state(seen, made) else (made, ["*"])
    kept = {
        key: value
        for key, value in change[1].items()
        if (key not in made and key not in seen)
        or (
            key in made
            and key in seen
            and same(seen[key], made[key])
            and not (is_function(made[key]) and identity(made[key]) in changed)
        )
    }
    gone = [key for key in change[2] if key in made and same(seen[key], made[key])]
    lost = [key for key in change[1] if key not in kept and not same(change[1][key], made.get(key, MISSING))]
    return apply(("update", kept, gone), made), lost


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


def _translated(state: Any, final: dict[int, Any]) -> Any:
    if type(state) is list:
        return [final.get(identity(value), value) for value in state]
    return {key: final.get(identity(value), value) for key, value in state.items()}


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
