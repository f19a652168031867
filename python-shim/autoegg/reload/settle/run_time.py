"""What the run had done to names and objects of the libraries stays, where the files say of them what they said."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ..inspection import class_dict, home, identity, is_class, is_enum, is_function
from ..observe.boxes import CONTAINERS, FUNCTION, Box, apply, delta, read, same, same_state, write
from ..observe.marks import mark
from ..observe.trace import MISSING, SYSTEM_NAMES, Record
from ..plan.traces import is_module
from ..report.report import Report


class RunTime:
    """What does not stay is reported as reset.

    Args:
        replay: one that has run to its end.
        ends: module -> its names at the end of the previous import.
    """

    def __init__(self, replay: Any, report: Report, ends: Mapping[str, dict[str, Any]]) -> None:
        self._replay = replay
        self._recorder = replay.recorder
        self._records: dict[str, Record] = replay.records
        self._settling = replay.settling
        self._report = report
        self._ends = ends
        self.over: list[tuple[dict[str, Any], str, Any]] = []
        """(namespace, name, what the run had bound to it) of names that stay so."""
        self.done: set[int] = set()
        """identity(object) of those whose content is settled already."""

    # -- names

    def find_names(self) -> None:
        """What the run had bound stays, if the files say the same about that name as before."""
        replay = self._replay
        for name, (_, was) in replay.saved.names.items():
            record = self._records.get(name)
            cursor = replay.cursors.get(name)
            if cursor is not None and name in replay.requested and record is not None and record.traced:
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
                        self.over.append((now, key, value))
                elif value is not end[key]:
                    if same(record.end.get(key, MISSING), end[key]) and (name, key) not in replay.edited:
                        self.over.append((now, key, value))
                    else:
                        self._report.reset.append(f"{name}.{key}")
            for key, value in end.items():
                if (
                    key not in was
                    and key in now
                    and same(record.end.get(key), value)
                    and not is_module(value)
                ):
                    self.over.append((now, key, MISSING))

    def lay_names_over(self, final: Mapping[int, Any]) -> None:
        """``final``: identity(object) -> what has taken its place."""
        for namespace, key, value in self.over:
            if value is MISSING:
                namespace.pop(key, None)
            else:
                namespace[key] = final.get(identity(value), value)

    # -- one object

    def of(self, box: Box) -> tuple[Any, Any]:
        """What the statements had made of a box, and what the run had."""
        noted = self._replay.boxes.run_time.get(identity(box.obj))
        if noted is not None:
            return noted[1], noted[2]
        return box.seen, box.now()

    def has_changed_mark(self, old: Any, title: str) -> bool:
        """Whether the run has used a lock, a counter or the like, which ``title`` named."""
        module, _, name = title.rpartition(".")
        known = self._replay.saved.marks.get(module, {}).get(name)
        return known is not None and known[0] is old and mark(old) != known[1]

    def report_instance(self, box: Box, title: str) -> None:
        """An object that was recreated: run-time changes of the old one are reported."""
        seen, ran = self.of(box)
        if same_state(seen, ran) and not self._has_changed_inside(box.obj):
            return
        self._report.reset.append(title)

    def _has_changed_inside(self, obj: Any) -> bool:
        boxes = self._recorder.boxes
        for inner, _ in boxes.reachable([obj], classes=False, depth=2):
            box = boxes.of(inner)
            if box is not None and not same_state(*self.of(box)):
                return True
        return False

    # -- all of them

    def lay_contents_over(self, final: Mapping[int, Any]) -> None:
        """``final``: identity(object) -> what has taken its place."""
        replay, recorder = self._replay, self._recorder
        requested = self._of_requested_modules()
        for number, (box, seen, ran) in list(replay.boxes.run_time.items()):
            if number in self.done or recorder.boxes.by_id.get(number) is not box:
                continue
            made = box.now()
            if number in requested:
                change = delta(seen, ran)
                self._report.reset += self._titles(box, change[1] if change[0] == "update" else ["*"])
                box.seen = made
                continue
            ran = _translated(ran, final)
            changed = self._settling.other_bodies | self._settling.bumped
            content, lost = _on_top(seen, ran, made, changed)
            box.seen = made
            write(box.obj, box.kind, content)
            lost = [key for key in lost if not (is_class(box.obj) and _is_bookkeeping(key, ran.get(key)))]
            if lost:
                self._report.reset += self._titles(box, lost)
        for cls, before in self._settling.merged.values():
            self._class_containers(cls, before)
        for function, attributes, before in self._settling.adopted.values():
            self._function_containers(function, before, read(function, FUNCTION), final)
            if (
                attributes
                and identity(function) not in replay.boxes.run_time
                and recorder.boxes.of(function) is None
            ):
                for key, value in attributes.items():
                    function.__dict__.setdefault(key, value)

    def _of_requested_modules(self) -> set[int]:
        """ids of what belongs to modules that were requested to run as a whole: its run-time changes do not stay."""
        values = [
            value
            for name in self._replay.requested
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
            if box is not None and now.get(key) is not old and not same_state(*self.of(box)):
                self._report.reset.append(f"{home(cls)}.{cls.__qualname__}.{key}")

    def _function_containers(self, owner: Any, before: Any, now: Any, final: Mapping[int, Any]) -> None:
        """Containers in cells and attributes of a recreated function: what the run had put in is put into those that took their place.

        The registry of ``singledispatch`` is in a cell of a function that is in a cell of the dispatcher.
        """
        for key, old in before.items():
            new = now.get(key)
            if old is new or type(old) is not type(new) or identity(old) in self.done:
                continue
            if is_function(old) or type(old) in CONTAINERS:
                self.done.add(identity(old))
            if is_function(old) and old.__code__ is new.__code__:
                self._function_containers(owner, read(old, FUNCTION), read(new, FUNCTION), final)
            box = self._recorder.boxes.of(old) if type(old) in CONTAINERS else None
            if box is None:
                continue
            seen, ran = self.of(box)
            if not same_state(seen, ran):
                changed = self._settling.other_bodies | self._settling.bumped
                content, lost = _on_top(seen, _translated(ran, final), read(new, box.kind), changed)
                write(new, box.kind, content)
                if lost:
                    self._report.reset.append(f"{home(owner)}.{owner.__qualname__}")

    def _titles(self, box: Box, keys: Iterable[Any]) -> list[str]:
        if is_class(box.obj):
            return [f"{home(box.obj)}.{box.obj.__qualname__}.{key}" for key in keys]
        for record in self._records.values():
            for name, value in record.module.__dict__.items():
                if value is box.obj:
                    return [f"{record.name}.{name}"]
        return []


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


def _on_top(seen: Any, ran: Any, made: Any, changed: Collection[int] = ()) -> tuple[Any, list[Any]]:
    """Applies what the run made of ``seen`` on top of ``made``; also returns what is lost because the files have changed there."""
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


def _translated(state: Any, final: Mapping[int, Any]) -> Any:
    if type(state) is list:
        return [final.get(identity(value), value) for value in state]
    return {key: final.get(identity(value), value) for key, value in state.items()}
