"""The sentences of this package that say why a library cannot be loaded as it is on disk."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Callable
from types import TracebackType

from ...errors import LibraryBroken
from ..inspection import instance_dict
from .report import KIN, NEW, Execution

STATEMENT = 80
"""Characters of a statement that a sentence shows."""


def shown(path: str) -> str:
    """The path relative to the entry of ``sys.path`` that holds it, as in ``tagscrape/scrape.py``."""
    for form in (os.path.abspath(path), os.path.realpath(path)):
        entries = [os.path.abspath(entry or os.curdir) for entry in sys.path]
        holding = [entry for entry in entries if form.startswith(entry.rstrip(os.sep) + os.sep)]
        if holding:
            return os.path.relpath(form, max(holding, key=len)).replace(os.sep, "/")
    return path


def broken_source(path: str, error: Exception) -> LibraryBroken:
    """For a file that does not compile or cannot be read."""
    if isinstance(error, SyntaxError):
        path = path if error.filename in (None, "<unknown>") else error.filename or path
        line, message = error.lineno, error.msg
    elif isinstance(error, OSError):
        line, message = None, error.strerror or str(error)
    else:
        line, message = None, str(error) or type(error).__name__
    where = shown(path) if line is None else f"{shown(path)}, line {line}"
    return LibraryBroken(f"{where}: {message}", file=path, line=line)


def failed_import(
    error: BaseException,
    owns: Callable[[str], bool],
    stale: list[str],
    raised_by: str = "",
    statement: Execution | None = None,
) -> LibraryBroken:
    """For code that raised while it was imported: the innermost library frame is where to look.

    Args:
        raised_by: another package that raised, and may refuse only because it has seen this code run before.
        statement: what ran; named where it is not what was edited.
    """
    if isinstance(error, SyntaxError) and error.filename and owns(error.filename):
        return broken_source(error.filename, error)
    file, line = _innermost(error.__traceback__, owns)
    what = f"{type(error).__name__}: {_first_line(error)}" if str(error) else type(error).__name__
    where = f"{shown(file)}, line {line}" if file else ", ".join(sorted(stale))
    if statement is not None and statement.why not in (NEW, KIN):
        what += f" (while {statement.module}, line {statement.line}, ran again, because {statement.why}: {_shortened(statement.text)})"
    if raised_by:
        what += f" (raised by {raised_by}; if the file is correct, it cannot be imported a second time: restart the kernel)"
    return LibraryBroken(f"{where}: {what}", file=file, line=line)


def _shortened(text: str) -> str:
    return text if len(text) <= STATEMENT else f"{text[:STATEMENT]}…"


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


def _innermost(traceback: TracebackType | None, owns: Callable[[str], bool]) -> tuple[str | None, int | None]:
    file: str | None = None
    line: int | None = None
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if os.path.isabs(name) and owns(name):
            file, line = name, traceback.tb_lineno
        traceback = traceback.tb_next
    return file, line


def package_that_raised(error: BaseException, owns: Callable[[str], bool]) -> str:
    """The package of others that raised; empty where it was the library or the standard library."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    file = trace.tb_frame.f_code.co_filename if trace is not None else ""
    if not file or owns(file) or isinstance(error, ImportError):
        return ""
    module = next((one for one in list(sys.modules.values()) if _file(one) == file), None)
    standard = tuple(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib"))
    if module is None or (file.startswith(standard) and "site-packages" not in file):
        return ""
    return str(module.__dict__.get("__name__", "")).partition(".")[0]


def _file(module: object) -> object:
    return (instance_dict(module) or {}).get("__file__")
