"""What the present values of a module's globals say about what may be done with them."""

from __future__ import annotations

import abc
import enum
from typing import Any

from ..inspection import class_dict, home, is_class

STANDARD_HOMES = ("builtins", "typing", "abc", "enum")


def class_stays(value: Any) -> bool:
    """Will a class statement that runs again be merged into this class, whatever derives from it staying as it is?"""
    if not is_class(value) or type(value) not in (type, enum.EnumMeta):
        return False
    return not watches_subclasses(value)


def looks_at_attributes(value: Any) -> bool:
    """May a class statement that made this make something out of its attributes and their annotations, as pydantic does?"""
    return (
        not is_class(value)
        or type(value) not in (type, abc.ABCMeta, enum.EnumMeta)
        or watches_subclasses(value)
    )


def watches_subclasses(cls: type) -> bool:
    """Does a class above this one look at its subclasses when they are made?"""
    return any(
        "__init_subclass__" in class_dict(base) and home(base) not in STANDARD_HOMES
        for base in cls.__mro__[1:]
    )
