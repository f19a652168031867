"""What modules have that do not run again, or not as a whole, so that what runs cannot change it a second time unnoticed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .filled import registered
from .inspection import class_dict, functions_in, home, is_a, is_class
from .layout import assign_namespace
from .state import LARGEST_SCANNED

Named = list[tuple[str, Any]]
"""Objects, each with the global that it belongs to"""


class Witness:
    """``boxes``, ``classes``: of each module the containers and the classes that it has."""

    def __init__(self, boxes: dict[str, Named], classes: dict[str, Named]) -> None:
        self._boxes = [
            (module, name, box, _contents(box))
            for module, found in boxes.items()
            for name, box in found
            if _is_plain(box)
        ]
        self._classes = [
            (module, name, cls, class_dict(cls), _registrations(cls))
            for module, found in classes.items()
            for name, cls in found
        ]

    def disturbed(self, kept: Mapping[int, Collection[str]]) -> set[tuple[str, str]]:
        """(module, global) of what is not as it was.

        ``kept``: of classes that were merged with new ones, by ``id``, the attributes that were to stay.
        """
        found = {
            (module, name) for module, name, box, before in self._boxes if not _same(_contents(box), before)
        }
        for module, name, cls, before, registrations in self._classes:
            merged = id(cls) in kept
            if merged:
                before = {key: value for key, value in before.items() if key in kept[id(cls)]}
            if _is_changed(class_dict(cls), before) or (not merged and _registrations(cls) > registrations):
                found.add((module, name))
        return found

    def restore(self) -> None:
        for _, _, box, before in self._boxes:
            if not _same(_contents(box), before):
                if is_a(box, dict):
                    dict.clear(box)
                    dict.update(box, before)
                elif is_a(box, list):
                    list.__setitem__(box, slice(None), before)
                else:
                    set.clear(box)
                    set.update(box, before)
        for _, _, cls, attributes, _ in self._classes:
            assign_namespace(cls, attributes, keep=())


def named_classes(module: str, namespace: dict[str, Any]) -> Named:
    """The classes that a module defines, with those in them, each with the global that it belongs to."""
    found: Named = []
    seen: set[int] = set()

    def walk(name: str, value: Any) -> None:
        if is_class(value) and home(value) == module and id(value) not in seen:
            seen.add(id(value))
            found.append((name, value))
            for inner in class_dict(value).values():
                walk(name, inner)

    for name, value in list(namespace.items()):
        walk(name, value)
    return found


def _is_changed(now: dict[str, Any], before: dict[str, Any]) -> bool:
    """Has an attribute another value? One that came is no sign: it may be something that is computed when first asked for."""
    return any(
        now.get(key) is not value
        for key, value in before.items()
        if not (key.startswith("__") and key.endswith("__")) or any(functions_in(value))
    )


def _registrations(cls: type) -> int:
    return sum(1 for _ in registered(class_dict(cls)))


def _is_plain(box: Any) -> bool:
    return is_a(box, (dict, list, set)) and len(_contents(box)) < LARGEST_SCANNED


def _contents(box: Any) -> list[Any]:
    if is_a(box, dict):
        return list(dict.items(box))
    return list(list.__iter__(box) if is_a(box, list) else set.__iter__(box))


def _same(now: list[Any], before: list[Any]) -> bool:
    def key(item: Any) -> Iterator[int]:
        yield from map(id, item) if type(item) is tuple and len(item) == 2 else [id(item)]

    return len(now) == len(before) and all(
        tuple(key(a)) == tuple(key(b)) for a, b in zip(now, before, strict=True)
    )
