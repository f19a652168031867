"""Library objects that come back from workers: they become objects of the driver's class, or the failure has a name."""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Iterable
from typing import Any

from ...errors import LibraryMissing
from ...protocol import State
from ..telling import tell

_SHORT = 12
_LOST = "_autoegg_lost"
_ADDED = -7300
"""An accumulator that changes nothing: PySpark adds what it has read to the one that is named."""

_ATTRIBUTE = re.compile(r"attribute '(?P<name>[\w.<>]+)' on <module '(?P<module>[\w.]+)'")
_NO_ATTRIBUTE = re.compile(r"module '(?P<module>[\w.]+)' has no attribute '(?P<name>[\w.]+)'")


def refusal(error: BaseException, states: Iterable[State], what: str) -> LibraryMissing | None:
    """The sentence for data that cannot be loaded because a library no longer has its class; None for any other error."""
    found = _ATTRIBUTE.search(str(error)) or _NO_ATTRIBUTE.search(str(error))
    if isinstance(error, ModuleNotFoundError) and error.name:
        module, name = error.name, f"module {error.name}"
    elif isinstance(error, AttributeError) and found:
        module, name = found["module"], f"{found['module']}.{found['name']}"
    else:
        return None
    for library in {library for state in states for library in state.libraries}:
        if module == library.name or module.startswith(library.name + "."):
            return LibraryMissing(
                f"{what} contains {name}, which {library.name} {library.version[:_SHORT]} does not define: an older "
                "version created it; recompute it, or restore the class"
            )
    return None


class _Nothing:
    def __iadd__(self, update: Any) -> _Nothing:
        return self


class Updates:
    """Adds what tasks send for accumulators. Where that fails, the accumulator says so instead of a wrong number.

    PySpark's own server dies with the first update that it cannot read, and with it every later update of every
    accumulator, in silence (``UpdateRequestHandler`` in accumulators.py).
    """

    def __init__(self, real: Any, registry: dict[int, Any], states: Any) -> None:
        self._real = real
        self._registry = registry
        self._states = states
        registry[_ADDED] = _Nothing()

    def remove(self) -> None:
        self._registry.pop(_ADDED, None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def _read_with_length(self, stream: Any) -> tuple[Any, Any]:
        from pyspark.serializers import read_int

        length = read_int(stream)
        pickled = stream.read(length)
        if len(pickled) < length:
            raise EOFError
        number: int | None = None
        try:
            number, update = self._real.loads(pickled)
            if number in self._registry:
                self._registry[number] += update
        except Exception as error:
            self._lost(_number_in(pickled) if number is None else number, error)
        return _ADDED, None

    def _lost(self, number: int | None, error: Exception) -> None:
        what = f"an update of accumulator {number}"
        known = refusal(error, self._states(), what)
        sentence = str(known or f"{what} could not be added ({type(error).__name__}: {error})")
        accumulator = self._registry.get(number) if number is not None else None
        attributes = getattr(accumulator, "__dict__", {})
        if _LOST not in attributes:
            tell(sentence)
        attributes[_LOST] = f"the value is incomplete: {sentence}"


def check(accumulator: Any) -> None:
    """Raise if an update of ``accumulator`` was lost."""
    lost = accumulator.__dict__.get(_LOST)
    if lost is not None:
        raise LibraryMissing(lost)


class _Anything:
    """Replaces anything that cannot be found, so that the number in front of it can be read."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        pass

    def __call__(self, *arguments: Any, **named: Any) -> _Anything:
        return self

    append = extend = add = __setitem__ = __call__


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        return _Anything


def _number_in(pickled: bytes) -> int | None:
    try:
        number, _ = _Reader(io.BytesIO(pickled)).load()
    except Exception:
        return None
    return number if isinstance(number, int) else None
