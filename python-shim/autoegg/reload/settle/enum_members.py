"""Members of enums keep their identity."""

from __future__ import annotations

import enum
import functools
from typing import Any

from ..inspection import identity, is_a


class Members:
    def __init__(self) -> None:
        self._before: list[tuple[Any, dict[str, Any]]] = []
        self.swapped: list[tuple[Any, Any]] = []
        """Those that could not keep their identity, with their successors."""

    def merge(self, old: Any, new: Any, namespace: dict[str, Any]) -> dict[str, Any]:
        """Members keep their identity by name; a member of a data type only if its value is the same."""
        kept: dict[int, Any] = {}
        # A class that was gone while another had its place has lost its members to that one.
        own = {name: member for name, member in old._member_map_.items() if type(member) is old}
        for name, member in new._member_map_.items():
            if identity(member) in kept:
                continue
            former = own.get(name)
            same_value = new._member_type_ is object or (
                former is not None and former._value_ == member._value_
            )
            if former is not None and same_value and name == member._name_:
                self._before.append((former, dict(former.__dict__)))
                former.__dict__.update(member.__dict__)
                survivor = former
            else:
                member.__class__ = old
                survivor = member
            survivor.__dict__["__objclass__"] = old
            kept[identity(member)] = survivor

        def survivor_of(value: Any) -> Any:
            return kept.get(identity(value), value)

        members = {name: survivor_of(member) for name, member in new._member_map_.items()}
        by_value = {value: survivor_of(member) for value, member in new._value2member_map_.items()}
        if issubclass(new, enum.Flag):
            known = functools.reduce(lambda mask, member: mask | member._value_, members.values(), 0)
            for value, combination in old._value2member_map_.items():
                named = combination._name_ in old._member_map_
                if type(value) is int and value not in by_value and not value & ~known and not named:
                    by_value[value] = combination  # made by the notebook with |, and still meaningful
        result = {
            key: value if is_a(value, (dict, list)) else survivor_of(value)
            for key, value in namespace.items()
        }
        result["_member_map_"] = members
        result["_value2member_map_"] = by_value
        for name, former in own.items():
            if name in members and members[name] is not former:
                self.swapped.append((former, members[name]))
        return result

    def undo(self) -> None:
        for member, former in reversed(self._before):
            member.__dict__.clear()
            member.__dict__.update(former)
