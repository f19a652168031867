"""What a version's modules need that is not there: named before anything of it runs."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterable
from typing import NamedTuple

from autoegg.import_statements import at_top_level, imported_by
from autoegg.versions.version import Version


class Absent(NamedTuple):
    """An import that leads nowhere; ``file`` is the absolute path."""

    module: str
    file: str
    line: int


def absent_imports(version: Version, paths: Iterable[str]) -> list[Absent]:
    """Of these files of the version, the imports that run with the module and whose distribution or library is not there.

    Imports in a ``try`` or under ``if TYPE_CHECKING`` may fail, so they are none. Raises StoreDamaged.
    """
    found = []
    known: dict[str, bool] = {version.spec.name.partition(".")[0]: True}
    for path in paths:
        try:
            tree = ast.parse(version.read(path))
        except (SyntaxError, ValueError):
            continue  # the reload says so, with file and line
        for node in at_top_level(tree.body, guarded=False, type_checking=False):
            if getattr(node, "level", 0):
                continue
            for imported in imported_by(node):
                top = imported.module.partition(".")[0]
                if top not in known:
                    known[top] = _is_there(top)
                if not known[top]:
                    found.append(Absent(top, path, node.lineno))
    return found


def _is_there(name: str) -> bool:
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
