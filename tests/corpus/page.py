"""Makes the table of docs/libraries.md out of what the rows of the corpus gave: ``python tests/corpus/page.py FOLDER``.

A row that failed stands in it as failed, one that did not run as not run; with either this ends with status 1.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from releases import ROWS
from rows import Row

PAGE = Path(__file__).parents[2] / "docs" / "libraries.md"
BEGIN = "<!-- corpus: begin, made by `npm run test:corpus` -->"
END = "<!-- corpus: end -->"
HEAD = (
    "release",
    "layout",
    "made importable by",
    "what could go wrong",
    "result",
    "files",
    "not shipped",
    "besides",
)
WAYS = {
    "path": "`PYTHONPATH`",
    "sys.path": "`sys.path.insert`",
    "editable": "`pip install -e`",
    "strict": "`pip install -e`, strict",
    "beside": "beside the notebook",
}
NOT_RUN = "not run"


def render(page: str, rows: Mapping[str, Any]) -> str:
    """The page with its table written anew."""
    before, rest = page.split(BEGIN)
    table = [HEAD, *(_line(row, rows.get(row.release)) for row in ROWS)]
    notes = [f"- {row.name}: {row.note}." for row in ROWS if row.note]
    text = "\n".join([BEGIN, "", "<!-- prettier-ignore -->", _aligned(table), "", *notes, "", END])
    return before + text + rest.split(END)[1]


def _line(row: Row, said: Any) -> tuple[str, ...]:
    begin = (row.release.replace("==", " "), row.layout, WAYS[row.way], row.trap or "")
    if said is None:
        return (*begin, NOT_RUN, "", "", "")
    if not said["right"]:
        return (*begin, "**failed**", "", "", "")
    return (*begin, "✓", str(said["files"]), _names(said.get("missing")), _names(said.get("more")))


def _names(files: list[str] | None) -> str:
    if files is None:
        return "no wheel"
    if len(files) > 3:
        kinds = {"/".join(file.split("/")[:2]) if "/" in file else file for file in files}
        shown = ", ".join(f"`{kind}`" for kind in sorted(kinds)[:2])
        return f"{len(files)} ({shown}{', …' if len(kinds) > 2 else ''})"
    return ", ".join(f"`{file}`" for file in files)


def _aligned(table: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in table]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def read(folder: Path) -> dict[str, Any]:
    """The records of ``records.py`` by release. The last of each counts."""
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text().splitlines()]
    return {said["release"]: said for said in map(json.loads, lines)}


def main(folder: str) -> int:
    text = render(PAGE.read_text(), read(Path(folder)))
    print(f"docs/libraries.md is {'unchanged' if text == PAGE.read_text() else 'updated'}")
    PAGE.write_text(text)
    return 1 if NOT_RUN in text.split(BEGIN)[1] or "**failed**" in text else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
