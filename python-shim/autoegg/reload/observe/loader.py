"""The meta-path finder and loader: library files are read once, and exactly the bytes that were hashed are executed."""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import os
import sys
import threading
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Any, Protocol

from ..source.disk import Source, SourceCache
from ..source.unit import Unit
from .collector import collect_again, collect_less
from .frames import as_import_system, call
from .homes import found_at_home


class Host(Protocol):
    """What the loader asks of the reloader."""

    sources: SourceCache

    def owns(self, path: str) -> bool: ...
    def loaded_from(self, name: str) -> str | None: ...
    def portions_of(self, name: str) -> list[str]: ...
    def not_on_disk(self, name: str, path: Sequence[str] | None) -> str | None: ...
    def module_for(self, spec: ModuleSpec) -> ModuleType | None: ...
    def is_loaded(self, module: ModuleType) -> bool: ...
    def execute_again(self, module: ModuleType) -> None: ...
    def execute(self, module: ModuleType, source: Source, unit: Unit) -> None: ...
    def not_found(self, name: str, path: Sequence[str] | None) -> None: ...


class LibraryLoader(importlib.machinery.SourceFileLoader):
    """A SourceFileLoader that never looks at a .pyc, which is keyed by second and size and so can hold older code.

    Args:
        found: the loader that the import system has found. What it can do besides loading, it still does: build backends give
            editable installs loaders that know where a package's built files are.
    """

    def __init__(
        self, fullname: str, path: str, host: Host, found: importlib.machinery.SourceFileLoader
    ) -> None:
        super().__init__(fullname, path)
        self._host = host
        self._found = found

    def __getattr__(self, name: str) -> Any:
        if name == "_found":  # a copy that is still empty
            raise AttributeError(name)
        return getattr(self._found, name)

    def get_resource_reader(self, name: str | None = None) -> Any:
        return self._found.get_resource_reader(name or self.name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._host.module_for(spec)

    @as_import_system
    def get_code(self, fullname: str) -> CodeType:
        source = self._host.sources.load(str(self.path))
        code: CodeType = call(compile, source.data, source.path, "exec", dont_inherit=True)
        return code

    @as_import_system
    def exec_module(self, module: ModuleType) -> None:
        if self._host.is_loaded(
            module
        ):  # importlib.reload: in place too, or what was imported from it stays old
            self._host.execute_again(module)
            return
        source = self._host.sources.load(str(self.path))
        unit = source.known_unit or call(self._compile, source)
        call(self._host.execute, module, source, unit)

    @as_import_system
    def _compile(self, source: Source) -> Unit:
        """Stored for other processes. A syntax tree has many objects, which each garbage collection would traverse."""
        collections = collect_less()
        try:
            with contextlib.suppress(SyntaxError):
                unit = source.unit()
                unit.groups  # noqa: B018 - compiled while the syntax tree exists
                source.keep(unit)
                unit.forget_tree()
                return unit
        finally:
            collect_again(collections)
        call(
            compile, source.data, source.path, "exec", dont_inherit=True
        )  # raises it where Python itself would
        raise ImportError(f"{source.path} cannot be read statement by statement")


class LibraryFinder:
    """First on ``sys.meta_path``: lets the others find, and takes over the loading of library sources.

    A loaded module is found where it was loaded from, whatever ``sys.path`` is now: workers run that one, too.
    """

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
        spec = self._found_by_others(fullname, path, target)
        home = self._host.loaded_from(fullname)
        if home is not None and (spec is None or not spec.origin or os.path.abspath(spec.origin) != home):
            spec = found_at_home(fullname, home) or spec
        if spec is None and home is None and (places := self._host.portions_of(fullname.rpartition(".")[0])):
            # The path of a namespace package is recomputed from sys.path and the working directory (`_NamespacePath`).
            spec = importlib.machinery.PathFinder.find_spec(fullname, places)
        if spec is None and (kept := self._host.not_on_disk(fullname, path)) is not None:
            is_package = os.path.basename(kept) == "__init__.py"
            spec = importlib.util.spec_from_file_location(
                fullname, kept, submodule_search_locations=[os.path.dirname(kept)] if is_package else None
            )
        if spec is None:
            self._host.not_found(fullname, path)
        else:
            self.take_over(spec)
        return spec

    def take_over(self, spec: ModuleSpec) -> None:
        """Replaces a loader that would load a library's source in the same way with ours."""
        if spec.origin and loads_sources(spec.loader):
            origin = os.path.abspath(spec.origin)
            if self._host.owns(origin):
                found: Any = spec.loader
                spec.loader = LibraryLoader(spec.name, origin, self._host, found)
                spec.cached = None

    def _found_by_others(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        for finder in list(sys.meta_path):
            find_spec = getattr(finder, "find_spec", None)
            if finder is self or find_spec is None:
                continue
            self._searching.active = True
            try:
                spec: ModuleSpec | None = find_spec(fullname, path, target)
            finally:
                self._searching.active = False
            if spec is not None:
                return spec
        return None


_LOADING = ("create_module", "exec_module", "get_code", "source_to_code", "get_data")


def loads_sources(loader: object) -> bool:
    """Whether it makes of a source file what Python's own loader makes of it, so that ours can stand in for it.

    That one itself, and what editable installs have around it (scikit-build-core) or derive from it (meson-python): all that decides
    what runs is still Python's. Hooks that change the code as they load it (typeguard, beartype) are not.
    """
    plain = importlib.machinery.SourceFileLoader
    if type(loader) is plain:
        return True
    try:
        methods = [getattr(loader, name) for name in _LOADING]
    except Exception:  # no such loader
        return False
    inner = getattr(methods[0], "__self__", None)
    return isinstance(inner, plain) and all(
        getattr(method, "__self__", None) is inner
        and getattr(method, "__func__", None) is getattr(plain, name)
        for method, name in zip(methods, _LOADING, strict=True)
    )
