"""What Spark's UI, event log and history server show of a job: a tag for each library, and a description where the user gave none.

Both name the library and the first digits of its version, as the commands take them (``autoegg show 3f9c1b2a5d6e``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..protocol import State

TAGS = "spark.job.tags"
"""The local property with a job's tags, which Spark separates by commas (``SparkContext.SPARK_JOB_TAGS``, from 3.5 on)."""

DESCRIPTION = "spark.job.description"
"""The local property with a job's description (``SparkContext.SPARK_JOB_DESCRIPTION``)."""

_TAG = "autoegg:"
_TEXT = "autoegg: "
_DIGITS = 12

Get = Callable[[str], str | None]
Set = Callable[[str, str | None], object]


def tags_of(state: State) -> list[str]:
    """One tag for each library of ``state``: ``autoegg:tagger:3f9c1b2a5d6e``."""
    return [f"{_TAG}{library.name}:{library.version[:_DIGITS]}" for library in state.libraries]


def put(get: Get, set_: Set, state: State) -> None:
    """Bring the labels of one thread of the JVM, whose local properties these functions read and write, to ``state``.

    The tags of the user stay, and so does a description of hers; earlier labels are replaced.
    """
    tags = get(TAGS)
    wanted = joined([*hers_of((tags or "").split(",")), *tags_of(state)])
    if wanted != tags:
        set_(TAGS, wanted)
    described = get(DESCRIPTION)
    if hers(described):
        return
    names = ", ".join(f"{library.name} {library.version[:_DIGITS]}" for library in state.libraries)
    text = _TEXT + names if names else None
    if text != described:
        set_(DESCRIPTION, text)


def hers(description: str | None) -> str | None:
    """A job's description as the user has set it."""
    return None if not description or description.startswith(_TEXT) else description


def hers_of(tags: Iterable[str]) -> list[str]:
    """Those of a job's tags that the user has set."""
    return [tag for tag in tags if tag and not tag.startswith(_TAG)]


def joined(tags: Iterable[str]) -> str | None:
    """Tags as Spark keeps them in ``TAGS``; None for none."""
    return ",".join(tags) or None
