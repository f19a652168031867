"""Functions of modules that somebody else imported or changed, held against the source that those are said to have run.

An edit is applied by the identity of code objects (``apply.py``), so functions must run the very objects that their
record's source was compiled to. What was imported before us runs equal ones, from a .pyc or compiled by Python.
"""

from __future__ import annotations

import gc
import os
import types
from collections.abc import Iterable

from .records import Record


def take_codes(records: Iterable[Record]) -> list[str]:
    """Gives live functions the code objects of their module's source where they run equal ones.

    Returns the modules that have a function of their file which runs something else: it is not known what they ran, and
    their ``source`` is None from now on.
    """
    known = {id(record.module.__dict__): record for record in records if record.source is not None}
    if not known:
        return []
    codes: dict[str, dict[tuple[str, int], list[types.CodeType]]] = {}
    equal_ones: list[tuple[Record, types.FunctionType, types.CodeType]] = []
    disproven: dict[str, Record] = {}
    for function in gc.get_objects():
        if type(function) is not types.FunctionType:
            continue
        record = known.get(id(function.__globals__))
        if record is None or record.source is None or record.name in disproven:
            continue
        code = function.__code__
        if os.path.abspath(code.co_filename) != record.path:
            continue  # generated, or put there by others
        places = codes.get(record.name)
        if places is None:
            places = codes[record.name] = _by_place(record.source.code)
        candidates = places.get((code.co_name, code.co_firstlineno), [])
        if any(candidate is code for candidate in candidates):
            continue
        equal = next((candidate for candidate in candidates if candidate == code), None)
        if equal is None:
            disproven[record.name] = record
        else:
            equal_ones.append((record, function, equal))
    for record in disproven.values():
        record.source = None
    for record, function, equal in equal_ones:
        if record.name not in disproven:
            function.__code__ = equal
    return list(disproven)


def _by_place(code: types.CodeType) -> dict[tuple[str, int], list[types.CodeType]]:
    found: dict[tuple[str, int], list[types.CodeType]] = {}
    todo = [code]
    while todo:
        for constant in todo.pop().co_consts:
            if isinstance(constant, types.CodeType):
                found.setdefault((constant.co_name, constant.co_firstlineno), []).append(constant)
                todo.append(constant)
    return found
