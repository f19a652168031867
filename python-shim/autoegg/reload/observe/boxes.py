"""Boxes: everything that a library can change in place: what each held when it was created, and what each statement changed in it.

When a statement that has changed a box is edited or deleted, the box is reset to its first content, and updated
forward again by what stands. Its identity stays, and what the run did to it is laid on top.
"""

from __future__ import annotations

import collections
import enum
import gc
import types
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import is_
from typing import Any, NamedTuple

from ..inspection import ATOMIC, cell_value, identity, instance_dict
from .snapshot import Snapshot

DICT, LIST, SET, INSTANCE, CLASS, FUNCTION = range(6)

CONTAINERS = frozenset([dict, list, set])
LARGEST = 20_000
"""Containers with more entries are left as they are."""
DESCENDED = 2_000
DEPTH = 4
VISITED = 400
"""Objects that one search looks at."""
REACHED = 1200
"""Boxes of one statement, beyond which no further root of it is searched from."""

State = Any
"""A dict (also for sets, instances, classes and functions), or a list."""

Delta = tuple[str, Any, Any]

_ATOMS = frozenset(ATOMIC)
_CLASS_SKIPPED = frozenset(
    [
        "__dict__", "__weakref__", "_abc_impl", "__doc__", "__annotations__", "__abstractmethods__",
        "__type_params__", "__static_attributes__", "__firstlineno__", "__parameters__", "__orig_bases__", "__annotate__",
        "__annotate_func__", "__annotations_cache__", "__classdictcell__", "__qualname__",
    ]
)  # fmt: skip
_DESCRIPTORS = (types.MemberDescriptorType, types.GetSetDescriptorType)
WEAK = (weakref.WeakSet, weakref.WeakValueDictionary, weakref.WeakKeyDictionary)
_KINDS: dict[type, int] = {
    dict: DICT, collections.OrderedDict: DICT, collections.defaultdict: DICT, collections.Counter: DICT,
    list: LIST, collections.deque: LIST, set: SET, types.FunctionType: FUNCTION,
}  # fmt: skip


def same(one: Any, other: Any, depth: int = 4) -> bool:
    """The same object, or equivalent: equal atoms, tuples of the same. Runs no user code."""
    if one is other:
        return True
    kind = type(one)
    if kind is not type(other) or depth < 0:
        return False
    if kind in _ATOMS:
        return bool(one == other or (one != one and other != other))
    if kind is tuple:
        return len(one) == len(other) and all(same(a, b, depth - 1) for a, b in zip(one, other, strict=True))
    if kind is frozenset:
        return all(type(part) in _ATOMS for part in one) and one == other
    if kind is types.MethodType:
        return one.__func__ is other.__func__ and one.__self__ is other.__self__
    if issubclass(kind, weakref.ref):
        return one() is not None and one() is other()
    return False


def same_state(one: State, other: State) -> bool:
    if one is other:
        return True
    if len(one) != len(other):
        return False
    if type(one) is list:
        return all(map(is_, one, other)) or all(map(same, one, other))
    values = all(map(is_, one.values(), other.values())) or all(map(same, one.values(), other.values()))
    return values and (all(map(is_, one, other)) or all(map(same, one, other)))


def delta(before: State, after: State) -> Delta:
    if type(before) is list:
        if len(after) >= len(before) and all(map(same, before, after)):
            return ("extend", after[len(before) :], None)
        return ("all", list(after), None)
    changed = {
        key: value for key, value in after.items() if key not in before or not same(before[key], value)
    }
    return ("update", changed, [key for key in before if key not in after])


def apply(change: Delta, state: State) -> State:
    what, value, gone = change
    if what == "extend":
        return state + value
    if what == "all":
        return list(value)
    result = {**state, **value}
    for key in gone:
        result.pop(key, None)
    return result


def read(obj: Any, kind: int) -> State:
    if kind == DICT:
        return dict(obj)
    if kind == LIST:
        return list(obj)
    if kind == SET:
        return dict.fromkeys(obj)
    if kind == INSTANCE:
        return dict(object.__getattribute__(obj, "__dict__"))
    if kind == CLASS:
        return class_state(type.__getattribute__(obj, "__dict__"))
    state: dict[Any, Any] = {("attribute", key): value for key, value in obj.__dict__.items()}
    state["slot", "__module__"] = obj.__module__
    for name, cell in zip(obj.__code__.co_freevars, obj.__closure__ or (), strict=True):
        filled, value = cell_value(cell)
        if filled and name != "__class__":
            state["cell", name] = value
    return state


def class_state(names: Mapping[str, Any]) -> State:
    return {
        key: value
        for key, value in names.items()
        if key not in _CLASS_SKIPPED and type(value) not in _DESCRIPTORS
    }


def write(obj: Any, kind: int, state: State) -> None:
    """Make ``obj`` hold ``state``, without its own methods where it may have some."""
    now = read(obj, kind)
    if same_state(now, state):
        return
    if kind == DICT:
        if isinstance(obj, collections.OrderedDict):
            obj.clear()
            obj.update(state)
        else:
            dict.clear(obj)
            dict.update(obj, state)
    elif kind == LIST:
        if isinstance(obj, list):
            list.__setitem__(obj, slice(None), state)
        else:
            obj.clear()
            obj.extend(state)
    elif kind == SET:
        set.clear(obj)
        set.update(obj, state)
    elif kind == INSTANCE:
        own = object.__getattribute__(obj, "__dict__")
        for key in [key for key in own if key not in state]:
            del own[key]
        own.update(state)
    elif kind == CLASS:
        _write_class(obj, now, state)
    else:
        _write_function(obj, state)


def _write_class(cls: type, now: State, state: State) -> None:
    for key in now.keys() - state.keys():
        try:
            type.__delattr__(cls, key)
        except (AttributeError, TypeError):
            continue
    for key, value in state.items():
        if key not in now or now[key] is not value:
            try:
                type.__setattr__(cls, key, value)
            except (AttributeError, TypeError):
                continue


def _write_function(function: types.FunctionType, state: State) -> None:
    function.__dict__.clear()
    function.__dict__.update({key: value for (what, key), value in state.items() if what == "attribute"})
    if ("slot", "__module__") in state:
        function.__module__ = state["slot", "__module__"]
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if ("cell", name) in state:
            cell.cell_contents = state["cell", name]


class Box:
    """``base``: its content when it was made; ``seen``: what the statements are known to have made of it; ``log``: how."""

    __slots__ = ("_whole", "_whole_of", "base", "kind", "log", "number", "obj", "opaque", "readers", "seen")

    def __init__(self, obj: Any, kind: int, number: int) -> None:
        self.number = number
        """Of two boxes, the one found later has the greater number."""
        self.obj = obj
        self.kind = kind
        self.base: State = read(obj, kind)
        self.seen: State = self.base
        self.log: list[tuple[Any, Delta]] = []
        """(trace of the statement, what it changed), in order."""
        self.readers: list[Any] = []
        """Traces of statements within whose reach it was."""
        self.opaque = False
        self._whole: dict[str, Any] | None = None
        """Of a class: its whole namespace when it was found to hold ``_whole_of``."""
        self._whole_of: State = None

    def now(self) -> State:
        return read(self.obj, self.kind)

    def held(self) -> list[Any]:
        """What it refers to: the object, and what that has held."""
        parts = [self.obj, self.base, self.seen, self._whole, self._whole_of]
        return [*parts, *(change for _, change in self.log)]

    def is_made_again(self) -> None:
        """What its object holds now is its initial content."""
        self.base = self.seen = self.now()
        self._whole = self._whole_of = None

    def is_as_seen(self) -> bool:
        """Whether it still holds exactly the objects that were last seen in it; called often, so nothing is copied unless necessary."""
        obj, kind, seen = self.obj, self.kind, self.seen
        if kind <= SET:
            if len(obj) != len(seen):
                return False
            if not seen:
                return True
            if not all(map(is_, obj, seen)):
                return False
            return kind != DICT or all(map(is_, obj.values(), seen.values()))
        if kind == INSTANCE:
            return _are_the_same(object.__getattribute__(obj, "__dict__"), seen) or same_state(
                seen, self.now()
            )
        if (
            kind == CLASS
        ):  # ``seen`` follows from all that it has: where that is as it was, nothing has to be chosen from it
            whole = type.__getattribute__(obj, "__dict__")
            if self._whole is not None and self._whole_of is seen and _are_the_same(whole, self._whole):
                return True
            if same_state(seen, class_state(whole)):
                self._whole, self._whole_of = dict(whole), seen
                return True
            return False
        return same_state(seen, self.now())


def _are_the_same(now: Mapping[str, Any], then: Mapping[str, Any]) -> bool:
    return len(now) == len(then) and all(map(is_, now.values(), then.values())) and all(map(is_, now, then))


class _Found(NamedTuple):
    """What a search from ``root`` found. ``stamp``: for a class, its size or the number of searches so far."""

    root: Any
    stamp: int
    boxes: dict[int, Box]
    classes: list[Any]
    """Classes that are not boxes yet, and need not become boxes."""
    snapshots: list[Snapshot]


def _snapshot(boxes: Mapping[int, Box]) -> Snapshot:
    return Snapshot({number: box.obj for number, box in boxes.items()})


class Boxes:
    """Every box, by the ``id`` of its object, which it keeps alive."""

    def __init__(self, owned: Callable[[str | None], bool], owns: Callable[[str], bool]) -> None:
        self._owned = owned
        self._owns = owns
        self.by_id: dict[int, Box] = {}
        self.count = 0
        self.foreign: dict[int, Any] = {}
        """By id: what other packages have as globals (``sys.path``, a registry of theirs). Never a box."""
        self._class_parts: dict[int, tuple[type, int, list[Any]]] = {}
        self._within: dict[Any, _Found] = {}
        """What was found from (id of an object, with classes?), or through the attributes of the class of this id alone."""
        self._of_classes: dict[tuple[int, bool], _Found] = {}
        self._through: dict[int, set[Any]] = {}
        """id of an object -> which of ``_within`` were found through it."""
        self._searches = 0
        """Grows when one of those has to be searched for again."""
        self.remember = False
        """During an import: every change of a box is recorded. A replay changes them itself, so it searches again each time."""

    def of(self, obj: Any) -> Box | None:
        box = self.by_id.get(identity(obj))
        return box if box is not None and box.obj is obj else None

    def box(self, obj: Any, kind: int) -> Box:
        box = self.by_id.get(identity(obj))
        if box is None or box.obj is not obj:
            self.count += 1
            box = self.by_id[identity(obj)] = Box(obj, kind, self.count)
            if kind == FUNCTION:  # only one that is a box is looked into
                self.changed(obj)
        return box

    def forget(self, number: int, obj: Any) -> None:
        """Something else takes the place of this object, whose ``identity`` is ``number``: what statements saw in it is no longer asked."""
        box = self.by_id.pop(number, None)
        if box is not None and box.obj is obj:
            for trace in box.readers:
                if trace.more is not None:
                    trace.more.looked_into = [
                        found for found in trace.more.looked_into if found[0] is not box
                    ]
            for trace, _ in box.log:
                if trace.more is not None:
                    trace.more.effects = [found for found in trace.more.effects if found[0] is not box]

    def replace(self, box: Box | None, fresh: Box, obj: Any) -> None:
        """``obj``, whose box is ``box``, has got the content of the object of ``fresh``: from now on that is its box."""
        del self.by_id[identity(fresh.obj)]
        fresh.obj = obj
        self.by_id[identity(obj)] = fresh
        for trace in box.readers if box is not None else ():
            if trace.more is not None and not trace.dead:
                fresh.readers.append(trace)
                trace.more.looked_into = [
                    (fresh, min(count, len(fresh.log))) if seen is box else (seen, count)
                    for seen, count in trace.more.looked_into
                ]

    def kind(self, obj: Any) -> int | None:
        """None: nothing inside it counts by itself."""
        cls = type(obj)
        if cls in _ATOMS or identity(obj) in self.foreign:
            return None
        known = _KINDS.get(cls)
        if known is not None:
            return None if known in (DICT, LIST, SET) and len(obj) > LARGEST else known
        if issubclass(cls, type):
            if issubclass(cls, enum.EnumMeta):
                return None  # what it keeps of its members is settled with them
            return CLASS if self._owned(_module_of(obj)) else None
        if issubclass(cls, (types.ModuleType, enum.Enum)):
            return None
        for plain, container in ((dict, DICT), (list, LIST), (set, SET), (collections.deque, LIST)):
            if issubclass(cls, plain):
                return container if len(obj) <= LARGEST else None
        if cls in WEAK:
            return INSTANCE
        if not self._owned(_module_of(cls)) or not getattr(cls, "__dictoffset__", 0):
            return None
        return INSTANCE if instance_dict(obj) is not None else None

    def are_foreign(self, namespace: Mapping[str, Any], names: Iterable[str]) -> None:
        """These globals of another package are its own."""
        for name in names:
            value = namespace.get(name)
            if type(value) not in _PASSED and not issubclass(type(value), (type, types.ModuleType)):
                self.foreign[identity(value)] = value

    def _inside_class(self, cls: Any) -> list[Any]:
        """What a class and its bases have that may be a box, or lead to one."""
        return [part for base in self._owned_bases(cls) for part in self._parts(base)]

    def _owned_bases(self, cls: Any) -> list[Any]:
        return [base for base in cls.__mro__ if self._owned(_module_of(base))]

    def _parts(self, cls: Any) -> list[Any]:
        """Of the class alone; looked up once until it changes."""
        names = type.__getattribute__(cls, "__dict__")
        known = self._class_parts.get(identity(cls))
        if known is None or known[0] is not cls or known[1] != len(names):
            parts = [
                value
                for key, value in names.items()
                if key not in _CLASS_SKIPPED
                and (
                    type(value) not in _PASSED
                    or (type(value) is type and value.__qualname__ == f"{cls.__qualname__}.{key}")
                )
            ]
            known = self._class_parts[identity(cls)] = (cls, len(names), parts)
        return known[2]

    def classes_changed(self) -> None:
        """Attributes of classes may have changed."""
        self._class_parts.clear()

    def forget_reached(self) -> None:
        """Anything may have changed."""
        self._class_parts.clear()
        self._within.clear()
        self._of_classes.clear()
        self._through.clear()

    def changed(self, obj: Any) -> None:
        """What was reached through this object may have changed."""
        self._class_parts.pop(identity(obj), None)
        for key in self._through.pop(identity(obj), ()):
            found = self._within.pop(key, None)
            if found is not None:
                for snapshot in found.snapshots:
                    snapshot.forget()
            self._searches += 1

    def within(self, root: Any, classes: bool, snapshots: list[Snapshot] | None = None) -> Mapping[int, Box]:
        """The boxes that are reachable from ``root``, by the ``identity`` of their objects; searched for once until one changes.

        In sympy nine of ten searches of an import begin where an earlier one did. ``snapshots`` is given those of the containers found.
        """
        found = self._search(root, classes)
        if snapshots is not None:
            snapshots += found.snapshots
        return found.boxes

    def _search(self, root: Any, classes: bool) -> _Found:
        key = (identity(root), classes)
        known = self._within.get(key)
        if known is not None and known.root is root:
            return known
        if self.remember and issubclass(type(root), type):
            return self._search_class(root, classes)
        passed: set[int] = set()
        boxes = {
            identity(obj): self.box(obj, kind) for obj, kind in self.reachable([root], classes, passed=passed)
        }
        if not self.remember:
            return _Found(root, 0, boxes, [], [])
        return self._keep(key, passed, _Found(root, 0, boxes, [], [_snapshot(boxes)]))

    def _keep(self, key: Any, passed: Iterable[int], found: _Found) -> _Found:
        self._within[key] = found
        for number in passed:
            self._through.setdefault(number, set()).add(key)
        return found

    def _search_class(self, cls: Any, classes: bool) -> _Found:
        """As ``reachable`` finds them: the class, and what it and each of its bases has, which is searched for once for all that derive from it."""
        key = (identity(cls), classes)
        known = self._of_classes.get(key)
        if known is not None and known.root is cls and known.stamp == self._searches:
            return known
        found = self._of_classes[key] = _Found(cls, self._searches, {}, [], [])
        if self.kind(cls) == CLASS:
            self._add_class(cls, classes, found.boxes)
            for base in self._owned_bases(cls):
                alone = self._search_alone(base)
                found.boxes.update(alone.boxes)
                found.snapshots.extend(alone.snapshots)
                for inner in alone.classes:
                    self._add_class(inner, classes, found.boxes)
        return found

    def _add_class(self, cls: Any, classes: bool, boxes: dict[int, Box]) -> None:
        box = self.of(cls)
        if classes or (box is not None and box.log):
            boxes[identity(cls)] = box if box is not None else self.box(cls, CLASS)

    def _search_alone(self, cls: Any) -> _Found:
        """Through the attributes of this class itself, not those of its bases."""
        key = identity(cls)
        known = self._within.get(key)
        size = len(type.__getattribute__(cls, "__dict__"))
        if known is not None and known.root is cls and known.stamp == size:
            return known
        passed: set[int] = set()
        inside = list(self.reachable(self._parts(cls), True, DEPTH - 1, passed))
        boxes = {identity(obj): self.box(obj, kind) for obj, kind in inside if kind != CLASS}
        inner = [obj for obj, kind in inside if kind == CLASS]
        return self._keep(key, {*passed, key}, _Found(cls, size, boxes, inner, [_snapshot(boxes)]))

    def reachable(
        self, roots: Iterable[Any], classes: bool = True, depth: int = DEPTH, passed: set[int] | None = None
    ) -> Iterator[tuple[Any, int]]:
        """(object, kind) of what can be changed in place through ``roots``. Namespaces of modules never count.

        ``passed`` is given the ``identity`` of each object that was looked at.
        """
        todo = [(root, depth) for root in roots]
        seen: set[int] = set() if passed is None else passed
        while todo and len(seen) < VISITED:
            obj, left = todo.pop()
            cls = type(obj)
            if cls in _ATOMS or identity(obj) in seen:
                continue
            seen.add(identity(obj))
            if cls is tuple or cls is frozenset:
                if left > 0 and len(obj) < DESCENDED:
                    todo += [(part, left - 1) for part in obj]
                continue
            if cls is types.MappingProxyType:  # the registry of a ``singledispatch`` function
                todo += [
                    (part, left)
                    for part in gc.get_referents(obj)
                    if type(part) is dict and "__module__" not in part
                ]
                continue
            if cls in (staticmethod, classmethod):
                todo.append((obj.__func__, left))
                continue
            if cls is types.MethodType:
                todo += [(obj.__self__, left), (obj.__func__, left)]
                continue
            if cls is property:
                continue
            kind = self.kind(obj)
            if kind is None:
                continue
            if kind == CLASS:
                box = self.by_id.get(identity(obj))
                if classes or (box is not None and box.log):
                    yield obj, kind
                if left > 0:
                    todo += [(part, left - 1) for part in self._inside_class(obj)]
                continue
            if kind == FUNCTION:
                if not obj.__closure__ and not obj.__dict__ and identity(obj) not in self.by_id:
                    continue
                if not self._owns(obj.__code__.co_filename) and not self._owned(obj.__module__):
                    continue
            elif kind == DICT and "__builtins__" in obj:
                continue  # a namespace
            yield obj, kind
            if left > 0 and len(todo) < DESCENDED:
                todo += [(part, left - 1) for part in _inside(obj, kind)]


_PASSED = frozenset([*ATOMIC, types.FunctionType, property, *_DESCRIPTORS, types.BuiltinFunctionType, type])


def _module_of(cls: Any) -> str | None:
    try:
        name = type.__getattribute__(cls, "__module__")
    except Exception:
        return None
    return name if type(name) is str else None


def _inside(obj: Any, kind: int) -> Iterator[Any]:
    """What a box holds that may be a box itself; functions and classes in containers are left out (registries are large)."""
    if kind == FUNCTION:
        for cell in obj.__closure__ or ():
            filled, value = cell_value(cell)
            if filled:
                yield value
        yield from obj.__dict__.values()
        return
    if kind == INSTANCE:
        yield from (
            value
            for value in list(object.__getattribute__(obj, "__dict__").values())
            if type(value) not in _PASSED
        )
        cls = type(obj)
        yield cls
        return
    values = obj.values() if kind == DICT else obj
    if len(obj) <= DESCENDED:
        yield from [
            value for value in values if type(value) not in _PASSED and not issubclass(type(value), type)
        ]
