"""The debug setting ``spark.autoegg.check``: a task proves that all it has loaded is the version that it is on, or fails.

Looked at when the task's function is about to be unpickled and again when it has ended, for what it imported meanwhile.
"""

from __future__ import annotations

import hashlib
import os
import socket
import sys
import types
from collections.abc import Iterator
from typing import Any

from . import switch, unpack

on = False

_manifests: dict[str, dict[str, Any]] = {}
_codes: dict[tuple[str, str], set[types.CodeType]] = {}
_watched = False


def begin() -> None:
    """Check what is loaded now, and once more at the end of the task.

    :raises ImportError: naming the module, when its code is not that of the version.
    """
    global _watched
    examine()
    context = sys.modules.get("pyspark.taskcontext")
    if context is not None and not _watched:
        # The last thing that worker.py does while an exception still fails the task.
        before = context.TaskContext._setTaskContext

        def ended(cls: Any, task: Any) -> None:
            if task is None and on:
                examine()
            before.__func__(cls, task)

        context.TaskContext._setTaskContext = classmethod(ended)  # type: ignore[method-assign]
        _watched = True


def examine() -> None:
    """:raises ImportError: when a loaded module of the libraries is not of the version that this process is on."""
    for name, module in switch.loaded():
        problem = _problem(name, module)
        if problem is not None:
            library = switch.owner(name) or ("the library", "?")
            raise ImportError(
                f"autoegg: check: this task is on {library[0]} {library[1][:12]}, but on node {socket.gethostname()} (process "
                f"{os.getpid()}) {problem}. Run the cell again, or restart the Spark session; please report this as a bug."
            )


def _problem(name: str, module: Any) -> str | None:
    attributes = object.__getattribute__(module, "__dict__")
    file = attributes.get("__file__")
    if attributes.get("__spec__") is None:
        return None  # made by the library itself, from no file
    if file is None:
        outside = [path for path in attributes.get("__path__") or () if _place(path) is None]
        # Others have portions of a namespace too; a library's package that is nowhere else comes from the wrong place.
        if outside and not any(_place(path) for path in attributes["__path__"]):
            return f"the package {name} comes from {outside[0]}"
        return None
    place = _place(file)
    if place is None:
        return f"the module {name} comes from {file}"
    directory, path = place
    if directory not in _manifests:
        _manifests[directory] = unpack.manifest_of(directory)["files"]
    entry = _manifests[directory].get(path)
    if entry is None:
        return f"the version has no {path}, from which {name} was loaded"
    with open(file, "rb") as opened:  # noqa: PTH123
        content = opened.read()
    digest = hashlib.sha256(content).hexdigest()
    if digest != entry["digest"]:
        return f"{file} was changed after it was unpacked"
    if path.endswith(".py"):
        key = (file, digest)
        if key not in _codes:
            _codes[key] = set(_nested(compile(content, file, "exec", dont_inherit=True)))
        for what, code in _functions(name, attributes):
            if code.co_filename == file and code not in _codes[key]:
                return f"{name}.{what} runs other code than {file} has"
    return None


def _place(path: Any) -> tuple[str, str] | None:
    """The directory of the present state that a file lies in, and its path there."""
    for _, _, directory in switch.libraries:
        if isinstance(path, str) and path.startswith(directory + os.sep):
            return directory, path[len(directory) + 1 :].replace(os.sep, "/")
    return None


def _nested(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _nested(constant)


def _functions(module: str, attributes: dict[str, Any]) -> Iterator[tuple[str, types.CodeType]]:
    """The code of the functions and methods that were defined in ``module``."""
    for name, value in list(attributes.items()):
        if getattr(type(value), "__module__", None) != "builtins":
            continue
        members = list(vars(value).items()) if isinstance(value, type) and value.__module__ == module else ()
        for what, one in ((name, value), *((f"{name}.{member}", inner) for member, inner in members)):
            if isinstance(one, (staticmethod, classmethod)):
                one = one.__func__
            if isinstance(one, property):
                one = one.fget
            if isinstance(one, types.FunctionType):
                yield what, one.__code__
