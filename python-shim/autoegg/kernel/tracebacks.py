"""What a cell shows of an error that happened on a worker: the user's own files, and our own sentences without Java around them.

A worker runs a library from ``…/<library>-<version>.egg/``, and PySpark hands its traceback on as text inside an error of
the driver (Py4JJavaError, PythonException, Connect's exceptions). IPython renders it; what it has rendered is changed here.
JupyterLab makes links of ``/path", line N`` and ``/path:N``.
"""

from __future__ import annotations

import hashlib
import os
import re
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from autoegg.kernel.library import Library
from autoegg.kernel.status import SHORT
from autoegg.versions.version import place_of

# As text of a worker, and as a frame: Spark 4 makes frames of that text, which IPython shows as `File path:line`.
_EGG = r"/(?P<library>[\w.-]+)-(?P<version>[0-9a-f]{16})\.egg/"
_PLACES = (
    re.compile(rf'(?<=File ")[^"\n]*{_EGG}(?P<member>[^"\n]+)'),
    re.compile(rf"(?:(?:~|\.\.?)?/[^\s\"'\x1b]*)?{_EGG}(?P<member>[^\s\"':\x1b]*[^\s\"':\x1b(),.;])"),
)
_SENTENCE = re.compile(r"^(?:[\w.]*\b)?ImportError: (autoegg: [^\n]+)$", re.MULTILINE)
_SPOILED = re.compile(r"File \S*?(autoegg-[\w.-]+\.egg) exists and does not match contents of")
_OURS = (os.path.join(os.path.dirname(os.path.dirname(__file__)), ""),)
"""The hooks' frames lie between the cell and PySpark: of no interest unless they fail."""
_SPARK = (*_OURS, *(f"{os.sep}{name}{os.sep}" for name in ("pyspark", "py4j", "grpc")))


def sentence_in(error: BaseException | None) -> str | None:
    """What we said on a worker when it refused a task, or say of an egg that Spark itself stumbles over; else None."""
    if error is None or not is_of_spark(error):
        return None
    found: list[str] = _SENTENCE.findall(str(error))
    if found:
        return found[-1].strip()
    spoiled = spoiled_in(error)
    if not spoiled:
        return None
    return (
        f"autoegg: an executor has a damaged copy of {min(spoiled)}, which Spark does not replace, so no task could run there. "
        "Run the cell again to ship it under another name."
    )


def spoiled_in(error: BaseException | None) -> set[str]:
    """autoegg's eggs whose content on an executor differs from what Spark sends under the same names (``Utils.copyFile``)."""
    if error is None or not is_of_spark(error):
        return set()
    return set(_SPOILED.findall(str(error)))


def is_of_spark(error: BaseException) -> bool:
    """Whether Spark raised it: it may tell of a worker."""
    return any(cls.__module__.partition(".")[0] in ("py4j", "pyspark") for cls in type(error).__mro__)


class Tracebacks:
    """Rewrites IPython's traceback before it is shown.

    Args:
        shell: the running ``InteractiveShell``.
        libraries: gives the libraries that are kept up to date.
        own_paths: puts the user's own paths into a text, for libraries whose files are a replica of hers.
    """

    def __init__(
        self, shell: Any, libraries: Callable[[], Iterable[Library]], own_paths: Callable[[str], str]
    ) -> None:
        self._shell = shell
        self._own_paths = own_paths
        self._libraries = libraries
        self._original: Callable[..., list[str]] | None = None

    def install(self) -> None:
        self._original = self._shell.InteractiveTB.structured_traceback
        self._shell.InteractiveTB.structured_traceback = self.structured_traceback

    def uninstall(self) -> None:
        # The class's own comes back to light.
        self._shell.InteractiveTB.__dict__.pop("structured_traceback", None)

    def structured_traceback(
        self,
        kind: Any,
        error: Any = None,
        trace: types.TracebackType | None = None,
        *arguments: Any,
        **options: Any,
    ) -> list[str]:
        """As IPython's own; a list of texts whose last one ends the cell's output."""
        assert self._original is not None
        sentence = sentence_in(error) if isinstance(error, BaseException) else None
        if sentence is not None:
            short = type(kind.__name__, (Exception,), {"__module__": "builtins"})
            return self._original(short, short(sentence), _without(_SPARK, trace), *arguments, **options)
        return self.rewritten(self._original(kind, error, _without(_OURS, trace), *arguments, **options))

    def rewritten(self, parts: list[str]) -> list[str]:
        """The same texts with the user's own files in them, and a line where those have moved on since."""
        notes: dict[str, None] = {}
        for place in _PLACES:
            parts = [place.sub(lambda found: self._own(found, notes), part) for part in parts]
        return [self._own_paths(part) for part in [*parts, *notes]]

    def _own(self, found: re.Match[str], notes: dict[str, None]) -> str:
        named = [
            library
            for library in self._libraries()
            if re.sub(r"[^\w.-]", "_", library.name) == found["library"]
        ]
        if not named:
            return found[0]
        ran = [
            library for library in named if library.version and library.version.name[:16] == found["version"]
        ]
        library = (ran or named)[0]
        own = place_of(library.spec, found["member"])
        if not ran:
            now = f", now {library.version.name[:SHORT]}" if library.version else ""
            notes[
                f"autoegg: this job ran {library.name} {found['version'][:SHORT]}{now}: the line numbers above belong "
                f"to that version and may differ in {own}."
            ] = None
        elif not _unchanged(library, own):
            notes[
                f"autoegg: {own} has changed since this job ran it, so its line numbers may differ now."
            ] = None
        return own


def _unchanged(library: Library, path: str) -> bool:
    assert library.version is not None
    try:
        digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return False
    return library.version.digests.get(path) == digest


def _without(paths: tuple[str, ...], trace: types.TracebackType | None) -> types.TracebackType | None:
    """The same traceback without the frames of these files; as it was, if it would end elsewhere in our own code."""
    kept: list[types.TracebackType] = []
    last = one = trace
    while one is not None:
        if not any(part in one.tb_frame.f_code.co_filename for part in paths):
            kept.append(one)
        last, one = one, one.tb_next
    if paths is _OURS and kept[-1:] != [last]:
        return trace  # a fault of ours
    result = None
    for one in reversed(kept):
        result = types.TracebackType(result, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return result
