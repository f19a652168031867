"""Modules of the user's own that other import hooks than ours have loaded: what becomes of them when their files change.

pytest loads test modules (and what ``register_assert_rewrite`` names) with a loader of its own, so that asserts can say more; it
imports them again whenever they are not loaded. Others change code as they load it (typeguard, beartype), or build it
(pyximport): nothing that we could run again in its place would be the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection
from importlib.machinery import SourceFileLoader
from importlib.util import LazyLoader
from types import ModuleType
from typing import Any

from autoegg.errors import RestartNeeded
from autoegg.reload import LibraryLoader

_PYTEST = "_pytest.assertion.rewrite"

_Signature = tuple[int, int, int]


class ForeignModules:
    """Args: owns: whether a source file is the user's own. executed: the files that our own loader has executed."""

    def __init__(self, owns: Callable[[str], bool], executed: Callable[[], Collection[str]]) -> None:
        self._owns = owns
        self._executed = executed
        self._of_pytest: dict[str, tuple[Any, str, _Signature | None]] = {}
        self._seen: dict[str, int] = {}

    def note(self) -> None:
        """A cell has ended: remembers which files pytest has loaded in it."""
        if _PYTEST not in sys.modules:
            return
        for name, module in list(sys.modules.items()):
            if self._seen.get(name) == id(module):
                continue
            self._seen[name] = id(module)
            file = _file_of(module)
            if file and _loader_of(module).__module__ == _PYTEST and self._owns(file):
                self._of_pytest[name] = (module, file, _signature(file))

    def forget_changed(self) -> list[str]:
        """A cell begins: what pytest has loaded and has changed is imported again by its next run. Returns the names."""
        changed = [name for name, (_, file, before) in self._of_pytest.items() if _signature(file) != before]
        for name in changed:
            module, _, _ = self._of_pytest.pop(name)
            self._seen.pop(name, None)
            if sys.modules.get(name) is module:
                del sys.modules[name]
                parent, _, leaf = name.rpartition(".")
                holder = getattr(sys.modules.get(parent), "__dict__", {})
                if holder.get(leaf) is module:
                    del holder[leaf]
        return changed

    def refuse(self, changed: Collection[str]) -> None:
        """Raises RestartNeeded if one of these files belongs to a loaded module that cannot be updated to it."""
        sources: dict[str, list[str]] = {}
        for path in changed:
            stem, suffix = os.path.splitext(os.path.basename(path))
            if suffix in (".py", ".pyx", ".pxd"):
                sources.setdefault(stem, []).append(path)
        if not sources:
            return
        executed = self._executed()
        for name, module in list(sys.modules.items()):
            file = _file_of(module)
            if file is None or name in ("__main__", "__mp_main__"):
                continue
            loader = _loader_of(module)
            built = loader.__module__.startswith("pyximport")
            stem = name.rpartition(".")[2] if built else os.path.splitext(os.path.basename(file))[0]
            for path in sources.get(stem, ()):
                same = built if not path.endswith(".py") else os.path.realpath(file) == path
                if same and not _is_known(loader) and os.path.abspath(file) not in executed:
                    raise RestartNeeded(
                        f"{os.path.basename(path)} changed: {name} was loaded by {loader.__module__}.{loader.__qualname__}, which"
                        " cannot load it again in a running interpreter; restart the kernel.",
                        file=path,
                    )


def _file_of(module: Any) -> str | None:
    if not issubclass(type(module), ModuleType):
        return None
    file = object.__getattribute__(module, "__dict__").get("__file__")
    return file if isinstance(file, str) else None


def _loader_of(module: Any) -> type:
    spec = object.__getattribute__(module, "__dict__").get("__spec__")
    return type(getattr(spec, "loader", None))


def _is_known(loader: type) -> bool:
    """pytest's own are imported again; modules that user code loaded itself (``spec_from_file_location``), it loads again itself.

    What waits for our own loader (``importlib.util.LazyLoader``) has not run: it takes the file as it is when it does.
    """
    return loader.__module__ == _PYTEST or loader in (SourceFileLoader, LibraryLoader, LazyLoader, type(None))


def _signature(file: str) -> _Signature | None:
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
