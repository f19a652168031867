"""Loaded modules that have a library's name but are not among its files: they were imported again from another place."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterator

from autoegg.kernel.library import Library
from autoegg.reload import module_attribute


def is_loaded_elsewhere(library: Library, resolve: Callable[[str], str]) -> str | None:
    """The file that the driver has loaded under this library's name, if that is none of the library; else None.

    A file that is gone says nothing: the library has moved, and the next reload follows it.
    """
    module = sys.modules.get(library.name)
    file = module_attribute(module, "__file__")
    if not isinstance(file, str) or library.holds(resolve(file)) or not os.path.exists(file):
        return None
    if library.spec.kind == "namespace" and library.spec.path in _places(module):
        return None  # a package that is extended to here
    return file


def strangers(
    libraries: Collection[Library], resolve: Callable[[str], str]
) -> Iterator[tuple[Library, str, str]]:
    """(library, module, file) of each loaded module that no import finds in the library, or next to it, under this name.

    A package that is extended to other folders, and a namespace, have modules there; each package knows its folders.
    """
    for name, module in sorted(sys.modules.items()):
        own = [library for library in libraries if f"{name}.".startswith(f"{library.name}.")]
        file = module_attribute(module, "__file__") if own else None
        if not isinstance(file, str):
            continue
        real = resolve(os.path.abspath(file))
        if any(library.holds(real) for library in own):
            continue
        if any(library.name == name for library in own):
            beside = any(is_loaded_elsewhere(library, resolve) is None for library in own)
        else:
            beside = _folder_searched(real) in _places(sys.modules.get(name.rpartition(".")[0]))
        if not beside:
            yield own[-1], name, file


def _folder_searched(real: str) -> str:
    folder, file = os.path.split(real)
    return os.path.dirname(folder) if file == "__init__.py" else folder


def _places(package: object) -> list[str]:
    return [os.path.realpath(str(place)) for place in module_attribute(package, "__path__") or ()]
