"""``autoegg.compare``: one function on two versions of the library. Did my edit change the numbers?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autoegg.kernel.at import on_versions
from autoegg.kernel.loaded import Loaded
from autoegg.kernel.using import NOW, names, wanted_by
from autoegg.versions.results import Compared, Result, taken


def compare(parts: Loaded, function: Callable[[], Any], first: str, second: str, limit: int) -> Compared:
    """Each side is computed while driver and workers are on its version; ``now`` stands for what they run now."""
    title = f"{getattr(function, '__name__', type(function).__name__)}()"

    def on(version: str, times: int) -> tuple[str, list[Result]]:
        def results() -> list[Result]:
            return [taken(function(), limit) for _ in range(times)]

        if version == NOW:
            return NOW, results()
        wanted = wanted_by(parts.sync, [version])
        with on_versions(parts, wanted):
            return names(list(wanted)), results()

    before, [one, again] = on(first, 2)
    after, [other] = on(second, 1)
    return Compared(title, (before, after), (one, other), again)
