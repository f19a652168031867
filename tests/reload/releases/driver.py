"""The driver's side of a replay: a process with a notebook that has imported all of a library, and holds things of it.

``python -I -S driver.py ROOT PATHS…`` answers messages of ``steps.py``.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
import types
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MISSING: Any = object()


@dataclass(frozen=True)
class Edit:
    """``changed``, ``removed``: paths; None: the first import. ``names``: the modules that there are then."""

    names: list[str]
    tops: list[str]
    leave_out: tuple[str, ...]
    changed: list[str] | None = None
    removed: list[str] = field(default_factory=list)
    steady: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Outcome:
    """``refused``: the sentence. ``lost``: what should have stayed as it was. ``seconds``: CPU time until the next cell can run."""

    refused: str | None = None
    lines: list[str] = field(default_factory=list)
    seconds: float = 0.0
    errors: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    """What the report counts, if it does: statements that ran, those that had to, and modules that ran as a whole."""


class Holdings:
    """Of each module: public classes and functions by from-import, an instance, a lock and a changed dict."""

    def __init__(self, notebook: Any) -> None:
        self._notebook = notebook
        self._imported: dict[str, tuple[str, str]] = {}
        self._values: dict[tuple[str, str], Any] = {}
        self._instances: dict[tuple[str, str], Any] = {}
        self._kept: dict[str, tuple[Any, Any]] = {}

    def keep(self, names: list[str]) -> None:
        for module in names:
            namespace = self._namespace(module)
            new = []
            for name, value in list(namespace.items()):
                public = isinstance(value, (types.FunctionType, type)) and not name.startswith("_")
                if not public or value.__module__ != module or name != value.__name__:
                    continue
                self._values[module, name] = value
                if (module, name) in self._instances and type(self._instances[module, name]) is not value:
                    del self._instances[module, name]
                alias = f"{module.replace('.', '_')}__{name}"
                if self._imported.get(alias) != (module, name) or alias not in self._notebook.namespace:
                    self._imported[alias] = (module, name)
                    new.append(f"{name} as {alias}")
                if isinstance(value, type) and not any(key[0] == module for key in self._instances):
                    self._make(module, name, value)
            if new:
                self._notebook.run(f"from {module} import {', '.join(new)}")
            if "_driver_state" in namespace and module not in self._kept:
                namespace["_driver_state"]["changed by"] = "the driver"
                self._kept[module] = (namespace["_driver_lock"], namespace["_driver_state"])

    def _make(self, module: str, name: str, cls: type) -> None:
        """Without running anything of the library."""
        with contextlib.suppress(Exception):
            instance = object.__new__(cls)
            object.__getattribute__(instance, "__dict__")["driver_has"] = 1
            self._instances[module, name] = instance

    def lost(self, steady: list[tuple[str, str]]) -> list[str]:
        """What is not as it was, though the edit gave no reason for it."""
        found = []
        for alias, (module, name) in self._imported.items():
            now = self._namespace(module).get(name, MISSING)
            if now is not MISSING and self._notebook.namespace.get(alias, MISSING) is not now:
                found.append(f"{module}.{name}: the notebook's name does not follow")
        for key in set(steady) & self._values.keys():
            now = self._namespace(key[0]).get(key[1], MISSING)
            if now is not MISSING and now is not self._values[key]:
                found.append(f"{key[0]}.{key[1]}: another object")
            if now is not MISSING and key in self._instances and type(self._instances[key]) is not now:
                found.append(f"{key[0]}.{key[1]}: an instance is not one of it any more")
        for key, instance in self._instances.items():
            if "driver_has" not in object.__getattribute__(instance, "__dict__"):
                found.append(f"{key[0]}.{key[1]}: an instance lost its attribute")
        for module, (lock, state) in self._kept.items():
            namespace = self._namespace(module)
            if "_driver_state" not in namespace:
                continue
            if namespace["_driver_lock"] is not lock:
                found.append(f"{module}._driver_lock: another lock")
            if namespace["_driver_state"] is not state or "changed by" not in state:
                found.append(f"{module}._driver_state: another dict, or its changes are gone")
        return found

    @staticmethod
    def _namespace(module: str) -> dict[str, Any]:
        found = sys.modules.get(module)
        return found.__dict__ if isinstance(found, types.ModuleType) else {}


def _answer(notebook: Any, holdings: Holdings, edit: Edit) -> Outcome:
    from fresh import import_all
    from values import describe

    outcome = Outcome()
    start = time.process_time()
    if edit.changed is not None:
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")
                report = notebook.reloader.reload(edit.changed, edit.removed)
        except Exception as error:
            outcome.seconds = time.process_time() - start
            outcome.refused = f"{type(error).__name__}: {error}"
            return outcome
        outcome.seconds = time.process_time() - start
        outcome.lines = list(report.lines)
        for figure in ("statements", "needed", "whole", "executed"):
            outcome.figures[figure] = getattr(report, figure, None)
    outcome.errors = import_all(edit.names)
    if edit.changed is None:
        outcome.seconds = time.process_time() - start
    outcome.values = describe(edit.tops, leave_out=edit.leave_out)
    if edit.changed is not None:
        outcome.lost = holdings.lost(edit.steady)
    holdings.keep([name for name in edit.names if name not in outcome.errors])
    return outcome


def _serve(root: Path) -> None:
    import fresh
    import reload_harness

    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdin, sys.stdout = io.StringIO(), sys.stderr
    with reload_harness.Notebook(root) as notebook:
        holdings = Holdings(notebook)
        while isinstance(edit := fresh.receive(questions), Edit):
            fresh.send(answers, _answer(notebook, holdings, edit))


if __name__ == "__main__":
    sys.path[:0] = sys.argv[2:]
    sys.modules["driver"] = sys.modules["__main__"]
    Edit.__module__ = Outcome.__module__ = "driver"
    _serve(Path(sys.argv[1]))
