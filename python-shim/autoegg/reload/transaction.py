"""Running a plan: all of it, or nothing happened.

The planned modules are taken out of ``sys.modules`` and imported again in the natural order. Each gets its old module
object with an emptied dict, so cycles, removed names and conditional imports behave as in a fresh process.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from .apply import CodePatches, execute
from .classes import ClassMerger
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
    ) -> None:
        self._records = records
        self._records_before = dict(records)
        self._thread = threading.get_ident()
        self._modules_before = set(sys.modules)
        self._parents: list[tuple[ModuleType, str, Any]] = []
        self._edits = plan.edits
        self._rebind = plan.rebind
        self.caches = plan.caches
        self.patches = CodePatches()
        self.rerun = plan.rerun
        self.gone = gone
        self.dropped: list[tuple[str, str]] = []
        self.executed: list[str] = []
        self.classes = ClassMerger(owned)
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
            self._edit()
            self._purge()
            order = sorted(self.rerun, key=lambda name: not self._records_before[name].entry)
            for name in order:
                if name in self.gone or name in sys.modules:
                    continue
                parent = name.rpartition(".")[0]
                if parent and parent not in sys.modules and parent in self.saved:
                    continue
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
    def edited(self) -> list[str]:
        return list(self._edits)

    def _edit(self) -> None:
        for name, edit in self._edits.items():
            saved = self.saved[name]
            execute(name, edit, saved.module.__dict__, saved.namespace)
            self.patches.apply(name, edit, saved.namespace)
            self._records[name] = replace(self._records[name], source=edit.new)
        for module, local, origin, name in self._rebind:
            if origin not in self.saved:
                continue
            namespace, source = self.saved[module].module.__dict__, self.saved[origin]
            if local in namespace and namespace[local] is source.namespace.get(name):
                namespace[local] = source.module.__dict__[name]

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
        self.patches.undo()
        self.classes.undo()
        for name in set(sys.modules) - self._modules_before:
            if name in self._records and name not in self._records_before:
                del sys.modules[name]
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
