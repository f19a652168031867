"""What a reload is doing at this moment, for the user who waits for it (``kernel/waiting.py``)."""

from __future__ import annotations

now = ""
"""A clause without a subject, as in "running tagger.words"; empty while no reload is under way."""


def doing(what: str) -> None:
    """Records what runs next. Reloads run one at a time."""
    global now
    now = what
