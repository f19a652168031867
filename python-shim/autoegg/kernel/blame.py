"""Which library a refusal is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from autoegg.errors import AutoeggError
from autoegg.kernel.library import Library


@contextmanager
def blaming(libraries: list[Library]) -> Iterator[None]:
    """Marks the library whose file a refusal names; all of them when it names none."""
    try:
        yield
    except AutoeggError as refusal:
        guilty = [library for library in libraries if refusal.file and library.holds(refusal.file)]
        for library in guilty or libraries:
            library.failure = refusal
        raise
