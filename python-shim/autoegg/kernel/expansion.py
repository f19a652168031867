"""What IPython evaluates in a shell line or a magic's line: ``{expression}`` and ``$name`` (``InteractiveShell.var_expand``)."""

from __future__ import annotations

import ast
import re
import string
import sys
import types
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

_PLAIN = (str, int, float, bool, type(None))
_DOLLAR = re.compile(r"\$([A-Za-z_][\w.]*)")


def expands_harmlessly(line: str, names: Mapping[str, Any]) -> bool:
    """Whether nothing that is evaluated in the line can run code of a library.

    ``{sys.executable}`` or ``{name}`` of a plain value cannot. Neither can what is no expression (``awk '{print $1}'``) or names
    what the notebook does not have: IPython then leaves the line as it is.
    """
    try:
        return all(_is_harmless(expression, names) for expression in _expressions(line))
    except ValueError:  # no format string: IPython does not expand it
        return True


def _expressions(line: str) -> Iterator[str]:
    """Raises ValueError if a field has fields in its format, or the line cannot be formatted."""
    for _, field, form, _ in string.Formatter().parse(line):
        if field is not None:
            yield field
        if form and "{" in form:
            yield from _expressions(form)
    yield from _DOLLAR.findall(line)


def _is_harmless(expression: str, names: Mapping[str, Any]) -> bool:
    try:
        node: ast.expr = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return True
    if isinstance(node, ast.Constant):
        return True
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return False
    if node.id not in names:
        return True
    value = names[node.id]
    for attribute in reversed(attributes):
        if type(value) is not types.ModuleType or value.__name__ not in sys.stdlib_module_names:
            return False
        value = value.__dict__.get(attribute)
    return type(value) in _PLAIN or (
        isinstance(value, PurePath) and type(value).__module__.partition(".")[0] == "pathlib"
    )
