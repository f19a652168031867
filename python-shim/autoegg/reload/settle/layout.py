"""Whether a class can become another in place, and how it does."""

from __future__ import annotations

import abc
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
