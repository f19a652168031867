"""Which ``lru_cache`` wrappers remember what has changed, asked again and again while a replay runs: each name is followed once."""

from __future__ import annotations

import types
import weakref
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from ..inspection import cell_value, class_dict, functions_in, home, identity, is_class
from ..observe.trace import Key, Record
from ..source.bytecode import BY_TEXT, all_nested, global_names
from .consequences import behind


class Dependents:
    """Args: caches: the wrappers that the libraries have made."""

    def __init__(self, records: Mapping[str, Record], caches: Mapping[int, weakref.ref[Any]]) -> None:
        self._records = records
        self._caches: dict[Key, list[Any]] = {}
        """Where a function is defined -> the wrappers of it."""
        for reference in caches.values():
            cache = reference()
            function = behind(cache)
            if function is not None:
                self._caches.setdefault(_place(function), []).append(cache)
        self._readers: defaultdict[Key, set[Key]] | None = None
        self._places: dict[int, Key] = {}
        """id of the code of a function -> where it is defined."""
        self._by_text: set[Key] = set()
        self._reached: set[Key] = set()

    def of(self, changed: Iterable[Key], codes: Iterable[types.CodeType]) -> list[Any]:
        """The wrappers that depend on these names, and on functions that run these codes, and have not been named before."""
        codes = list(codes)
        new = [key for key in changed if key not in self._reached]
        if not self._caches or not (new or codes):
            return []
        if self._readers is None:
            self._readers = self._find_readers()
            new += self._by_text
        new += [self._places[identity(code)] for code in codes if identity(code) in self._places]
        found: list[Any] = []
        while new:
            key = new.pop()
            if key in self._reached:
                continue
            self._reached.add(key)
            found += self._caches.get(key, ())
            new += self._readers.get(key, ())
        return found

    def _find_readers(self) -> defaultdict[Key, set[Key]]:
        """Name -> the places of the functions that read it, of those that the wrapped ones may lead to."""
        readers: defaultdict[Key, set[Key]] = defaultdict(set)
        todo = [function for caches in self._caches.values() for one in caches if (function := behind(one))]
        seen: set[int] = set()
        while todo:
            function = todo.pop()
            if identity(function) in seen:
                continue
            seen.add(identity(function))
            place = self._places[identity(function.__code__)] = _place(function)
            keys, values = self._read_by(function)
            for value in values:
                if is_class(value):
                    if home(value) in self._records and identity(value) not in seen:
                        seen.add(identity(value))
                        keys.add(_place(value))
                        todo += [
                            inner for part in class_dict(value).values() for _, inner in functions_in(part)
                        ]
                    continue
                called = behind(value)
                if called is not None and home(called) in self._records:
                    keys.add(_place(called))
                    todo.append(called)
            for key in keys:
                readers[key].add(place)
        return readers

    def _read_by(self, function: types.FunctionType) -> tuple[set[Key], list[Any]]:
        """Names that a function reads, and what they mean."""
        module, namespace = home(function) or "", function.__globals__
        keys: set[Key] = set()
        values = [value for _, value in map(cell_value, function.__closure__ or ())]
        for code in (function.__code__, *all_nested(function.__code__)):
            read = global_names(code)
            if not BY_TEXT.isdisjoint(read):
                self._by_text.add(_place(function))
            for name in read:
                keys.add((module, name))
                value = namespace.get(name)
                if type(value) is types.ModuleType and value.__name__ in self._records:
                    attributes = [attribute for attribute in code.co_names if attribute in value.__dict__]
                    keys.update((value.__name__, attribute) for attribute in attributes)
                    values += [value.__dict__[attribute] for attribute in attributes]
                else:
                    values.append(value)
        return keys, values


def _place(defined: Any) -> Key:
    return home(defined) or "", defined.__qualname__.partition(".")[0]
