"""Libraries to edit beside a notebook."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

from kernel_notebook import Notebook

Open = Callable[..., Notebook]
"""Opens a notebook: ``cwd``, ``env``, ``load``."""


def write(path: Path, text: str) -> Path:
    """Writes a source file, dedented."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).lstrip())
    return path


def say(package: Path, word: str) -> None:
    """The edit: ``tag()`` says something else."""
    write(package / "words.py", f'def tag():\n    return "{word}"\n')
