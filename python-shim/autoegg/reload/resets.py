"""Which state of the run went back to what the files say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .inspection import class_dict, home, is_class, is_function
from .transaction import Transaction

MISSING: Any = object()


def reset_by(transaction: Transaction, dirty: Mapping[str, list[str]]) -> Iterator[str]:
    """Of the globals and class attributes that were ``dirty``, by module, those that are others now."""
    for module, keys in dirty.items():
        if module in transaction.gone or module not in transaction.saved:
            continue
        before, now = transaction.saved[module].namespace, transaction.saved[module].module.__dict__
        for key in keys:
            old, new = _value(transaction, before, key, True), _value(transaction, now, key, False)
            mine = not (is_function(old) or is_class(old)) or home(old) == "__main__"
            if old is not new and mine:
                yield f"{module}.{key}"


def _value(transaction: Transaction, namespace: Mapping[str, Any], key: str, before: bool) -> Any:
    """The value of a global or, with a dot, of a class's own attribute."""
    name, _, attribute = key.partition(".")
    found = namespace.get(name, MISSING)
    if not attribute or not is_class(found):
        return MISSING if attribute else found
    names = transaction.classes.namespace_before(found) if before else class_dict(found)
    return names.get(attribute, MISSING)
