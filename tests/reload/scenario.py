"""One edit of a library under a running notebook, and what the notebook must see afterwards."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """``files`` (below ``lib/``; with a leading slash, beside it; in ``/site-packages``, somebody else's) and ``cells`` come first, then ``edit``, then ``check``.

    ``says``: words that the report must contain, in order of no importance; none: it must be silent.
    ``refused``: words of the sentence with which the edit is refused; then nothing may have changed.
    ``runs``: modules whose top level must run again, None: whichever.
    ``keeps``: rests on state that is kept because a module does not run again.
    ``may_say``: words of which each sentence of the report has one, if there is any.
    """

    name: str
    files: dict[str, str]
    cells: str
    edit: dict[str, str | None]
    check: str
    says: tuple[str, ...] = ()
    runs: tuple[str, ...] | None = None
    keeps: bool = False
    refused: tuple[str, ...] = ()
    may_say: tuple[str, ...] = ()


def in_library(files: dict[str, str | None]) -> dict[str, str | None]:
    return {name[1:] if name.startswith("/") else f"lib/{name}": text for name, text in files.items()}


ALL: list[Scenario] = []


def scenario(
    name: str,
    files: dict[str, str],
    cells: str,
    edit: dict[str, str | None],
    check: str,
    *,
    says: tuple[str, ...] = (),
    runs: tuple[str, ...] | None = None,
    keeps: bool = False,
    refused: tuple[str, ...] = (),
) -> None:
    ALL.append(Scenario(name, files, cells, edit, check, says, runs, keeps, refused))


FIELD: list[Scenario] = []
"""What people met: see test_field_cases.py."""


def field_case(
    name: str,
    files: dict[str, str],
    cells: str,
    edit: dict[str, str | None],
    check: str,
    *,
    says: tuple[str, ...] = (),
    keeps: bool = False,
    may_say: tuple[str, ...] = (),
) -> None:
    """``keeps``: a fresh process would not pass the check, because it rests on what the notebook did before."""
    FIELD.append(Scenario(name, files, cells, edit, check, says, None, keeps, may_say=may_say))
