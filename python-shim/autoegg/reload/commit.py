"""After the new code ran: old functions take it over, what could not keep its identity is replaced, names are put right."""

from __future__ import annotations

import abc
import functools
import sys
import types
import weakref
from collections.abc import Callable, Collection, Mapping
from typing import Any

from . import progress
from .classes import move_instances, move_subclasses
from .functions import (
    CLASS_STEP,
    Path,
    adopt,
    bury,
    carry_dispatch,
    code_pairs,
    forward,
    functions_of,
    patch_closures,
)  # fmt: skip
from .inspection import (
    class_dict,
    functions_in,
    home,
    is_a,
    is_atomic,
    is_class,
    is_function,
    slots_of,
    type_home,
)
from .instances import forget
from .references import Replacer, replace_everywhere
from .report import Report
from .transaction import Transaction

MISSING: Any = object()

Pairs = list[tuple[Any, Any]]


class Graves:
    """Functions and classes that the library lost, so that they come alive again when their code comes back."""

    def __init__(self) -> None:
        self._graves: dict[tuple[str, Path], weakref.ref[Any]] = {}

    def lay(self, module: str, path: Path, obj: Any) -> None:
        self._graves[(module, path)] = weakref.ref(obj)

    def raise_(self, module: str, path: Path) -> Any:
        """The object that was buried there, no longer buried; None if there is none."""
        reference = self._graves.pop((module, path), None)
        return reference() if reference is not None else None

    def classes(self, module: str) -> list[type]:
        found: list[Any] = [ref() for (name, _), ref in self._graves.items() if name == module]
        return [obj for obj in found if is_class(obj)]

    def is_stub(self, obj: Any) -> bool:
        """Is it a buried function? Calling it says what happened."""
        return is_function(obj) and any(reference() is obj for reference in self._graves.values())


class Commit:
    """One commit. ``dirty``: module -> globals that were changed at run time."""

    def __init__(
        self,
        transaction: Transaction,
        records: Collection[str],
        dirty: Mapping[str, list[str]],
        boxes: Callable[[str], list[Any]],
        graves: Graves,
        owned: Callable[[str | None], bool],
        report: Report,
    ) -> None:
        self._transaction = transaction
        self._library = set(records)
        self._dirty = dirty
        self._boxes = boxes
        self._graves = graves
        self._owned = owned
        self._report = report
        self._canonical: list[
            tuple[types.FunctionType, types.FunctionType]
        ] = []  # (new, old that replaces it)
        self._swaps: Pairs = [*transaction.classes.swapped_members, *transaction.classes.swapped_classes]
        self._orphans: dict[int, tuple[types.FunctionType, Any, str, Path]] = {}
        self._kept: set[int] = set()
        self._codes: list[tuple[types.CodeType, types.CodeType]] = []

    def run(self) -> None:
        self._transaction.classes.discard_merged()
        for name in self._transaction.saved:
            self._functions(name)
            self._values(name)
        self._settle_orphans()
        patch_closures(self._codes)
        self._restore_canonical()
        self._remove_modules()
        self._transaction.attach_to_parents()
        self._swap()
        self._clear_caches()
        self._announce_reset()

    def _now(self, name: str) -> dict[str, Any]:
        return {} if name in self._transaction.gone else self._transaction.saved[name].module.__dict__

    # -- functions

    def _functions(self, name: str) -> None:
        saved = self._transaction.saved[name]
        olds = functions_of(name, saved.namespace, self._transaction.classes.namespace_before)
        now = self._now(name)
        news = functions_of(name, now)
        for path in news:
            buried = self._graves.raise_(name, path)
            if path not in olds and is_function(buried):
                olds[path] = buried
        for path, old in olds.items():
            new = news.get(path)
            if new is old:
                self._kept.add(id(old))
            elif new is not None:
                self._succeed(old, new)
            else:
                self._orphans.setdefault(id(old), (old, _successor(now, path), name, path))

    def _succeed(self, old: types.FunctionType, new: types.FunctionType) -> None:
        carry_dispatch(old, new, self._owned)
        self._codes += code_pairs(old.__code__, new.__code__)
        self._kept.add(id(old))
        if adopt(old, new):
            self._canonical.append((new, old))
        else:
            forward(old, new)
            self._swaps.append((old, new))

    def _settle_orphans(self) -> None:
        """Functions whose place is empty: moved, turned into something else, or gone."""
        canonical = {id(new): old for new, old in self._canonical}
        for old, successor, module, path in self._orphans.values():
            if id(old) in self._kept:
                continue
            successor = canonical.get(id(successor), successor)
            if successor is not None and successor is not old:
                forward(old, successor)
                self._swaps.append((old, successor))
            elif len(path) == 1:
                bury(old, f"{module}.{path[0]}")
                self._graves.lay(module, path, old)
                self._report.vanished.append(f"{module}.{path[0]}")

    def _restore_canonical(self) -> None:
        """The old function objects go where the library has just put the new ones."""
        if not self._canonical:
            return
        replacer = Replacer({id(new): old for new, old in self._canonical}, self._library)
        for name in self._library:
            if name in self._transaction.saved:
                replacer.in_globals(self._now(name))
            else:
                for box in self._boxes(name):
                    replacer.replaced(box, 2)
        # Two references are left: this list's tuple and getrefcount's argument (and the loop variable).
        elsewhere = [(new, old) for new, old in self._canonical if sys.getrefcount(new) > 3]
        if elsewhere:
            replace_everywhere(
                elsewhere, self._library, {id(self._canonical), id(elsewhere), *map(id, self._canonical)}
            )

    # -- everything else

    def _values(self, name: str) -> None:
        saved = self._transaction.saved[name]
        now = self._now(name)
        if saved.standin is not saved.module and name in sys.modules:
            self._swaps.append((saved.standin, sys.modules[name]))
        for key, old in saved.namespace.items():
            if key.startswith("__") and key.endswith("__"):
                continue
            new = now.get(key, MISSING)
            if new is old:
                continue
            if new is MISSING:
                if is_class(old) and home(old) == name:
                    self._graves.lay(name, (key,), old)
                    self._report.vanished.append(f"{name}.{key}")
                continue
            if is_function(old):
                if home(old) != name and callable(new):  # re-exported from elsewhere now
                    self._orphans[id(old)] = (old, new, name, (key,))
            elif self._is_the_librarys(old):
                self._swaps.append((old, new))
                self._carry_entries(old, new, name, key)
        for key, value in now.items():
            if is_class(value) and key not in saved.namespace:
                buried = self._graves.raise_(name, (key,))
                if is_class(buried) and buried is not value:
                    self._swaps.append((buried, value))

    def _is_the_librarys(self, value: Any) -> bool:
        """May every reference to ``value`` be replaced by what its module has under that name now?"""
        if is_atomic(value) or is_a(value, types.ModuleType) or (type(value) is tuple and not value):
            return False
        if is_class(value):
            return self._owned(home(value))
        return type_home(value) != "typing"

    def _carry_entries(self, old: Any, new: Any, module: str, key: str) -> None:
        """Functions and classes that the notebook put into a registry are its state."""
        if key not in self._dirty.get(module, ()):
            return
        if type(old) is dict and type(new) is dict:
            for entry, value in old.items():
                if home(value) == "__main__" and entry not in new:
                    new[entry] = value
        elif type(old) is list and type(new) is list:
            present = set(map(id, new))
            new.extend(value for value in old if home(value) == "__main__" and id(value) not in present)

    def _remove_modules(self) -> None:
        for name in self._transaction.gone:
            module = self._transaction.saved[name].module
            module.__dict__.clear()
            module.__dict__.update(__name__=name, __doc__=None, __getattr__=_gone(name))
            sys.modules.pop(name, None)
            parent, _, leaf = name.rpartition(".")
            holder = sys.modules.get(parent)
            if holder is not None and holder.__dict__.get(leaf) is module:
                del holder.__dict__[leaf]
            if name not in {dropped for dropped, _ in self._transaction.dropped}:
                self._report.removed_modules.append(name)
        self._report.dropped += self._transaction.dropped

    def _swap(self) -> None:
        foreign = self._foreign_values() if self._swaps else set()
        pairs: dict[int, tuple[Any, Any]] = {}
        for old, new in self._swaps:
            if (
                old is new
                or is_atomic(old)
                or (id(old) in foreign and not is_function(old) and not is_class(old))
            ):
                continue
            if type(old) is functools._lru_cache_wrapper:
                old.cache_clear()
            pairs[id(old)] = (old, new)
            if is_class(old) and is_class(new):
                progress.doing(f"looking for what refers to the old {home(old)}.{old.__qualname__}")
                stuck = move_instances(old, new)
                title = f"{home(old)}.{old.__qualname__}"
                if not stuck and self._hides_instances(old, new):
                    self._report.remade.append(title)
                if stuck:
                    self._report.old_layout.append((title, stuck))
                for subclass in move_subclasses(old, new, self._owned):
                    self._report.old_bases.append((subclass.__qualname__, title))
        ours = {id(saved.namespace) for saved in self._transaction.saved.values()} | {
            id(self._swaps),
            id(pairs),
        }
        ours |= {id(namespace) for _, (namespace, _) in self._transaction.classes.before.values()}
        ours |= {id(pair) for pair in self._swaps} | {id(pair) for pair in pairs.values()}
        ours |= {id(orphan) for orphan in self._orphans.values()} | {id(self._transaction.__dict__)}
        replace_everywhere(pairs.values(), self._library, ours)

    @staticmethod
    def _hides_instances(old: type, new: type) -> bool:
        """Another layout, by a metaclass whose instances the garbage collector need not know."""
        return type(new) not in (type, abc.ABCMeta) and slots_of(old) != slots_of(new)

    def _clear_caches(self) -> None:
        """What an lru_cache or a cached property remembers was computed by code that has changed."""
        again = [
            (module, name)
            for module in self._transaction.rerun
            for name, value in self._now(module).items()
            if is_class(value)
        ]
        for module, name in [*self._transaction.caches, *again]:
            edit = self._transaction.edited.get(module)
            kept = edit.keep.get(name, set()) if edit is not None else set()
            methods = self._transaction.methods.get((module, name))
            todo: list[tuple[Any, Any]] = [(getattr(sys.modules.get(module), "__dict__", {}).get(name), None)]
            while todo:
                value, owner = todo.pop()
                if is_a(value, (staticmethod, classmethod)):
                    value = value.__func__
                if type(value) is functools._lru_cache_wrapper:
                    value.cache_clear()
                elif is_class(value) and home(value) == module:
                    todo += [(part, value) for key, part in class_dict(value).items()
                        if key not in kept and (methods is None or key in methods)]  # fmt: skip
                elif is_a(value, functools.cached_property) and owner is not None and value.attrname:
                    forget(owner, value.attrname)

    def _foreign_values(self) -> set[int]:
        """What modules that did not run again have as globals is theirs: os.environ, sys.path, another module's object."""
        found: set[int] = set()
        for name, module in list(sys.modules.items()):
            if name != "__main__" and name not in self._transaction.saved and is_a(module, types.ModuleType):
                found.update(map(id, list(module.__dict__.values())))
        return found

    def _announce_reset(self) -> None:
        for module, keys in self._dirty.items():
            if module in self._transaction.gone or module not in self._transaction.saved:
                continue
            before = self._transaction.saved[module].namespace
            now = self._now(module)
            for key in keys:
                old, new = self._value_of(before, key, True), self._value_of(now, key, False)
                if old is new or ((is_function(old) or is_class(old)) and home(old) != "__main__"):
                    continue
                self._report.reset.append(f"{module}.{key}")

    def _value_of(self, namespace: Mapping[str, Any], key: str, before: bool) -> Any:
        """The value of a global or, with a dot, of a class's own attribute."""
        name, _, attribute = key.partition(".")
        found = namespace.get(name, MISSING)
        if not attribute or not is_class(found):
            return MISSING if attribute else found
        names = self._transaction.classes.namespace_before(found) if before else class_dict(found)
        return names.get(attribute, MISSING)


def _successor(now: Mapping[str, Any], path: Path) -> Any:
    """What can be called under the path of a function that is there no longer, if anything."""
    found: Any = now.get(path[0])
    if len(path) == 1:
        return found if is_function(found) or is_class(found) or callable(found) else None
    for step in path[1:]:
        if step != CLASS_STEP:
            found = (
                dict(functions_in(found)).get(step) if is_a(found, property) else class_dict(found).get(step)
            )
        elif not is_class(found):
            return None
    return next((function for _, function in functions_in(found)), None)


def _gone(module: str) -> Callable[[str], Any]:
    def __getattr__(name: str) -> Any:
        raise AttributeError(f"module {module} is no longer on disk (no attribute {name!r})")

    return __getattr__
