"""Source files as they are executed: bytes read once, their digest, and the unit that is made of exactly those bytes."""

from __future__ import annotations

import hashlib
import linecache
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from .compiled import CompiledCode
from .unit import Unit

CACHED = 4096


def read_disk(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a Path costs as much as the reading
        return file.read()


@dataclass(eq=False)
class Source:
    """One version of one file. ``digest`` is the sha256 of ``data`` in hex."""

    path: str
    data: bytes
    digest: str
    compiled: CompiledCode | None = None
    _unit: Unit | None = field(default=None, repr=False)

    @property
    def known_unit(self) -> Unit | None:
        """The unit if it was compiled before, in this process or another; raises nothing."""
        if self._unit is None and self.compiled is not None:
            dumped = self.compiled.get(self.path, self.digest)
            if dumped is not None:
                try:
                    self._unit = Unit.load(self.path, self.data, dumped)
                except (ValueError, EOFError, TypeError):
                    return None
        return self._unit

    def unit(self, former: Unit | None = None) -> Unit:
        """Raises SyntaxError or ValueError where the file does not compile. ``former``: the version that it is to be compared with."""
        unit = self.known_unit
        if unit is None:
            unit = self._unit = Unit(self.path, self.data, former)
        return unit

    def keep(self, unit: Unit) -> None:
        """For other processes."""
        if self.compiled is not None:
            self.compiled.put(self.path, self.digest, unit.dump())


class SourceCache:
    """Sources by path and digest, so that going back to an earlier version parses nothing."""

    def __init__(
        self, read: Callable[[str], bytes] = read_disk, compiled: CompiledCode | None = None
    ) -> None:
        self._read = read
        self._compiled = compiled
        self._sources: OrderedDict[tuple[str, str], Source] = OrderedDict()
        self._lock = threading.Lock()

    def load(self, path: str) -> Source:
        """The file as it is now. Raises OSError."""
        data = self._read(path)
        key = (path, hashlib.sha256(data).hexdigest())
        with self._lock:
            source = self._sources.get(key)
            if source is None:
                source = self._sources[key] = Source(path, data, key[1], self._compiled)
                linecache.cache.pop(path, None)
                if len(self._sources) > CACHED:
                    self._sources.popitem(last=False)
            else:
                self._sources.move_to_end(key)
        return source

    def digest(self, path: str) -> str | None:
        """sha256 of the file as it is now, None if it cannot be read."""
        try:
            return hashlib.sha256(self._read(path)).hexdigest()
        except OSError:
            return None
