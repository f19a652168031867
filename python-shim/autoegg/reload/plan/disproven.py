"""Modules with functions of their file that got other code from elsewhere (``%autoreload``, a manual patch)."""

from __future__ import annotations

import gc
import os
import types
from collections.abc import Iterable, Iterator

from ..inspection import identity
from ..observe.trace import Record
from ..source.bytecode import all_nested
from .traces import live_codes


def disproven(records: Iterable[Record]) -> list[str]:
    """Those whose running code is unknown, whatever is on record for them."""
    known = {identity(record.module.__dict__): record for record in records if record.digest is not None}
    if not known:
        return []
    codes: dict[str, dict[tuple[str, int], list[types.CodeType]]] = {}
    compiled: set[str] = set()
    found: dict[str, None] = {}
    for function in gc.get_objects():
        if type(function) is not types.FunctionType:
            continue
        record = known.get(identity(function.__globals__))
        if record is None or record.name in found:
            continue
        code = function.__code__
        if os.path.abspath(code.co_filename) != record.path:
            continue  # generated, or set by other code
        places = codes.get(record.name)
        if places is None:
            places = codes[record.name] = _by_place(_codes_of(record))
        if _runs(code, places):
            continue
        if not record.traced and record.name not in compiled:
            # Statements are kept compiled one by one; the code that Python compiled from the whole file decides.
            compiled.add(record.name)
            assert record.unit is not None
            whole = compile(record.unit.data, record.path, "exec", dont_inherit=True)
            places = codes[record.name] = _by_place(all_nested(whole))
            if _runs(code, places):
                continue
        found[record.name] = None
    return list(found)


def _runs(code: types.CodeType, places: dict[tuple[str, int], list[types.CodeType]]) -> bool:
    candidates = places.get((code.co_name, code.co_firstlineno), [])
    return any(candidate is code for candidate in candidates) or code in candidates


def _codes_of(record: Record) -> Iterator[types.CodeType]:
    """Code objects that functions of the module's file may run."""
    assert record.unit is not None
    if record.traced:
        for index in range(len(record.unit.statements)):
            for code in live_codes(record, index):
                yield code
                yield from all_nested(code)
    else:
        for group in record.unit.groups:
            yield from all_nested(group.code)


def _by_place(codes: Iterable[types.CodeType]) -> dict[tuple[str, int], list[types.CodeType]]:
    found: dict[tuple[str, int], list[types.CodeType]] = {}
    for code in codes:
        found.setdefault((code.co_name, code.co_firstlineno), []).append(code)
    return found
