"""Modules that cannot be imported a second time in one process: detected, reported by name and remembered.

Generated protobuf modules register in a pool of the process, metrics of prometheus_client in a registry, extension modules
keep static data. A process that has loaded one of those cannot switch to another state; ``afresh`` starts a new process instead.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import os
import socket
import sys
from typing import Any

from . import switch

FOLDER = "refused"
"""Beside the unpacked eggs: one empty file for each module that was seen to refuse."""

_known: tuple[Any, bool] = (None, False)
"""How many modules there were when it was last looked, and when a refusal had last been noted; and what was found."""


def refuses() -> bool:
    """Whether this process has loaded a library module that will not run a second time."""
    global _known
    now = (len(sys.modules), *map(_noted, switch.homes))
    if _known[0] != now:
        _known = (now, any(_refuses(*item) for item in switch.modules().items()))
    return _known[1]


def _noted(home: str) -> int:
    try:
        return os.stat(os.path.join(home, FOLDER)).st_mtime_ns
    except OSError:
        return 0


def _refuses(name: str, module: Any) -> bool:
    try:
        attributes = object.__getattribute__(module, "__dict__")
    except AttributeError:
        return False
    if isinstance(attributes.get("__loader__"), importlib.machinery.ExtensionFileLoader):
        return True
    if type(attributes.get("DESCRIPTOR")).__name__ == "FileDescriptor":
        return True
    metric = getattr(sys.modules.get("prometheus_client.metrics"), "MetricWrapperBase", None)
    if metric is not None and any(isinstance(value, metric) for value in list(attributes.values())):
        return True
    return any(os.path.exists(os.path.join(home, FOLDER, name)) for home in switch.homes)


class Finder:
    """Precedes the other finders, for library modules that are imported again."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in switch.left:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or not switch.ours(spec.origin) or not hasattr(spec.loader, "exec_module"):
            return None
        spec.loader = _Loader(spec.loader)  # type: ignore[assignment]
        return spec


class _Loader:
    """The real loader, until the module has been executed."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def exec_module(self, module: Any) -> None:
        module.__loader__ = module.__spec__.loader = self._real
        try:
            self._real.exec_module(module)
        except (SyntaxError, ModuleNotFoundError):
            raise
        except Exception as error:
            if not hasattr(error, "_autoegg_told"):
                error._autoegg_told = True  # type: ignore[attr-defined]
                _tell(module.__name__, error)
            raise


def _tell(name: str, error: Exception) -> None:
    library, version = switch.owner(name) or (name, "")
    for home in switch.homes:
        with contextlib.suppress(OSError):
            os.makedirs(os.path.join(home, FOLDER), exist_ok=True)
            open(os.path.join(home, FOLDER, name), "wb").close()  # noqa: PTH123
    sentence = (
        f"autoegg: {name} of {library} {version[:12]} failed when worker process {os.getpid()} on node "
        f"{socket.gethostname()} imported it a second time; if it can be imported in a fresh process, run the cell again: "
        "from now on, new worker processes are started for it."
    )
    if hasattr(error, "add_note"):
        error.add_note(sentence)
    else:  # Python 3.10
        error.args = (f"{error}\n{sentence}",)


def install() -> None:
    """Watch imports, from now on."""
    sys.meta_path.insert(0, Finder())  # type: ignore[arg-type]
