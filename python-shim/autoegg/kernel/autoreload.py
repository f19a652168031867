"""IPython's own ``%autoreload`` alongside autoegg: it leaves the libraries that autoegg keeps up to date alone and keeps reloading the rest.

Both answer the start of a cell, and it comes first. It takes the file as it is at that moment, clears the module and puts
new functions and classes into it, so that what the notebook and the workers hold is no longer what the module has. Whatever
its mode, it asks one method whether a module has a file to look at: the answer is that there is none.
"""

from __future__ import annotations

import logging
import os
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

_log = logging.getLogger("autoegg")

_EXTENSION = "IPython.extensions.autoreload"
_UNKNOWN = (
    "%autoreload is on, and autoegg does not know the one in this version of IPython: switch it off with"
    " `%autoreload 0`, or it will reload your libraries in its own way."
)


class Autoreload:
    """Stands between ``%autoreload`` and the library modules while the extension is on.

    Args:
        shell: the running ``InteractiveShell``.
        keeps: whether autoegg keeps the source file at a path up to date at this moment.
    """

    def __init__(self, shell: Any, keeps: Callable[[str], bool]) -> None:
        self._shell = shell
        self._keeps = keeps
        self._reloader: Any = None
        self._original: Any = None
        self._told = False
        self._free = True
        self._touched = False
        """Whether it was on while nothing held it back, so that it may have reloaded library modules."""

    @property
    def is_on(self) -> bool:
        return bool(getattr(self._instance, "enabled", False))

    @property
    def _instance(self) -> Any:
        magics = self._shell.magics_manager.registry.get("AutoreloadMagics")
        return getattr(magics, "_reloader", None)

    def keep_off(self) -> bool:
        """From now on it leaves our libraries alone. Returns whether it may have touched them before."""
        touched = self._touched or (self._free and self.is_on)
        self._wrap()
        self._free = self._touched = False
        return touched

    def notice(self) -> str | None:
        """What a person should know, once: that both are on, and who does what."""
        if self._told or not self.is_on:
            return None
        self._told = True
        if self._original is None:
            return _UNKNOWN
        return "%autoreload is on too: it leaves your libraries to autoegg and keeps reloading other modules; `%autoegg off` hands them back."

    def let_go(
        self, executed: Callable[[], Mapping[str, str | None]], digest: Callable[[str], str | None]
    ) -> None:
        """We are off: it may reload our libraries again, from the next change on.

        Args:
            executed: gives path → sha256 of what the loaded modules have run.
            digest: sha256 of a file as it is now.
        """
        self._touched = self._touched or self.is_on
        if self._free:
            return
        self._free = True
        reloader = self._instance
        times = getattr(reloader, "modules_mtimes", None)
        sources = getattr(getattr(reloader, "deduper_reloader", None), "source_by_modname", None)
        known = executed()
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__dict__", {}).get("__file__")
            if not isinstance(file, str) or file not in known:
                continue
            if isinstance(times, dict):
                # It takes a file that it sees for the first time as loaded; here only what was executed is.
                current = digest(file) == known[file]
                times[name] = Path(file).stat().st_mtime if current else 0.0
            if isinstance(sources, dict):
                sources[name] = (
                    ""  # what it has read is older than what runs: patching by the difference to that would be wrong
                )

    def uninstall(self) -> None:
        if self._original is not None:
            self._reloader.filename_and_mtime = self._original
            self._original = None

    def _wrap(self) -> None:
        reloader = getattr(sys.modules.get(_EXTENSION), "ModuleReloader", None)
        if reloader is None or (self._original is not None and reloader is self._reloader):
            return
        original = getattr(reloader, "filename_and_mtime", None)
        if original is None:
            _log.warning("%s has no filename_and_mtime", _EXTENSION)
            return
        keeps = self._keeps

        def filename_and_mtime(self: Any, module: Any) -> Any:
            file = getattr(module, "__file__", None)
            if isinstance(file, str) and keeps(file):
                return None, None
            return original(self, module)

        self._reloader, self._original = reloader, original
        reloader.filename_and_mtime = filename_and_mtime


def rebind_copies(namespaces: Iterable[dict[str, Any]], is_local: Callable[[str], bool]) -> None:
    """Replaces an earlier function or class that runs the same code by the module's own.

    ``%autoreload`` gives an old function the code of the new one, which is then in the module: two objects for one
    name, of which only the module's is pickled by reference and kept up to date.
    """
    for namespace in namespaces:
        for name, value in list(namespace.items()):
            if type(value) is types.FunctionType or isinstance(value, type):
                own = _own(value, is_local)
                if own is not None and own is not value and _same_code(value, own):
                    namespace[name] = own


def _own(value: Any, is_local: Callable[[str], bool]) -> Any:
    module = sys.modules.get(getattr(value, "__module__", None) or "")
    namespace = getattr(module, "__dict__", {})
    file = namespace.get("__file__")
    if not isinstance(file, str) or not is_local(os.path.abspath(file)):
        return None
    own = namespace.get(value.__qualname__)
    return own if type(own) is type(value) else None


def _same_code(value: Any, own: Any) -> bool:
    if isinstance(value, type):
        methods = [(key, item) for key, item in vars(value).items() if type(item) is types.FunctionType]
        others = vars(own)
        return all(
            type(others.get(key)) is types.FunctionType and others[key].__code__ is item.__code__
            for key, item in methods
        )
    return bool(value.__code__ is own.__code__)
