"""What a notebook keeps of a library, and what must have become of it after an edit."""

from __future__ import annotations

import sys
import types
from typing import Any

from reload_harness import Notebook

from .definitions import SHARED

MISSING: Any = object()
ATOMIC = (int, str, float, bool, type(None))
Key = tuple[str, str]
"""(module, name)"""


class Held:
    """Every function, class and object that the library's modules have or had, an instance of every class, and names

    that the notebook has imported.
    """

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._values: dict[Key, Any] = {}
        self._instances: dict[Key, Any] = {}
        self._made_with: dict[Key, dict[str, Any]] = {}
        self._imported: dict[str, Key] = {}
        self._starred: set[str] = set()
        notebook.namespace |= {"held_values": self._values, "held_instances": self._instances}

    # -- keeping

    def keep(self, names: list[str], star: str | None = None) -> None:
        """Keep what is not kept yet of the modules ``names``; ``star``: import everything of it too."""
        if star is not None:
            self._notebook.run(f"from {star} import *")
            self._starred.add(star)
        for module in names:
            new = []
            for name, value in _globals(module).items():
                key = (module, name)
                if name not in SHARED:  # what is held of those may be any module's
                    self._values.setdefault(key, value)
                if (
                    isinstance(value, type)
                    and not hasattr(value, "__members__")
                    and key not in self._instances
                ):
                    instance = self._instances[key] = value()
                    self._made_with[key] = {
                        n: v for n, v in _attributes(instance).items() if isinstance(v, ATOMIC)
                    }
                local = f"{module.rpartition('.')[2]}__{name}"
                if local not in self._imported:
                    self._imported[local] = key
                    new.append(f"{name} as {local}")
            if new:
                self._notebook.run(f"from {module} import {', '.join(new)}")

    # -- checking

    def check(self, report: Any) -> None:
        assert not report.reset, (
            f"told as changed at run time, but the notebook changes nothing: {report.reset}"
        )
        for key, value in list(self._values.items()):
            now = _now(key)
            lives_again = isinstance(value, (type, types.FunctionType)) and value.__module__ == key[0]
            if now is MISSING and not lives_again:
                del self._values[key]  # if there is such a name again, it is a different object
            elif now is MISSING:
                self._is_gone(key, value)
            elif not isinstance(value, ATOMIC) and not isinstance(now, ATOMIC):
                assert value is now, f"held {key} is {value!r}, but the library has {now!r}"
        for local, key in self._imported.items():
            self._names_follow(local, key)
        self._stars_follow()
        for key, instance in list(self._instances.items()):
            if isinstance(_now(key), type):
                self._instance_follows(key, report)
            elif type(instance).__module__ != key[0]:
                self._make_again(key)

    def _names_follow(self, local: str, key: Key) -> None:
        mine, now = self._notebook.namespace.get(local, MISSING), _now(key)
        if now is MISSING:
            assert mine is MISSING or callable(mine), f"the notebook still has {key}: {mine!r}"
        else:
            assert mine is now, f"the notebook's {key} is {mine!r}, but the library has {now!r}"

    def _stars_follow(self) -> None:
        """What star imports gave the notebook is what one of those modules has; none of it is missing."""
        for star in self._starred & sys.modules.keys():
            for name in vars(sys.modules[star]).get("__all__", _globals(star)):
                having = [module for module in self._starred if _now((module, name)) is not MISSING]
                mine = self._notebook.namespace.get(name, MISSING)
                assert any(mine is _now((module, name)) for module in having), (
                    f"the notebook's {name} is {mine!r}, but {having} have {_now((star, name))!r}"
                )

    @staticmethod
    def _is_gone(key: Key, value: Any) -> None:
        """A function that the library has nowhere any more says so when it is called."""
        if type(value) is not types.FunctionType or value.__module__ != key[0]:
            return
        if any(
            value is other
            for name in list(sys.modules)
            if name.startswith("lib.")
            for other in _globals(name).values()
        ):
            return  # under another name, or in another module
        assert outcome(value)[0] in ("NameError", "returned"), f"{key}: {outcome(value)}"

    def _instance_follows(self, key: Key, report: Any) -> None:
        instance, now = self._instances[key], _now(key)
        title = f"{type(instance).__module__}.{type(instance).__qualname__}"
        told = {name for name, _ in report.old_layout}
        if not isinstance(instance, now):
            assert title in told, f"an instance of {key} did not follow, and nobody said so: {report.lines}"
            self._make_again(key)
            return
        assert title not in told, f"an instance of {key} follows, but: {report.lines}"
        for name, value in self._made_with[key].items():
            assert getattr(instance, name, MISSING) == value, f"an instance of {key} had {name} = {value}"
        twin = now()
        lacking = {name for name in _attributes(twin) if not hasattr(instance, name)}
        if lacking:
            said = {name for cls, _, names in report.lacking if cls == title for name in names}
            assert lacking <= said, (
                f"an instance of {key} has no {lacking}, and nobody said so: {report.lines}"
            )
            self._make_again(key)
            return
        for name in _attributes(twin):
            setattr(twin, name, getattr(instance, name))
        for method in dir(now):
            if method.startswith("m_"):
                mine, its = outcome(getattr(instance, method)), outcome(getattr(twin, method))
                assert mine == its, (
                    f"{key}.{method}(): {mine}, of one that is made now with the same values: {its}"
                )

    def _make_again(self, key: Key) -> None:
        """What the report asks for. The old instance has code that no file has, so there is nothing to compare it with."""
        del self._instances[key], self._made_with[key]


def outcome(function: Any) -> tuple[str, Any]:
    try:
        return "returned", function()
    except Exception as error:
        return type(error).__name__, str(error)


def _globals(module: str) -> dict[str, Any]:
    names = vars(sys.modules[module]) if module in sys.modules else {}
    return {name: value for name, value in names.items()
            if not name.startswith("__") and not isinstance(value, types.ModuleType)}  # fmt: skip


def _now(key: Key) -> Any:
    return _globals(key[0]).get(key[1], MISSING)


def _attributes(instance: object) -> dict[str, Any]:
    names = [*getattr(instance, "__dict__", ())]
    names += [name for cls in type(instance).__mro__ for name in getattr(cls, "__slots__", ())]
    return {name: getattr(instance, name) for name in names}
