"""What a driver holds of a library, to see that an edit leaves alone what it has nothing to do with."""

from __future__ import annotations

import ast
import contextlib
import functools
import re
import sys
import types
from typing import Any

STATE = "\n_driver_lock = __import__('threading').Lock()\n_driver_state = {}\n"
"""Below the text of every module: what a driver has and changes."""
STATE_NAMES = ("_driver_lock", "_driver_state")
MISSING: Any = object()


class Holdings:
    """Of each module: public classes and functions by from-import, an instance, a lock and a changed dict."""

    def __init__(self, notebook: Any) -> None:
        self._notebook = notebook
        self._imported: dict[str, tuple[str, str]] = {}
        self._values: dict[tuple[str, str], Any] = {}
        self._instances: dict[tuple[str, str], Any] = {}
        self._kept: dict[str, tuple[Any, Any]] = {}

    def keep(self, names: list[str]) -> None:
        """Hold what there is now; what the library no longer has is let go."""
        for held in (self._values, self._instances):
            for module, name in [key for key in held if key[1] not in _namespace(key[0])]:
                del held[module, name]
        for module in names:
            namespace = _namespace(module)
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
        """``module.name: what is not as it was``, though the edit gave no reason for it."""
        found = []
        for alias, (module, name) in self._imported.items():
            now = _namespace(module).get(name, MISSING)
            if now is not MISSING and self._notebook.namespace.get(alias, MISSING) is not now:
                found.append(f"{module}.{name}: the notebook's name does not follow")
        for key in set(steady) & self._values.keys():
            now = _namespace(key[0]).get(key[1], MISSING)
            if now is not MISSING and now is not self._values[key]:
                found.append(f"{key[0]}.{key[1]}: another object")
            if now is not MISSING and key in self._instances and type(self._instances[key]) is not now:
                found.append(f"{key[0]}.{key[1]}: an instance is not one of it any more")
        for key, instance in self._instances.items():
            if "driver_has" not in object.__getattribute__(instance, "__dict__"):
                found.append(f"{key[0]}.{key[1]}: an instance lost its attribute")
        for module, (lock, state) in self._kept.items():
            namespace = _namespace(module)
            if "_driver_state" not in namespace:
                continue
            if namespace["_driver_lock"] is not lock:
                found.append(f"{module}._driver_lock: another lock")
            if namespace["_driver_state"] is not state or "changed by" not in state:
                found.append(f"{module}._driver_state: another dict, or its changes are gone")
        return sorted(found)


def _namespace(module: str) -> dict[str, Any]:
    found = sys.modules.get(module)
    return found.__dict__ if isinstance(found, types.ModuleType) else {}


def module_of(name: str) -> str:
    return name[:-3].replace("/", ".").removesuffix(".__init__")


def is_told(item: str, said: str) -> bool:
    """Is ``module.name: …`` named in the report?"""
    module, name = item.partition(":")[0].rpartition(".")[::2]
    return bool(re.search(rf"\b{re.escape(name)}\b", said)) or (not name and module in said)


def steady(before: dict[str, bytes], after: dict[str, bytes]) -> list[tuple[str, str]]:
    """(module, name) of functions and classes that are defined plainly, and in the same way, in both: they stay who they are."""
    found = []
    for name in before.keys() & after.keys():
        if name.endswith(".py"):
            old = _plain(before[name])
            new = old if before[name] == after[name] else _plain(after[name])
            found += [(module_of(name), key) for key in old.keys() & new.keys() if old[key] == new[key]]
    return found


@functools.lru_cache(maxsize=2000)
def _plain(source: bytes) -> dict[str, str]:
    """Name -> what decides who it is, of what a module defines at its top level, once, and without decorators."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return {}
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.decorator_list:
            found[node.name] = type(node).__name__
        elif isinstance(node, ast.ClassDef) and not node.decorator_list:
            found[node.name] = "class" + "".join(map(ast.dump, [*node.bases, *node.keywords]))
    bound: dict[str, int] = {}
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names = [node.name]
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names = [node.id]
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
        for name in names:
            bound[name] = bound.get(name, 0) + 1
    return {name: told for name, told in found.items() if bound.get(name) == 1}
