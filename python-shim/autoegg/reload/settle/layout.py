"""Whether a class can become another in place, and how it does."""

from __future__ import annotations

import abc
import enum
import typing
from collections.abc import Collection
from typing import Any

from ..inspection import class_dict, slots_of

PLAIN_METACLASSES: tuple[type, ...] = (type, abc.ABCMeta, type(typing.Protocol))


def layout(cls: type) -> tuple[Any, ...]:
    return (
        cls.__basicsize__, cls.__itemsize__, cls.__dictoffset__, cls.__weakrefoffset__, slots_of(cls),
        getattr(cls, "_fields", None) if issubclass(cls, tuple) else None,
    )  # fmt: skip


def assign_namespace(cls: type, namespace: dict[str, Any], keep: Collection[str]) -> None:
    """Make the class's own attributes those of ``namespace``, without calling the metaclass."""
    present = class_dict(cls)
    for key in present:
        if key not in namespace and key not in keep:
            try:
                type.__delattr__(cls, key)
            except (AttributeError, TypeError):
                continue
    for key, value in namespace.items():
        if key not in keep and (key not in present or present[key] is not value):
            try:
                type.__setattr__(cls, key, value)
            except (AttributeError, TypeError):
                continue
    if not issubclass(type(cls), enum.EnumMeta):
        _put_in_order(cls, [key for key in namespace if key[:2] != "__" and key not in keep])


def _put_in_order(cls: type, names: list[str]) -> None:
    """What lists a class's attributes (``vars``, ``__set_name__`` by hand) sees them in the order of its text."""
    present = class_dict(cls)
    names = [name for name in names if name in present]
    wanted = set(names)
    order = [name for name in present if name in wanted]
    first = next((at for at, (one, other) in enumerate(zip(order, names, strict=True)) if one != other), None)
    for name in names[first:] if first is not None else ():
        type.__delattr__(cls, name)
        type.__setattr__(cls, name, present[name])
