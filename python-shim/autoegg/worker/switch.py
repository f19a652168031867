"""Put this process on one state: the modules of all libraries out, ``sys.path`` to the new directories.

Nothing here runs library code: what is removed is imported again when the task needs it.
"""

from __future__ import annotations

import os
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from . import outside, tidy, unpack

KEPT = 4
"""How many states' modules a process keeps, so that tasks of two states that alternate need no re-import."""

Key = tuple[Any, ...]
current: Key | None = None
libraries: list[tuple[str, str, str]] = []
"""Of the current state: library, version, directory."""

_kept: OrderedDict[Key, Kept] = OrderedDict()
homes: set[str] = set()

left: set[str] = set()
"""Names of modules that have been removed: importing one of them again runs its code a second time."""

_looked: tuple[Any, str | None] = (None, None)
"""The state, and how many modules there were, when it was last looked what other packages hold; and what was found."""


class Kept:
    """One state's directories (held open, so that no process removes them) and modules (while it is not current)."""

    def __init__(self, directories: list[str], descriptors: list[int], names: Names) -> None:
        self.directories = directories
        self.descriptors = descriptors
        self.names = names
        self.modules: dict[str, Any] = {}


class Names:
    """Which module names belong to the libraries of a state, wherever such a module was imported from."""

    def __init__(self) -> None:
        self.exact: set[str] = set()
        self.below: tuple[str, ...] = ()

    def add(self, library: dict[str, Any], directory: str) -> None:
        if library["kind"] == "namespace":
            # By the manifest, never by the first name: others have portions of the same namespace.
            for path in unpack.manifest_of(directory)["files"]:
                parts = path.split("/")
                parts[-1], _, ending = parts[-1].partition(".")
                if ending == "py" or ending.endswith("so"):
                    self.exact.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        else:
            self.exact.add(library["name"])
            if library["kind"] == "package":
                self.below += (library["name"] + ".",)

    def __contains__(self, name: str) -> bool:
        return name in self.exact or name.startswith(self.below)


def to(state: dict[str, Any], root: str) -> None:
    """Switch to ``state``, whose eggs lie in ``root`` (absolute).

    :raises ImportError: if a version cannot be loaded here; the process stays on the state that it was on.
    """
    global current
    key = (root, *_versions(state))
    if key == current:
        return
    wanted = _kept.get(key) or _prepare(state, root)
    homes.add(unpack.home(root))
    apart = held_outside() is None
    before = _kept.get(current) if current is not None else None
    current = (
        None  # until all is done: a failure below must not be taken for an old state that is still whole
    )
    taken = _take_out(wanted.names, before)
    left.update(taken)
    if before is not None:
        before.modules = taken
    if not apart:  # all of them are imported again, so that what they do elsewhere is done again
        for kept in [*_kept.values(), wanted]:
            kept.modules = {}
    sys.path[:] = wanted.directories + [path for path in sys.path if not ours(path)]
    for path in [path for path in sys.path_importer_cache if ours(path)]:
        del sys.path_importer_cache[path]
    _put_back(wanted)
    _forget_unpickled()
    _keep(key, wanted)
    libraries[:] = [
        (library["name"], library["version"], directory)
        for library, directory in zip(state["libraries"], wanted.directories, strict=True)
    ]
    current = key


def is_at_hand(state: dict[str, Any]) -> bool:
    """Whether ``state`` is the present one or one whose modules are kept, so that nothing is imported again for it."""
    return any(key[1:] == _versions(state) for key in _kept)


def is_present(state: dict[str, Any]) -> bool:
    return current is not None and current[1:] == _versions(state)


def held_outside(forget: Callable[[], None] | None = None) -> str | None:
    """The name of something of the present libraries that other packages hold, as ``outside`` finds it; None if nothing.

    Looked for once per state, and again when modules were imported since.

    :param forget: drops what else tasks have left and nothing needs, while no task runs.
    """
    global _looked
    now = (current, len(sys.modules))
    if _looked[0] != now:

        def forget_all() -> None:
            _forget_unpickled()
            if forget is not None:
                forget()

        present = {name: module for name, module in loaded() if module is not None}
        _looked = (now, outside.holds(present, forget_all))
    return _looked[1]


def owner(module: str) -> tuple[str, str] | None:
    """The library of the present state, with its version, that a module name belongs to."""
    for name, version, _ in libraries:
        if module == name or module.startswith(name + "."):
            return name, version
    return None


def modules() -> dict[str, Any]:
    """The modules of all libraries that this process has loaded, under any state."""
    found = {name: module for name, module in list(sys.modules.items()) if _lies_with_us(module)}
    for kept in _kept.values():
        found.update(kept.modules)
    return found


def loaded() -> list[tuple[str, Any]]:
    """The loaded modules that the present state's libraries have a right to the names of, wherever they come from."""
    kept = _kept.get(current) if current is not None else None
    return [item for item in list(sys.modules.items()) if kept is not None and item[0] in kept.names]


def _versions(state: dict[str, Any]) -> Key:
    return tuple((library["name"], library["version"]) for library in state["libraries"])


def _prepare(state: dict[str, Any], root: str) -> Kept:
    wanted = Kept([], [], Names())
    try:
        for library in state["libraries"]:
            directory, descriptor = unpack.open_directory(root, library)
            wanted.directories.append(directory)
            wanted.descriptors.append(descriptor)
            wanted.names.add(library, directory)
    except BaseException:
        _close(wanted)
        raise
    tidy.eggs(root, state)
    return wanted


def _keep(key: Key, wanted: Kept) -> None:
    _kept[key] = wanted
    _kept.move_to_end(key)
    while len(_kept) > KEPT:
        _close(_kept.popitem(last=False)[1])


def _close(kept: Kept) -> None:
    for descriptor in kept.descriptors:
        os.close(descriptor)


def ours(path: Any) -> bool:
    """Whether ``path`` lies in an unpacked library."""
    return isinstance(path, str) and path.startswith(tuple(homes))


def _lies_with_us(module: Any) -> bool:
    try:
        # Not through getattr: a lazy module would import itself when it is looked at.
        attributes = object.__getattribute__(module, "__dict__")
    except AttributeError:
        return False
    if ours(attributes.get("__file__")):
        return True
    try:
        portions = list(attributes.get("__path__") or ())
    except Exception:  # a module may define anything as its __path__
        return False
    return bool(portions) and all(map(ours, portions))


def _take_out(names: Names, before: Kept | None) -> dict[str, Any]:
    taken = {
        name: module
        for name, module in list(sys.modules.items())
        if name in names or (before is not None and name in before.names) or _lies_with_us(module)
    }
    for name, module in taken.items():
        del sys.modules[name]
        parent, attribute = _parent(name, taken)
        # `from google import ours` looks at the attribute first, and that parent stays.
        if parent is not None and parent.__dict__.get(attribute) is module:
            delattr(parent, attribute)
    return taken


def _put_back(wanted: Kept) -> None:
    modules, wanted.modules = wanted.modules, {}
    sys.modules.update(modules)
    for name, module in modules.items():
        parent, attribute = _parent(name, modules)
        if parent is not None:
            setattr(parent, attribute, module)


def _parent(name: str, moved: Iterable[str]) -> tuple[Any, str]:
    """The parent of a module where it is not among those that move together with it."""
    parent, _, attribute = name.rpartition(".")
    return (None if parent in moved else sys.modules.get(parent)), attribute


def _forget_unpickled() -> None:
    """Drop what was unpickled under the old state and would be handed out again."""
    for name in (
        "pyspark.cloudpickle.cloudpickle",
        "cloudpickle.cloudpickle",
        "joblib.externals.cloudpickle.cloudpickle",
    ):
        # A class of the notebook that derives from the library's would come back with its old base.
        for table in ("_DYNAMIC_CLASS_TRACKER_BY_CLASS", "_DYNAMIC_CLASS_TRACKER_BY_ID"):
            getattr(sys.modules.get(name), table, {}).clear()
    for name in ("pyspark.core.broadcast", "pyspark.broadcast"):
        for broadcast in getattr(sys.modules.get(name), "_broadcastRegistry", {}).values():
            attributes = broadcast.__dict__
            if (
                "_path" in attributes or "_sealed" in attributes
            ):  # else there is nothing to read it from again
                broadcast.__dict__.pop("_value", None)
