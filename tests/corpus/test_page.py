"""docs/libraries.md shows the corpus as it is."""

from __future__ import annotations

from page import BEGIN, END, PAGE
from releases import ROWS


def test_the_page_shows_every_release_and_none_that_failed() -> None:
    table = PAGE.read_text().split(BEGIN)[1].split(END)[0]
    shown = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")][2:]
    assert shown == [row.release.replace("==", " ") for row in ROWS]
    assert "**failed**" not in table
    assert len(ROWS) >= 40
