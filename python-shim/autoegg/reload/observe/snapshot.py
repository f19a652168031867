"""Many containers looked at in one pass: do all of them still hold what they held when the snapshot was taken?"""

from __future__ import annotations

import collections
from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from operator import is_
from typing import Any

_PLAIN = frozenset([dict, list, set, collections.OrderedDict, collections.defaultdict, collections.deque])
"""Types on which no operation used here runs user code; subclasses may override methods."""
_MAPPINGS = frozenset([dict, collections.OrderedDict, collections.defaultdict])
FEWEST = 3


class Snapshot:
    """Of the plain containers among ``objects`` (by the numbers of their boxes).

    One pass in C instead of one call for each box: the sizes, and then whether all that is in them, one after the other, is the very
    same objects in the same order. Both together say of each container what ``Box.is_as_seen`` would. It may be trusted as long as
    no box of it has been found changed (``forget``), for what a box was last seen with is another state from then on.
    """

    __slots__ = ("_held", "_parts", "_sizes", "_stale", "_used", "containers")

    def __init__(self, objects: Mapping[int, Any]) -> None:
        self.containers = {number: obj for number, obj in objects.items() if type(obj) in _PLAIN}
        self._parts: list[Any] | None = None
        self._sizes: list[int] = []
        self._held: list[Any] = []
        self._used = False
        self._stale = len(self.containers) < FEWEST

    def is_current(self) -> bool:
        parts = self._parts
        return (
            parts is not None
            and list(map(len, parts)) == self._sizes
            and all(map(is_, chain.from_iterable(parts), self._held))
        )

    def found_as_seen(self, but_for: Collection[int]) -> None:
        """Each of its boxes has just been compared by itself; ``but_for``: these numbers differed. Taken at the second time: most are asked once."""
        if self._stale or not self.containers.keys().isdisjoint(but_for):
            return
        if not self._used:
            self._used = True
            return
        self._parts = list(_parts(self.containers.values()))
        self._sizes = list(map(len, self._parts))
        self._held = list(chain.from_iterable(self._parts))

    def forget(self) -> None:
        """What one of its boxes was last seen with is something else now."""
        self._stale, self._parts = True, None


def _parts(containers: Iterable[Any]) -> Iterable[Any]:
    for container in containers:
        yield container
        if type(container) in _MAPPINGS:
            yield container.values()  # a view: what it shows is what there is at that moment
