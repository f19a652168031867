"""After the new code ran: old functions take it over, what could not keep its identity is replaced, names are put right."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Collection, Mapping
from typing import Any

from .caches import clear_caches
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
from .graves import Graves
from .inspection import class_dict, functions_in, home, is_a, is_atomic, is_class, is_function, type_home
from .references import Replacer, replace_everywhere
from .report import Report
from .resets import reset_by
from .swaps import Pairs, swap
from .transaction import Transaction

MISSING: Any = object()


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
        self._swaps: Pairs = [*transaction.classes.members.swapped, *transaction.classes.swapped_classes]
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
        clear_caches(self._transaction)
        self._report.reset += reset_by(self._transaction, self._dirty)

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
        self._kept |= {id(function) for function in news.values()}

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
        classes = {id(old): new for old, new in self._swaps if is_class(old) and is_class(new)}
        for old, successor, module, path in self._orphans.values():
            if id(old) in self._kept:
                continue
            if successor is None and len(path) > 1:  # a method, and its class is another one now
                cls = self._transaction.saved[module].namespace.get(path[0])
                successor = _successor({path[0]: classes.get(id(cls))}, path)
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
                if is_class(old) and home(old) == name and not is_class(now.get(old.__qualname__)):
                    self._graves.lay(name, (key,), old)
                    self._report.vanished.append(f"{name}.{key}")
                continue
            if self._lives_on(old, name):
                continue
            if is_function(old):
                orphan = self._orphans.get(id(old))
                if callable(new) and (home(old) != name or (orphan is not None and orphan[1] is None)):
                    self._orphans[id(old)] = (
                        old,
                        new,
                        name,
                        (key,),
                    )  # from elsewhere now, or by another name
            elif self._is_the_librarys(old):
                self._swaps += [(old, new), *_classes_in(old, new)]
                self._carry_entries(old, new)
        for key, value in now.items():
            if callable(value) and key not in saved.namespace:
                self._comes_back(name, key, value)

    def _comes_back(self, module: str, key: str, value: Any) -> None:
        """A name that the module has again, perhaps from elsewhere: what it meant when it went lives on in ``value``."""
        buried = self._graves.raise_(module, (key,))
        if is_class(buried) and is_class(value) and buried is not value:
            self._swaps.append((buried, value))
        elif is_function(buried) and buried is not value and id(buried) not in self._kept:
            self._orphans[id(buried)] = (buried, value, module, (key,))

    def _lives_on(self, old: Any, module: str) -> bool:
        """Had the module only handed on what another one still has?"""
        first = home(old)
        if first is None:
            return any(
                value is old
                for name in self._transaction.saved
                if name != module
                for value in self._now(name).values()
            )
        if first == module or first not in self._library or first in self._transaction.gone:
            return False
        now = sys.modules[first].__dict__ if first in sys.modules else {}
        if "<locals>" not in old.__qualname__:
            return callable(now.get(old.__qualname__))
        return any(value is old for value in now.values())

    def _is_the_librarys(self, value: Any) -> bool:
        """May every reference to ``value`` be replaced by what its module has under that name now?"""
        if is_atomic(value) or is_a(value, types.ModuleType) or (type(value) is tuple and not value):
            return False
        if is_class(value):
            return self._owned(home(value))
        return type_home(value) != "typing"

    def _carry_entries(self, old: Any, new: Any) -> None:
        """Functions and classes that the notebook put into a registry are its state."""
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
        """Our own notes of what was before must keep the old objects."""
        keep = {id(saved.namespace) for saved in self._transaction.saved.values()}
        keep |= {id(namespace) for _, (namespace, _) in self._transaction.classes.before.values()}
        keep |= {id(orphan) for orphan in self._orphans.values()} | {id(self._transaction.__dict__)}
        untouched = sys.modules.keys() - self._transaction.saved.keys() - {"__main__"}
        swap(self._swaps, keep, untouched, self._library, self._owned, self._report)


def _classes_in(old: Any, new: Any) -> Pairs:
    """The classes that a class has in it, with those of the same name in the class that takes its place."""
    found: Pairs = []
    seen: set[int] = set()
    todo: Pairs = [(old, new)]
    while todo:
        before, after = todo.pop()
        if id(before) in seen or not (is_class(before) and is_class(after)):
            continue
        seen.add(id(before))  # classes may have one another as attributes
        successors = class_dict(after)
        inner = [
            (value, successors[key])
            for key, value in class_dict(before).items()
            if is_class(value) and home(value) == home(old) and is_class(successors.get(key))
        ]
        found += inner
        todo += inner
    return found


def _successor(now: Mapping[str, Any], path: Path) -> Any:
    """What can be called under the path of a function that is there no longer, if anything."""
    found: Any = now.get(path[0])
    if len(path) == 1:
        return found if is_function(found) or is_class(found) or callable(found) else None
    for step in path[1:]:
        if step != CLASS_STEP:
            if is_a(found, property):
                found = dict(functions_in(found)).get(step)
            elif is_class(found):
                found = class_dict(found).get(step)
        elif not is_class(found):
            return None
    return next((function for _, function in functions_in(found)), None)


def _gone(module: str) -> Callable[[str], Any]:
    def __getattr__(name: str) -> Any:
        raise AttributeError(f"module {module} is no longer on disk (no attribute {name!r})")

    return __getattr__
