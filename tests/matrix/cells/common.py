"""Cells of the notebook that the matrix runs: what all of them use. Each file here is run as one cell.

A function that is named like an API makes the object which the API is about, and returns how to use it: a function that
gives the words heard. Used again after an edit, it shows what an object does that was made before it.
"""

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Ask = Callable[[], Iterable[str]]

numbers = itertools.count(1)
here = Path()  # a folder that driver and workers can write to: the test names it
spark: Any = None  # the session: the mode makes it


def words_of(frame: Any) -> set[str]:
    """Every value of every column."""
    return {value for row in frame.collect() for value in row}


def rows() -> Any:
    return spark.range(4, numPartitions=2)


def new_folder() -> Path:
    folder = here / f"folder {next(numbers)}"
    folder.mkdir()
    return folder


def note(folder: Path, word: str) -> None:
    """Leaves a word where `notes` finds it, from whichever process. It is there as a whole or not at all."""
    import tempfile

    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".part", delete=False) as file:
        file.write(word)
    Path(file.name).rename(file.name.removesuffix("part") + "txt")


def notes(folder: Path) -> list[str]:
    """The words left since the last call."""
    files = list(folder.glob("*.txt"))
    words = [file.read_text() for file in files]
    for file in files:
        file.unlink()
    return words
