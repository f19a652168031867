"""What notebooks record of the code that made their results: per cell, in the metadata of an output or of the cell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoegg.errors import AutoeggError

KEY = "autoegg"
"""In the metadata. Readers of notebooks pass over keys that they do not know."""

SCHEMA = 1
"""Number of the record's form: ``libraries`` (name → version, commit, clean), ``python``, ``spark``, ``packages``, ``at``.

The page writes it too (``src/lab/cells/record.ts``), into the metadata of the cell and without the last two.
"""


@dataclass(frozen=True)
class Record:
    """What one cell ran on. ``at`` says that the cell names its versions itself (``%%autoegg at``)."""

    versions: Mapping[str, str]
    commits: Mapping[str, str]
    environment: Mapping[str, str]
    at: bool = False


@dataclass(frozen=True)
class CodeCell:
    """A code cell of a notebook; ``index`` counts all cells, ``label`` is what a person knows it by."""

    index: int
    label: str
    record: Record | None


def cells_of(path: Path) -> list[CodeCell]:
    """The code cells of a notebook's file. Raises AutoeggError where it is none, or a record in it cannot be read."""
    try:
        notebook = json.loads(path.read_bytes())
        cells = [(index, cell) for index, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code"]
    except OSError as error:
        raise AutoeggError(f"{path} cannot be read ({error.strerror})", file=str(path)) from None
    except (ValueError, LookupError, TypeError):
        raise AutoeggError(f"{path} is not a notebook of format 4", file=str(path)) from None
    found = []
    for index, cell in cells:
        count = cell.get("execution_count")
        label = f"cell [{count}]" if count is not None else f"cell {index + 1}, which has not run,"
        try:
            found.append(CodeCell(index, label, _record(cell)))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            reason = error if isinstance(error, _Newer) else "is not in the form that autoegg writes"
            raise AutoeggError(f"{path}: the record of {label} {reason}", file=str(path)) from None
    return found


class _Newer(ValueError):
    """A record of a later schema."""


def _record(cell: Mapping[str, Any]) -> Record | None:
    records = [
        output["metadata"][KEY] for output in cell.get("outputs", ()) if KEY in (output.get("metadata") or {})
    ]
    if records:
        return _of(records[-1])
    page = cell.get("metadata", {}).get(KEY)
    return None if page is None else _of(page)


def _of(data: Mapping[str, Any]) -> Record:
    if data["schema"] != SCHEMA:
        raise _Newer(
            f"has schema {data['schema']}, which another version of autoegg writes: this one reads {SCHEMA}"
        )
    libraries = data["libraries"]
    commits = {name: library["commit"] for name, library in libraries.items() if library.get("commit")}
    spark = {"Spark": data["spark"]} if data.get("spark") else {}
    return Record(
        dict(_versions({name: library["version"] for name, library in libraries.items()})),
        commits,
        {"Python": data["python"], **spark, **data.get("packages", {})},
        bool(data.get("at")),
    )


def _versions(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, version in data.items():
        if not re.fullmatch("[0-9a-f]{64}", version):
            raise ValueError(version)
        yield name, version
