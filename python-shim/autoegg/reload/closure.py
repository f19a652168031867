"""What can be reached in a graph, gathered once for each of its nodes: circles share one answer (Tarjan's algorithm)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator
from typing import Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)
Item = TypeVar("Item", bound=Hashable)


class Closure(Generic[Node, Item]):
    """``own(node)``: what the node itself adds; ``edges(node)``: where it leads. Neither may change meanwhile."""

    def __init__(
        self, own: Callable[[Node], Collection[Item]], edges: Callable[[Node], Collection[Node]]
    ) -> None:
        self._own = own
        self._edges = edges
        self._known: dict[Node, frozenset[Item]] = {}

    def of(self, root: Node) -> frozenset[Item]:
        """What ``root`` and all that it leads to add. Without recursion: chains of calls are longer than Python's stack."""
        if root not in self._known:
            self._explore(root)
        return self._known[root]

    def _explore(self, root: Node) -> None:
        lowest: dict[Node, int] = {}
        """The first node, by the order of entering, that a node is in a circle with, as far as that is known."""
        entered: dict[Node, int] = {}
        found: dict[Node, set[Item]] = {}
        circle: list[Node] = []
        way: list[tuple[Node, Iterator[Node]]] = []

        def enter(node: Node) -> None:
            entered[node] = lowest[node] = len(entered)
            found[node] = set(self._own(node))
            circle.append(node)
            way.append((node, iter(self._edges(node))))

        enter(root)
        while way:
            node, ahead = way[-1]
            for step in ahead:
                if step in self._known:
                    found[node] |= self._known[step]
                elif step in entered:
                    lowest[node] = min(lowest[node], entered[step])
                else:
                    enter(step)
                    break
            else:
                way.pop()
                if lowest[node] == entered[node]:
                    self._close(node, circle, found)
                if way:
                    above = way[-1][0]
                    if node in self._known:
                        found[above] |= self._known[node]
                    else:
                        lowest[above] = min(lowest[above], lowest[node])

    def _close(self, first: Node, circle: list[Node], found: dict[Node, set[Item]]) -> None:
        members = circle[circle.index(first) :]
        del circle[-len(members) :]
        answer = frozenset().union(*(found[member] for member in members))
        self._known.update(dict.fromkeys(members, answer))
