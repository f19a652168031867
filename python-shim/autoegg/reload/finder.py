"""The meta-path finder and loader: library files are read once, and exactly the bytes that were hashed are executed."""

from __future__ import annotations

import importlib._bootstrap
import importlib.machinery
import os
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Any, Protocol, TypeVar

from .source import Source, SourceCache

Method = TypeVar("Method", bound=Callable[..., Any])

# As SourceFileLoader itself does (importlib/_bootstrap_external.py).
_call: Callable[..., Any] = getattr(importlib._bootstrap, "_call_with_frames_removed")  # noqa: B009


def as_import_system(method: Method) -> Method:
    """Marks a function as one of the import system's own, which Python leaves out of the user's tracebacks.

    It does so for frames of this file name that end in ``_call_with_frames_removed``, and for all of them when the error
    is an ImportError (``remove_importlib_frames`` in CPython's import.c); debuggers step over them too.
    """
    method.__code__ = method.__code__.replace(co_filename="<frozen importlib._bootstrap_external>")
    return method


class Host(Protocol):
    """What the loader asks of the reloader."""

    sources: SourceCache

    def owns(self, path: str) -> bool: ...
    def module_for(self, spec: ModuleSpec) -> ModuleType | None: ...
    def is_loaded(self, module: ModuleType) -> bool: ...
    def execute_again(self, module: ModuleType) -> None: ...
    def executing(self, module: ModuleType, source: Source) -> None: ...
    def executed_module(self, module: ModuleType, source: Source, succeeded: bool) -> None: ...


class LibraryLoader(importlib.machinery.SourceFileLoader):
    """A SourceFileLoader that never looks at a .pyc, which is keyed by second and size and so can hold older code."""

    def __init__(self, fullname: str, path: str, host: Host) -> None:
        super().__init__(fullname, path)
        self._host = host

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._host.module_for(spec)

    @as_import_system
    def get_code(self, fullname: str) -> CodeType:
        source = self._host.sources.load(str(self.path))
        return source.known_code() or source.keep_code(
            _call(compile, source.data, source.path, "exec", dont_inherit=True)
        )

    @as_import_system
    def exec_module(self, module: ModuleType) -> None:
        if self._host.is_loaded(
            module
        ):  # importlib.reload: in place too, or what was imported from it stays old
            self._host.execute_again(module)
            return
        source = self._host.sources.load(str(self.path))
        code = source.known_code() or source.keep_code(
            _call(compile, source.data, source.path, "exec", dont_inherit=True)
        )
        succeeded = False
        self._host.executing(module, source)
        try:
            _call(exec, code, module.__dict__)
            succeeded = True
        finally:
            self._host.executed_module(module, source, succeeded)


class LibraryFinder:
    """First on ``sys.meta_path``: lets the others find, and takes over the loading of library sources."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._searching = threading.local()

    def owns(self, path: str) -> bool:
        return self._host.owns(os.path.abspath(path))

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if getattr(self._searching, "active", False):
            return None
        for finder in list(sys.meta_path):
            find_spec = getattr(finder, "find_spec", None)
            if finder is self or find_spec is None:
                continue
            self._searching.active = True
            try:
                spec: ModuleSpec | None = find_spec(fullname, path, target)
            finally:
                self._searching.active = False
            if spec is None:
                continue
            if type(spec.loader) is importlib.machinery.SourceFileLoader and spec.origin:
                origin = os.path.abspath(spec.origin)
                if self._host.owns(origin):
                    spec.loader = LibraryLoader(fullname, origin, self._host)
                    spec.cached = None
            return spec
        return None
