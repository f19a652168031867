"""When the shapes of functions and classes have changed, in the order of these changes."""

from __future__ import annotations


class Versions(dict[int, int]):
    """id of a class, a function or a cache of results -> the clock when it last changed."""

    clock = 0

    def advance(self, number: int) -> None:
        """Records that it has changed now."""
        self.clock += 1
        self[number] = self.clock
