"""Which functions of the libraries run while a statement runs.

From Python 3.12 on, by an event of ``sys.monitoring`` (PEP 669) that is on during an import or a replay: a profiler that is
switched on and off for each statement makes the interpreter adapt every function that runs in between anew, which cost
40 % of the first import of sympy. Before 3.12, by the profiler in C that ``cProfile`` is built on.
"""

from __future__ import annotations

import _lsprof
import sys
import threading
from collections.abc import Container, Iterable
from types import CodeType
from typing import Any, Protocol

NAME = "autoegg"
_monitoring: Any = getattr(sys, "monitoring", None)


class Ran(Protocol):
    """The functions that ran while this was enabled."""

    def enable(self) -> None: ...

    def disable(self) -> None: ...

    def codes(self) -> Iterable[Any]:
        """Their code objects, in the order in which they first ran where that is known; also of functions of others."""


class Calls(Protocol):
    def begin(self) -> None:
        """Statements are about to run in this thread."""

    def end(self) -> None: ...

    def enabled(self) -> Ran | None:
        """What runs from here on; None: nobody can watch it."""


class _Profiled:
    def __init__(self, profiler: _lsprof.Profiler) -> None:
        self.enable = profiler.enable
        self.disable = profiler.disable
        self._profiler = profiler

    def codes(self) -> Iterable[Any]:
        return [entry.code for entry in self._profiler.getstats()]


class ProfiledCalls:
    def begin(self) -> None:
        pass

    def end(self) -> None:
        pass

    def enabled(self) -> Ran | None:
        """None while another profiler is active: it is left alone (``sys.setprofile``)."""
        if sys.getprofile() is not None:
            return None
        profiler = _lsprof.Profiler(subcalls=False, builtins=False)
        try:
            profiler.enable()
        except ValueError:
            return None
        return _Profiled(profiler)


class _Monitored:
    def __init__(self, calls: MonitoredCalls) -> None:
        self._calls = calls
        self._found: dict[int, CodeType] = {}

    def enable(self) -> None:
        self._calls.found = self._found

    def disable(self) -> None:
        self._calls.found = None

    def codes(self) -> Iterable[Any]:
        return self._found.values()


class MonitoredCalls:
    """Other tools of ``sys.monitoring``, and profilers of ``sys.setprofile``, work beside it.

    Args:
        files: the files of the libraries' modules.
    """

    def __init__(self, files: Container[str]) -> None:
        self.found: dict[int, CodeType] | None = None
        """By the ``id`` of the code: what has run for the statement that runs now."""
        self._files = files
        self._tool: int | None = None
        self._thread = 0

    def begin(self) -> None:
        self._thread = threading.get_ident()
        self._tool = _free_tool()
        if self._tool is not None:
            events = _monitoring.events
            # A generator that was created by an earlier statement only resumes.
            for event in (events.PY_START, events.PY_RESUME):
                _monitoring.register_callback(self._tool, event, self._started)
            _monitoring.set_events(self._tool, events.PY_START | events.PY_RESUME)

    def end(self) -> None:
        tool, self._tool = self._tool, None
        if tool is not None:
            _monitoring.set_events(tool, 0)
            _monitoring.free_tool_id(tool)

    def enabled(self) -> Ran | None:
        """None while other tools use all of the places that there are."""
        if self._tool is None:
            return None
        ran = _Monitored(self)
        ran.enable()
        return ran

    def _started(self, code: CodeType, _offset: int) -> Any:
        if code.co_filename not in self._files:
            return _monitoring.DISABLE  # asked for once for each place in the code, until ``begin``
        if self.found is not None and threading.get_ident() == self._thread:
            self.found[id(code)] = code
        return None


def _free_tool() -> int | None:
    """0, 1, 2 and 5 are meant for debuggers, coverage, profilers and optimizers, so they come last."""
    for tool in (3, 4, 5, 2, 1, 0):
        try:
            _monitoring.use_tool_id(tool, NAME)
        except ValueError:
            continue
        return tool
    return None


def watched_calls(files: Container[str]) -> Calls:
    return MonitoredCalls(files) if sys.version_info >= (3, 12) else ProfiledCalls()
