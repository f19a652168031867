"""What a worker did not find and the driver has: which code or file that is, and how workers get it."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autoegg.kernel.library import Library
from autoegg.kernel.locality import Locality
from autoegg.kernel.tracebacks import is_of_spark
from autoegg.versions.version import place_of

_MODULE = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")
_PART = re.compile(
    r"ImportError: cannot import name '(\w+)' from (?:partially initialized module )?'([\w.]+)'"
)
_FILE = re.compile(
    r"(?:FileNotFoundError|NotADirectoryError): [^\n]*'[^'\n]*/([\w.-]+)-[0-9a-f]{16}\.egg/([^'\n]+)'"
)
_ARCHIVE = re.compile(r"^(.*?\.(?:zip|egg))(?:/|$)")

_RULES = {
    ".gitignore": "because a .gitignore leaves it out",
    "exclude": "because `exclude` of [tool.autoegg] names it",
    "hidden": "because hidden files are not",
    "secret": "because it looks like a secret",
    "build output": "because it lies in build output",
    "environment": "because it lies in a virtual environment",
    "not included": "because only what `include` names is, in that folder",
}

LeftOut = Callable[[Library], Iterable[Mapping[str, Any]]]


class Missing:
    """Args:
    libraries: those that are kept up to date.
    left_out: what the daemon left out of one of them (``LibraryContents.leftOut``).
    """

    def __init__(self, libraries: Callable[[], Iterable[Library]], left_out: LeftOut) -> None:
        self._libraries = libraries
        self._left_out = left_out
        self._locality = Locality()

    def advice(self, error: BaseException | None) -> str | None:
        """One sentence for an error that a cell has raised; None when it is not of this kind."""
        if error is None or not is_of_spark(error):
            return None
        text = str(error)
        files = _FILE.findall(text)
        if files:
            return self._on_file(*files[-1])
        modules = _MODULE.findall(text)
        if not modules:
            parts = [f"{package}.{name}" for name, package in _PART.findall(text)]
            modules = [name for name in parts if name in sys.modules]
        return self._on_module(modules[-1]) if modules else None

    def _on_module(self, name: str) -> str | None:
        place = _origin(name)
        if place is None:
            return None
        archive = _ARCHIVE.match(place)
        if archive:
            return (
                f"{name} is in {archive[1]}, which is neither watched nor shipped: give that file to Spark with "
                f"`spark.sparkContext.addPyFile({archive[1]!r})`, or unpack it and put its folder on sys.path."
            )
        for library in self._libraries():
            is_part = library.spec.kind == "package" and name.startswith(f"{library.name}.")
            if is_part and not library.holds(os.path.realpath(place)):
                return (
                    f"{name} lies outside {library.spec.path} ({place}), so it is not shipped with {library.name}: build it next "
                    f'to the sources (scikit-build-core: `editable.mode = "inplace"`), or put a link to it there.'
                )
        if not self._locality.owns(place):
            return _installed(name, place)
        for library in self._libraries():
            if library.enabled and library.holds(os.path.realpath(place)):
                return None  # shipped: what is missing is something else
        specs = list(self._locality.findable(name))
        where = specs[0].path if specs else place
        if specs and specs[0].kind != "namespace":
            return f"{name} is your own code and is not shipped: `%autoegg add {shlex.quote(where)}`, then run the cell again."
        return f"{name} is your own code ({where}) and is not shipped: import it in a cell, then run this one again."

    def _on_file(self, name: str, member: str) -> str | None:
        for library in self._libraries():
            if re.sub(r"[^\w.-]", "_", library.name) != name:
                continue
            path = place_of(library.spec, member)
            if not os.path.exists(path):
                return None
            rule = next(
                (
                    item["rule"]
                    for item in self._left_out(library)
                    if _is_in(path, item["path"]) or _is_in(item["path"], path)
                ),
                None,
            )
            if rule in _RULES:
                return (
                    f"{path} is not shipped, {_RULES[rule]}: name it under `include` of [tool.autoegg] in "
                    "pyproject.toml, then run the cell again."
                )
        return None


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)


def _installed(name: str, place: str) -> str:
    sentence = (
        f"{name} is installed for the driver ({place}) but not for the workers' Python: install it there too"
    )
    if not os.path.abspath(place).startswith(os.path.join(os.path.abspath(sys.prefix), "")):
        return sentence + "."
    # Jupyter was started by its path: without an activated environment, ``python3`` is another Python on the same machine.
    return (
        f'{sentence}, or, if Spark runs on this machine, set os.environ["PYSPARK_PYTHON"] = {json.dumps(sys.executable)} '
        "before the session is built."
    )


def _origin(name: str) -> str | None:
    """Where the driver imported this module from, or would import it from; None if from nowhere."""
    module = sys.modules.get(name)
    file = getattr(module, "__file__", None)
    if isinstance(file, str):
        return file
    if name.rpartition(".")[0] not in sys.modules:
        name = name.partition(".")[0]  # looking for a part imports the whole, which is not ours to run
    try:
        spec = importlib.util.find_spec(name)
    except Exception:  # finders of others, parents that cannot be imported
        return None
    if spec is None:
        return None
    if spec.origin is not None and spec.has_location:
        return spec.origin
    return next(iter(spec.submodule_search_locations or ()), None)
