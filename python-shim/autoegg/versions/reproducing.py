"""``autoegg reproduce``: can what a notebook ran on be had here, and what does it give on that?"""

from __future__ import annotations

import importlib.metadata
import platform
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoegg.errors import AutoeggError, VersionMissing
from autoegg.versions.files import exists, files_of
from autoegg.versions.index import SHORTEST, Kept, unknown
from autoegg.versions.recorded import CodeCell, Record, cells_of

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Found:
    """A version that a cell ran on: its files, or why they cannot be had."""

    files: Files | None
    told: str


class Reproduction:
    """A notebook with what its cells ran on, as far as it can be had. Args: kept: what the store's index names."""

    def __init__(self, path: Path, kept: list[Kept]) -> None:
        self.path = path
        self.cells = cells_of(path)
        self._kept = kept
        self._found: dict[tuple[str, str], Found] = {}

    @property
    def complete(self) -> bool:
        return all(found.files is not None for cell in self.cells for _, _, found in self._of(cell))

    def lines(self) -> list[str]:
        """A line for each version that a cell ran on, and for each difference of what was installed then."""
        recorded = [cell for cell in self.cells if cell.record is not None]
        lines = [f"{self.path}: {len(recorded)} of {len(self.cells)} code cells say what they ran on"]
        for cell in recorded:
            for name, version, found in self._of(cell):
                lines.append(f"  {cell.label}  {name} {version[:SHORTEST]}  {found.told}")
        differences = {
            line: None
            for cell in recorded
            for line in (_differences(cell.record.environment) if cell.record else ())
        }
        return [*lines, *(f"  {line}" for line in differences)]

    def run(self, output: Path, timeout: float | None = None) -> list[str]:
        """Runs the notebook, each cell on the versions that it ran on, and writes it to ``output``.

        Returns sentences: which cells ran on something else than was recorded. Raises AutoeggError where something cannot be had, or
        a cell fails; what has run until then is written.
        """
        if not self.complete:
            raise AutoeggError(f"{self.path} was not run, since not all that its cells ran on can be had")
        if output.resolve() == self.path.resolve():
            raise AutoeggError(f"{output} is the notebook itself, whose results are kept: name another file")
        try:
            import nbformat
            from nbclient import NotebookClient
            from nbclient.exceptions import CellExecutionError
        except ImportError:
            raise AutoeggError("running a notebook needs nbclient: `pip install nbclient`") from None
        notebook: Any = nbformat.read(self.path, as_version=4)
        with tempfile.TemporaryDirectory(prefix="autoegg-reproduce-") as folder:
            place = Path(folder).resolve()
            shelf = _Shelf(place)
            steps = self._steps()
            shelf.put(steps[0] if steps else {})
            begin = f"import sys\nsys.path.insert(0, {str(place)!r})\n%load_ext autoegg\n%autoegg record on"
            notebook.cells.insert(0, nbformat.v4.new_code_cell(begin))

            def before(cell: Any, cell_index: int) -> None:
                if cell_index > 0 and cell.cell_type == "code":
                    shelf.put(by_index[cell_index - 1])

            by_index = dict(zip((cell.index for cell in self.cells), steps, strict=True))
            resources = {"metadata": {"path": str(self.path.resolve().parent)}}
            client = NotebookClient(notebook, timeout=timeout, resources=resources, on_cell_execute=before)
            failed = None
            try:
                client.execute()
            except CellExecutionError as error:
                failed = AutoeggError(
                    f"the notebook failed on what it ran on then: {error.ename}: {error.evalue}"
                )
            del notebook.cells[0]
        nbformat.write(notebook, output)
        if failed is not None:
            raise failed
        return list(self._other(cells_of(output)))

    def _other(self, now: list[CodeCell]) -> list[str]:
        lines = []
        for then, again in zip(self.cells, now, strict=True):
            ran = again.record.versions if again.record else {}
            for name, version in then.record.versions.items() if then.record else ():
                if ran.get(name, version) != version:
                    lines.append(
                        f"{then.label} ran on {name} {ran[name][:SHORTEST]} instead of {version[:SHORTEST]}: settings of its project decide which "
                        "files belong to it, or the notebook imports it from elsewhere"
                    )
        return lines

    def _steps(self) -> list[dict[str, Files]]:
        """For each code cell the files of each library: what it ran on, else what the cell before ran on, else the first that there is."""
        present: dict[str, Files] = {}
        for cell in self.cells:
            for name, _, found in self._of(cell, but_at=True):
                if found.files is not None:
                    present.setdefault(name, found.files)
        steps = []
        for cell in self.cells:
            present |= {
                name: found.files for name, _, found in self._of(cell, but_at=True) if found.files is not None
            }
            steps.append(dict(present))
        return steps

    def _of(self, cell: CodeCell, but_at: bool = False) -> list[tuple[str, str, Found]]:
        record: Record | None = cell.record
        if record is None or (but_at and record.at):
            return []
        return [(name, version, self._find(name, version)) for name, version in record.versions.items()]

    def _find(self, name: str, version: str) -> Found:
        key = (name, version)
        if key not in self._found:
            kept = next((it for it in self._kept if (it.spec.name, it.name) == key), None)
            try:
                if kept is None:
                    raise unknown(version[:8])
                whole = exists(kept)
                self._found[key] = Found(
                    files_of(kept, self._kept), "is kept" if whole else "is had from git or other versions"
                )
            except VersionMissing as reason:
                self._found[key] = Found(None, str(reason))
        return self._found[key]


class _Shelf:
    """A folder that has the files of one version of each library; only what differs is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._there: dict[str, bytes] = {}

    def put(self, libraries: Mapping[str, Files]) -> None:
        wanted = {member: content for files in libraries.values() for member, content in files.items()}
        for member in self._there.keys() - wanted.keys():
            (self._folder / member).unlink()
        for member, content in wanted.items():
            path = self._folder / member
            if self._there.get(member) != content:
                if not path.resolve().is_relative_to(self._folder):
                    raise AutoeggError(f"{member} does not lie in its library")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        self._there = wanted


def _differences(then: Mapping[str, str]) -> list[str]:
    lines = []
    for name, version in then.items():
        now = _version(name)
        if now != version:
            lines.append(f"{name} {version} then, {now or 'not installed'} now")
    return lines


def _version(name: str) -> str | None:
    if name == "Python":
        return platform.python_version()
    try:
        return importlib.metadata.version("pyspark" if name == "Spark" else name)
    except importlib.metadata.PackageNotFoundError:
        return None
