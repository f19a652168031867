"""Sentences that both ``%autoegg`` and the page's actions use."""

from __future__ import annotations


def unknown(name: str) -> str:
    """No library of that name is managed."""
    return f"no library named {name} is kept up to date here; `%autoegg` lists those that are"


def removed(name: str) -> str:
    """The library was removed from the list."""
    return (
        f"{name} is no longer kept up to date: the driver keeps what it has loaded, workers no longer get it; "
        "import it again to resume"
    )
