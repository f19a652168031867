"""``%%autoegg at VERSION``: runs the cell's code, driver and workers, on a version of the library, and goes back."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from autoegg.errors import AutoeggError
from autoegg.kernel.loaded import Loaded
from autoegg.kernel.pins import Wanted
from autoegg.kernel.using import NOW, names, wanted_by
from autoegg.versions.lazy import lazy_kind


def run_at(shell: Any, parts: Loaded, versions: Collection[str], code: str) -> Any:
    """Runs the code of a cell in the notebook, on these versions. Returns the value of its last expression, as the cell would have.

    Raises what the code raises, and AutoeggError, with nothing run, where a version cannot be had.
    """
    if NOW in versions:
        raise AutoeggError(
            "a cell without `%%autoegg at` runs the code on disk: name a version (`%autoegg versions`)"
        )
    wanted = wanted_by(parts.sync, versions)
    before = dict(shell.user_ns)
    with on_versions(parts, wanted):
        there = names(list(wanted))
        value = _run(shell, code)
    lazy = list(_lazy(before, shell.user_ns, value))
    if lazy:
        print(
            f"autoegg: {', '.join(lazy)} {'is' if len(lazy) == 1 else 'are'} computed when used, and then by the code that runs then, not by "
            f"{there}: collect, write, or cache and count inside of the cell what {there} is to compute",
            file=sys.stderr,
        )
    return value


@contextmanager
def on_versions(parts: Loaded, wanted: Wanted) -> Iterator[None]:
    """For the time of the block; what Spark has cached in it is known by the versions that computed it."""
    with parts.sync.on_versions(wanted):
        parts.cells.on_others |= {library.name: library.version.name for library in wanted if library.version}
        try:
            yield
        finally:
            parts.cached.look()


def _run(shell: Any, code: str) -> Any:
    source = shell.transform_cell(code)
    tree = shell.transform_ast(shell.compile.ast_parse(source))
    name = shell.compile.cache(source, shell.execution_count, raw_code=code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(shell.compile(tree, name, "exec"), shell.user_ns)
    if last is None:
        return None
    value = eval(shell.compile(ast.Expression(last.value), name, "eval"), shell.user_ns)  # noqa: S307 - the user's own cell
    return None if source.rstrip().endswith(";") else value


def _lazy(before: Mapping[str, Any], after: Mapping[str, Any], value: Any) -> Iterator[str]:
    """What the cell leaves behind that is not computed yet."""
    for name, found in list(after.items()):
        if not name.startswith("_") and before.get(name) is not found and lazy_kind(found):
            yield name
    if value is not None and lazy_kind(value) and not any(found is value for found in after.values()):
        yield f"the cell's value ({lazy_kind(value)})"
