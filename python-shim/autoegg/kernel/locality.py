"""Which imported code is the user's own: found from where each import came from, never configured."""

from __future__ import annotations

import contextlib
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
from autoegg.reload import module_attribute

_ENVIRONMENT_FOLDERS = frozenset({"site-packages", "dist-packages"})

# Debuggers and helpers that editors put on a kernel's sys.path (debugpy of VS Code and its forks, pydev of PyCharm).
_EDITOR_FOLDERS = (".vscode", ".cursor", ".windsurf", ".positron", "pydev")

# Where Spark puts files that a driver or a local executor was given (SparkContext.scala, `Utils.createTempDir`).
_SPARK_FILES_FOLDER = "userFiles-"


class Locality:
    """Tells the user's own source files from installed ones, by real path; answers are remembered per path."""

    def __init__(self) -> None:
        self._foreign_roots = tuple(_with_separator(root) for root in _foreign_roots())
        self._own_roots = tuple(_with_separator(os.path.join(root, "src")) for root in _prefixes())
        self._known: dict[str, bool] = {}
        self._folders: dict[str, str | None] = {}
        """Folder of a source file to its real path; None: nothing in it is local."""
        self._records: dict[str, list[tuple[str, frozenset[str]]]] = {}
        """Real folder to what distributions have installed there: its path below the place of their metadata, and files."""
        self._entries: dict[str, str] = {}
        """Entry of ``sys.path`` to its real path."""
        self._installed: dict[str, frozenset[str]] = {}

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
        if folder not in self._folders:
            real = os.path.realpath(folder)
            self._folders[folder] = real if self._is_local_folder(real) else None
        where = self._folders[folder]
        return where is not None and not self._is_recorded(where, name)

    def _is_local_folder(self, path: str) -> bool:
        # `pip install -e git+…` checks out into <environment>/src, and /usr/src is a place for one's own code.
        inside = _with_separator(path)
        if inside.startswith(self._foreign_roots) and not inside.startswith(self._own_roots):
            return False
        return not any(
            part in _ENVIRONMENT_FOLDERS
            or part.startswith((*_EDITOR_FOLDERS, _SPARK_FILES_FOLDER))
            or part.endswith((".zip", ".egg"))
            for part in Path(path).parts
        )

    def _is_recorded(self, folder: str, name: str) -> bool:
        """Whether a distribution was installed with this file into a folder of its own kind (``pip install --target``)."""
        if folder not in self._records:
            self._records[folder] = []
            for place in {self._real(entry) for entry in sys.path}:
                if _with_separator(folder).startswith(_with_separator(place)):
                    if place not in self._installed:
                        self._installed[place] = _recorded_in(place)
                    if self._installed[place]:
                        below = os.path.relpath(folder, place).replace(os.sep, "/")
                        prefix = "" if below == "." else below + "/"
                        self._records[folder].append((prefix, self._installed[place]))
        return any(prefix + name in files for prefix, files in self._records[folder])

    def _real(self, entry: str) -> str:
        """Of an entry of ``sys.path``; a relative one means another folder when the working directory is another one."""
        if not os.path.isabs(entry):
            return os.path.realpath(entry)
        real = self._entries.get(entry)
        if real is None:
            real = self._entries[entry] = os.path.realpath(entry)
        return real

    def imported(self, names: Iterable[str]) -> Iterator[LibrarySpec]:
        """The libraries of those imported modules that are local."""
        for name in names:
            module = sys.modules.get(name)
            file = module_attribute(module, "__file__") if isinstance(module, ModuleType) else None
            if name != "__main__" and isinstance(file, str) and self.owns(file):
                spec = self._library_of(name, file)
                if spec is not None:
                    yield spec

    def findable(self, name: str) -> Iterator[LibrarySpec]:
        """The local libraries that ``import name`` (dotted or not) would import from, without running any code of theirs."""
        portions: list[str] = []
        parts = name.split(".")
        for depth in range(1, len(parts) + 1):
            dotted = ".".join(parts[:depth])
            try:
                # Looking below a namespace imports that, which runs no code.
                spec = importlib.util.find_spec(dotted)
            except Exception:  # half-initialised modules and finders of others that raise: not ours to find
                return
            if spec is None:
                return
            if spec.origin is not None and spec.has_location:
                if _is_source(spec.origin) and self.owns(spec.origin):
                    is_package = bool(spec.submodule_search_locations)
                    yield _portion_with(spec.origin, parts[0], portions) or _spec_of(
                        dotted, spec.origin, is_package
                    )
                return
            places = [str(place) for place in spec.submodule_search_locations or ()]
            if depth == 1:
                portions = places
            elif depth == len(parts):
                for place in filter(self.owns, places):
                    found = _portion_with(place, parts[0], portions)
                    if found is not None:
                        yield found

    def at(self, name: str, file: str) -> LibrarySpec | None:
        """The library of this top-level name whose own source is ``file``: a module's, or a package's ``__init__.py``."""
        if not _is_source(file) or not self.owns(file):
            return None
        return _spec_of(name, file, os.path.basename(file) == "__init__.py")

    def _library_of(self, name: str, file: str) -> LibrarySpec | None:
        """The outermost package, module or namespace of this name that has the file in its own folder."""
        real = os.path.realpath(file)
        parts = name.split(".")
        for depth in range(1, len(parts) + 1):
            dotted = ".".join(parts[:depth])
            module = sys.modules.get(dotted)
            own = module_attribute(module, "__file__")
            if isinstance(own, str):
                spec = (
                    _spec_of(dotted, own, module_attribute(module, "__path__") is not None)
                    if self.owns(own)
                    else None
                )
                if spec is not None and _lies_in(real, spec.path):
                    return spec
                if depth > 1 or spec is None:
                    # An installed package that has been extended to here (pkgutil), or a mapped part of a local one.
                    found = _portion_with(real, dotted, _path_of(module))
                    if found is not None:
                        return found
                if spec is not None:
                    return None  # workers would look for it inside of the package only
            elif module is None and depth < len(parts):
                package = _package_above(
                    real, len(parts) - depth, module_attribute(sys.modules[name], "__path__") is not None
                )
                if package is not None and self.owns(package):
                    return _spec_of(dotted, package, True)
            else:
                found = _portion_with(real, dotted, _path_of(module))
                if found is not None:
                    return found
        return None


def _is_source(path: str) -> bool:
    return path.endswith(tuple(importlib.machinery.SOURCE_SUFFIXES))


def _path_of(module: ModuleType | None) -> list[str]:
    return [str(place) for place in module_attribute(module, "__path__") or ()]


def _lies_in(real: str, place: str) -> bool:
    return real == place or real.startswith(_with_separator(place))


def _package_above(real: str, levels: int, is_package: bool) -> str | None:
    """The ``__init__.py`` of the package that is so many levels above a module.

    A package whose import fails leaves ``sys.modules``, and the submodules that it had imported stay there.
    """
    folder = real
    for _ in range(levels + is_package):
        folder = os.path.dirname(folder)
    init = os.path.join(folder, "__init__.py")
    return init if os.path.isfile(init) else None


def _portion_with(path: str, name: str, portions: Iterable[str]) -> LibrarySpec | None:
    """The portion of a namespace that a file or folder lies in."""
    real = os.path.realpath(path)
    for portion in map(os.path.realpath, portions):
        if _lies_in(real, portion):
            return LibrarySpec(name, "namespace", portion)
    return None


def _spec_of(top: str, file: str, is_package: bool) -> LibrarySpec:
    real = os.path.realpath(file)
    if is_package:
        return LibrarySpec(top, "package", os.path.dirname(real))
    return LibrarySpec(top, "module", real)


def _prefixes() -> list[str]:
    return list(dict.fromkeys(map(os.path.realpath, (sys.prefix, sys.base_prefix, sys.exec_prefix))))


def _recorded_in(folder: str) -> frozenset[str]:
    """The Python files that the RECORD files of installed distributions in a folder name."""
    found: set[str] = set()
    for record in Path(folder).glob("*.dist-info/RECORD"):
        with contextlib.suppress(OSError):
            lines = record.read_text(encoding="utf-8", errors="replace").splitlines()
            found.update(line.partition(",")[0] for line in lines if ".py," in line)
    return frozenset(found)


def _foreign_roots() -> Iterator[str]:
    """Directories whose code is installed, not written here: interpreter, environments, Spark and this shim."""
    paths = sysconfig.get_paths()
    candidates = [
        *_prefixes(),
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
