"""What the present values of a module's globals say about what may be done with them."""

from __future__ import annotations

from ..inspection import class_dict, home

STANDARD_HOMES = ("builtins", "typing", "abc", "enum")


def watches_subclasses(cls: type) -> bool:
    """Does a class above this one look at its subclasses when they are created?"""
    return any(
        "__init_subclass__" in class_dict(base) and home(base) not in STANDARD_HOMES
        for base in cls.__mro__[1:]
    )
