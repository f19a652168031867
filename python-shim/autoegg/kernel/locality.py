"""Which imported code is the user's own: found from where each import came from, never configured."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

from autoegg.protocol import LibrarySpec

_ENVIRONMENT_FOLDERS = frozenset({"site-packages", "dist-packages"})

# Debuggers and helpers that editors put on a kernel's sys.path (debugpy of VS Code and its forks, pydev of PyCharm).
_EDITOR_FOLDERS = (".vscode", ".cursor", ".windsurf", ".positron", "pydev")

# Where Spark puts files that a driver or a local executor was given (SparkContext.scala, `Utils.createTempDir`).
_SPARK_FILES_FOLDER = "userFiles-"


class Locality:
    """Tells the user's own source files from installed ones, by real path; answers are remembered per path."""

    def __init__(self) -> None:
        self._foreign_roots = tuple(_with_separator(root) for root in _foreign_roots())
        self._known: dict[str, bool] = {}
        self._folders: dict[str, bool] = {}

    def owns(self, path: str) -> bool:
        """Whether a source file belongs to a local library. ``path`` need not be resolved; links are followed."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._is_local(path)
        return known

    def _is_local(self, path: str) -> bool:
        if os.path.islink(path):
            path = os.path.realpath(path)
        folder, name = os.path.split(path)
        if name.endswith((".zip", ".egg")):
            return False
        known = self._folders.get(folder)
        if known is None:
            known = self._folders[folder] = self._is_local_folder(os.path.realpath(folder))
        return known

    def _is_local_folder(self, path: str) -> bool:
        if _with_separator(path).startswith(self._foreign_roots):
            return False
        for part in Path(path).parts:
            if (
                part in _ENVIRONMENT_FOLDERS
                or part.startswith(_EDITOR_FOLDERS)
                or part.startswith(_SPARK_FILES_FOLDER)
            ):
                return False
            if part.endswith((".zip", ".egg")):
                return False
        return True

    def imported(self, names: Iterable[str]) -> Iterator[LibrarySpec]:
        """The libraries of those imported modules that are local."""
        for name in names:
            module = sys.modules.get(name)
            file = getattr(module, "__file__", None) if isinstance(module, ModuleType) else None
            if name != "__main__" and isinstance(file, str) and self.owns(file):
                spec = self._library_of(name, file)
                if spec is not None:
                    yield spec

    def findable(self, name: str) -> LibrarySpec | None:
        """The local library that ``import name`` (dotted or not) would import from, without importing anything."""
        top, _, rest = name.partition(".")
        try:
            spec = importlib.util.find_spec(top)
        except (ImportError, ValueError, AttributeError):
            return None  # half-initialised modules and finders of others that raise: not ours to find
        if spec is None:
            return None
        if spec.origin and spec.has_location:
            if not spec.origin.endswith(tuple(importlib.machinery.SOURCE_SUFFIXES)) or not self.owns(
                spec.origin
            ):
                return None
            return _spec_of(top, spec.origin, bool(spec.submodule_search_locations))
        for portion in spec.submodule_search_locations or ():
            child = os.path.join(portion, rest.partition(".")[0])
            if rest and (os.path.isdir(child) or os.path.isfile(child + ".py")) and self.owns(child):
                return LibrarySpec(top, "namespace", os.path.realpath(portion))
        return None

    def at(self, name: str, file: str) -> LibrarySpec | None:
        """The library of this top-level name whose own source is ``file``: a module's, or a package's ``__init__.py``."""
        if not file.endswith(tuple(importlib.machinery.SOURCE_SUFFIXES)) or not self.owns(file):
            return None
        return _spec_of(name, file, os.path.basename(file) == "__init__.py")

    def _library_of(self, name: str, file: str) -> LibrarySpec | None:
        top = name.partition(".")[0]
        module = sys.modules.get(top)
        top_file = getattr(module, "__file__", None)
        if isinstance(top_file, str) and self.owns(top_file):
            return _spec_of(top, top_file, hasattr(module, "__path__"))
        real = os.path.realpath(file)
        for portion in getattr(module, "__path__", ()):
            resolved = os.path.realpath(portion)
            if real.startswith(_with_separator(resolved)):
                return LibrarySpec(top, "namespace", resolved)
        return None


def _spec_of(top: str, file: str, is_package: bool) -> LibrarySpec:
    real = os.path.realpath(file)
    if is_package:
        return LibrarySpec(top, "package", os.path.dirname(real))
    return LibrarySpec(top, "module", real)


def _foreign_roots() -> Iterator[str]:
    """Directories whose code is installed, not written here: interpreter, environments, Spark and this shim."""
    paths = sysconfig.get_paths()
    candidates = [
        sys.prefix,
        sys.base_prefix,
        sys.exec_prefix,
        *(paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")),
    ]
    candidates += site.getsitepackages() if hasattr(site, "getsitepackages") else []
    candidates += [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    candidates += [os.environ["SPARK_HOME"]] if os.environ.get("SPARK_HOME") else []
    shim = Path(__file__).resolve().parent.parent
    candidates += [str(shim), str(shim.with_name("jupyterlab_autoegg"))]
    for name in ("pyspark", "py4j"):
        with_location = importlib.util.find_spec(name)
        if with_location is not None and with_location.origin:
            candidates.append(os.path.dirname(with_location.origin))
    for candidate in candidates:
        real = os.path.realpath(candidate)
        if real not in (os.sep, ""):
            yield real


def _with_separator(path: str) -> str:
    return path if path.endswith(os.sep) else path + os.sep
