"""Makes docs/spark-support.md out of what the cells of the matrix gave: ``python tests/matrix/page.py FOLDER [--renew]``.

A cell that failed stands in it as failed, one that did not run as not run; with either this ends with status 1. With
``--renew`` the cells that did not run this time stay as the page has them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from apis import APIS, Absent, Api

PAGE = Path(__file__).parents[2] / "docs" / "spark-support.md"


@dataclass(frozen=True)
class Column:
    spark: tuple[int, int]
    python: str
    mode: str

    @property
    def title(self) -> str:
        return f"{_dotted(self.spark)}, {self.python}<br>{self.mode}"


MODES = ["local", "local-cluster", "standalone", "connect"]
EVERY_MODE = [*MODES, "yarn", "kubernetes"]
COLUMNS = [
    *(Column((3, 5), "3.11", mode) for mode in EVERY_MODE),
    *(Column((4, minor), "3.11", "local-cluster") for minor in (0, 1, 2)),
    *(Column((4, 3), "3.11", mode) for mode in EVERY_MODE),
    *(Column((4, 3), "3.13", mode) for mode in MODES),
]

Cells = Mapping[tuple[Column, str], str]
"""What a cell gave: column and name of the API to ``newest``, ``kept``, ``absent`` or ``failed``."""

HEAD = """\
# What runs where on Spark

`npm run test:spark` writes this page: each cell is a test with a real notebook, real worker processes and a library
that is edited in between. An object is created and used, the library is edited (all files keep their sizes), the object is
used again, a second one is created, and the edit is undone.

- ✓: objects created before the edit and objects created after it run the newest code, and follow when the edit is undone.
- kept: a running query's own operators keep the state that the query started with until it ends; a query that is started
  after the edit runs the newest code.
- A number: Spark does not support this there, see the notes below. The test confirms it.

A column is the Spark version, the Python version, and how Spark runs: `local[2]`; `local-cluster` with two executors; a
standalone master with two workers; a Spark Connect server; YARN, a ResourceManager and two NodeManagers of Hadoop 3.5, client
mode; Kubernetes, Spark's own scheduler and executors against fabric8's mock of an API server, with a process for each pod,
client mode. The nodes of YARN and of Kubernetes do not see the library's folder.
"""

NOT_RUN = "not run"
SAYS = {"✓": "newest", "kept": "kept", NOT_RUN: NOT_RUN}
"""A cell of the page: what its test gave. A number is a note on why there is no such thing."""

HOLES = """
Cells that say _not run_ wait for the next complete `npm run test:spark`.
"""


def render(cells: Cells) -> str:
    notes: list[Absent] = []
    table = [["", *(column.title for column in COLUMNS)]]
    for api in APIS:
        its = [cells.get((column, api.name), NOT_RUN) for column in COLUMNS]
        table.append(
            [api.title, *(_cell(cell, column, api, notes) for cell, column in zip(its, COLUMNS, strict=True))]
        )
    lines = [f"{number}. {_sentence(note.reason)}" for number, note in enumerate(notes, 1)]
    holes = HOLES if any(NOT_RUN in row for row in table) else ""
    return "\n".join([HEAD + holes, _aligned(table), "", *lines]) + "\n"


def expected() -> Cells:
    """The page as it is when no cell has failed."""
    return {(column, api.name): _expected(api, column) for column in COLUMNS for api in APIS}


def read(folder: Path) -> Cells:
    """The records of ``records.py``. The last of each cell counts."""
    cells = {}
    for line in [line for file in folder.glob("*.jsonl") for line in file.read_text().splitlines()]:
        said = json.loads(line)
        major, minor = said["spark"].split(".")
        column = Column((int(major), int(minor)), said["python"], said["mode"])
        cells[column, said["api"]] = str(said["cell"])
    return cells


def _expected(api: Api, column: Column) -> str:
    if api.absence(column.mode, column.spark) is not None:
        return "absent"
    return "kept" if api.keeps(column.mode) else "newest"


def shown(page: str) -> Cells:
    """What a written page says of its cells; those of rows and columns that there are no more are left out."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line[:1] == "|"]
    names = {api.title: api.name for api in APIS}
    columns = {column.title: column for column in COLUMNS}
    return {
        (columns[head], names[title]): SAYS.get(cell, "absent" if cell.isdigit() else "failed")
        for title, *its in rows[2:]
        for head, cell in zip(rows[0][1:], its, strict=True)
        if head in columns and title in names
    }


def holes(page: str) -> set[tuple[Column, str]]:
    """The cells of a written page that did not run."""
    return {cell for cell, said in shown(page).items() if said == NOT_RUN}


def _cell(cell: str, column: Column, api: Api, notes: list[Absent]) -> str:
    if cell != "absent":
        return next((text for text, said in SAYS.items() if said == cell), "**failed**")
    absent = api.absence(column.mode, column.spark)
    assert absent is not None, f"{api.name}: absent in {column}, and nothing says why"
    number = next((index for index, note in enumerate(notes) if note.reason == absent.reason), len(notes))
    if number == len(notes):
        notes.append(absent)
    return str(number + 1)


def _aligned(table: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    rows = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in table]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def main(folder: str, renew: bool) -> int:
    before = shown(PAGE.read_text()) if renew and PAGE.exists() else {}
    page = render({**before, **read(Path(folder))})
    missing = {column.title.replace("<br>", ", ") for column, _ in holes(page)}
    if missing:
        print(f"Not all cells of these columns have run: {'; '.join(sorted(missing))}")
    same = PAGE.exists() and page == PAGE.read_text()
    print(f"docs/spark-support.md is {'unchanged' if same else 'updated'}")
    PAGE.write_text(page)
    return 1 if missing or "**failed**" in page else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], "--renew" in sys.argv[2:]))
