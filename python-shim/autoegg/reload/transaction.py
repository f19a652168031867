"""Running a plan: all of it, or nothing happened.

The planned modules are taken out of ``sys.modules`` and imported again in the natural order. Each gets its old module
object with an emptied dict, so cycles, removed names and conditional imports behave as in a fresh process.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from .apply import CodePatches, execute, move_lines
from .classes import ClassMerger
from .edits import Edit
from .functions import adopt, carry_dispatch, is_same_function, snapshot
from .plan import Plan
from .records import Record


@dataclass
class Saved:
    """A module as it was before the transaction."""

    module: ModuleType
    namespace: dict[str, Any]
    standin: Any
    """What the module had put in its place in ``sys.modules``; the module itself if nothing."""


class Transaction:
    def __init__(
        self,
        records: dict[str, Record],
        plan: Plan,
        gone: set[str],
        owned: Callable[[str | None], bool],
        running: Callable[[str], AbstractContextManager[None]],
    ) -> None:
        """``running(module)``: around the statements of a module that does not run as a whole."""
        self._records = records
        self._running = running
        self._records_before = dict(records)
        self._thread = threading.get_ident()
        self._modules_before = set(sys.modules)
        self._parents: list[tuple[ModuleType, str, Any]] = []
        self._edits = plan.edits
        self._order = plan.order
        self._rebind = plan.rebind
        self.caches = plan.caches
        self.methods = plan.methods
        self.patches = CodePatches()
        self.rerun = plan.rerun
        self.gone = gone
        self.dropped: list[tuple[str, str]] = []
        self.executed: list[str] = []
        self.classes = ClassMerger(owned)
        self._owned = owned
        self._adopted: list[Callable[[], None]] = []
        self.saved: dict[str, Saved] = {}
        for name in [*self.rerun, *self._edits, *(where for where, *_ in self._rebind)]:
            self.save(name)

    def save(self, name: str) -> None:
        """Remember a module before it is touched."""
        if name in self.saved:
            return
        module = self._records[name].module
        self.saved[name] = Saved(module, dict(module.__dict__), sys.modules.get(name, module))
        self.classes.expect(name, module.__dict__, self.saved[name].namespace)

    def reuse_module(self, name: str) -> ModuleType | None:
        """The old module object, emptied, for a module of the plan that is imported again."""
        if name not in self.saved or threading.get_ident() != self._thread:
            return None
        module = self.saved[name].module
        module.__dict__.clear()
        prefix = f"{name}."
        for full, submodule in list(sys.modules.items()):
            if full.startswith(prefix) and "." not in full[len(prefix) :] and submodule is not None:
                module.__dict__[full[len(prefix) :]] = submodule  # those that do not run again stay attached
        return module

    def run(self, required: Callable[[str], bool]) -> None:
        """Import the plan again. ``required(module)``: a failure of this module fails the transaction.

        Raises whatever the library raises; then the caller must ``rollback``.
        """
        with self.classes:
            self._patch()
            self._purge()
            for name in self._order:
                if name in self._edits:
                    self._execute(name)
                else:
                    self._import(name, required)
            self._bind_again()

    def _import(self, name: str, required: Callable[[str], bool]) -> None:
        if name in self.gone or name in sys.modules:
            return
        parent = name.rpartition(".")[0]
        if parent and parent not in sys.modules and parent in self.saved:
            return
        try:
            importlib.import_module(name)
        except SyntaxError:
            raise
        except Exception as error:
            if required(name):
                raise
            self.dropped.append((name, f"{type(error).__name__}: {error}"))
            self.gone.add(name)

    @property
    def edited(self) -> Mapping[str, Edit]:
        return self._edits

    def _settle(self, module: str, name: str, old: Any, new: Any) -> Any:
        """What a name should mean once its statement has run: the object that it meant, if that can become the new one."""
        if is_same_function(module, old, new):
            undo = snapshot(old)
            carry_dispatch(old, new, self._owned)
            if adopt(old, new):
                self._adopted.append(undo)
                return old
        return self.classes.settle(module, name, old, new)

    def module_ran(self, name: str) -> None:
        """A module of the plan has run as a whole: classes that a decorator or a call made are merged now."""
        if name not in self.rerun:
            return
        saved = self.saved[name]
        namespace = saved.module.__dict__
        for key, old in saved.namespace.items():
            if key in namespace and namespace[key] is not old:
                namespace[key] = self.classes.settle(name, key, old, namespace[key])

    def _patch(self) -> None:
        """All functions take their new code first: whatever runs then calls the new ones."""
        for name, edit in self._edits.items():
            self.patches.apply(name, edit, self.saved[name].namespace)
            self._records[name] = replace(self._records[name], source=edit.new)

    def _execute(self, name: str) -> None:
        """Run the statements of a module that have to run."""
        saved, edit = self.saved[name], self._edits[name]
        for cls, attributes in edit.keep.items():
            self.classes.keep[(name, cls)] = attributes
        self.classes.methods_only |= {(name, cls) for cls in edit.methods_only}
        if edit.runs:
            self.executed.append(name)
        with self._running(name):
            execute(
                name,
                edit,
                saved.module.__dict__,
                saved.namespace,
                lambda key, old, new: self._settle(name, key, old, new),
            )
        self._bind_again()
        move_lines(name, edit, saved.module.__dict__)

    def _bind_again(self) -> None:
        """From-imports of values that an edit has replaced mean the new ones, before what uses them runs."""
        bound = True
        while bound:
            bound = False
            for module, local, origin, name in self._rebind:
                source = self.saved.get(origin)
                if source is None or name not in source.module.__dict__:
                    continue
                namespace, new = self.saved[module].module.__dict__, source.module.__dict__[name]
                old = source.namespace.get(name, new)
                if old is not new and namespace.get(local) is old:
                    namespace[local] = new
                    bound = True

    def _purge(self) -> None:
        for name in self.rerun:
            saved = self.saved[name]
            sys.modules.pop(name, None)
            parent, _, leaf = name.rpartition(".")
            holder = sys.modules.get(parent)
            if type(holder) is ModuleType or parent in self._records_before:
                namespace = getattr(holder, "__dict__", {})
                value = namespace.get(leaf)
                if (
                    holder is not None
                    and value is not None
                    and (value is saved.module or value is saved.standin)
                ):
                    self._parents.append((holder, leaf, namespace.pop(leaf)))

    def rollback(self) -> None:
        for undo in reversed(self._adopted):
            undo()
        self.patches.undo()
        self.classes.undo()
        for name in set(sys.modules) - self._modules_before:
            if name in self._records and name not in self._records_before:
                module = sys.modules.pop(name)
                parent, _, leaf = name.rpartition(".")
                namespace = getattr(sys.modules.get(parent), "__dict__", {})
                if namespace.get(leaf) is module:  # else `from parent import leaf` would find it
                    del namespace[leaf]
        for name, saved in self.saved.items():
            saved.module.__dict__.clear()
            saved.module.__dict__.update(saved.namespace)
            sys.modules[name] = saved.standin
        for holder, leaf, value in self._parents:
            holder.__dict__[leaf] = value
        self._records.clear()
        self._records.update(self._records_before)

    def attach_to_parents(self) -> None:
        """Submodule attributes of packages that did not run again."""
        for holder, leaf, _ in self._parents:
            full = f"{holder.__name__}.{leaf}"
            if holder.__name__ not in self.saved and full in sys.modules:
                holder.__dict__[leaf] = sys.modules[full]

    def old_namespaces(self) -> Mapping[str, Mapping[str, Any]]:
        return {name: saved.namespace for name, saved in self.saved.items()}
