"""Pinned releases from the package index, kept for the next run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache" / "corpus"


def pip(*arguments: object) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, (
        f"pip {' '.join(map(str, arguments))}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
    )


def download(release: str, wheel: bool, any_python: bool = False) -> Path:
    """The sdist or the wheel of a release, from the registry or from an earlier run.

    ``any_python``: also if the release is not meant for this Python.
    """
    folder = CACHE / ("wheels" if wheel else "sdists") / release
    kind = ["--only-binary", ":all:"] if wheel else ["--no-binary", release.partition("==")[0]]
    kind += ["--ignore-requires-python"] if any_python else []
    if not any(folder.glob("*")):
        part = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        pip("download", "--quiet", "--no-deps", *kind, "--dest", part, release)
        part.replace(folder)
    (file,) = folder.iterdir()
    return file


def installed(needs: Iterable[str]) -> list[Path]:
    """Folders of installed packages that hold these releases."""
    folders = []
    for release in needs:
        folder = CACHE / "needs" / release / "site-packages"
        if not folder.is_dir():
            part = folder.with_name("part")
            shutil.rmtree(part, ignore_errors=True)
            pip("install", "--quiet", "--no-deps", "--target", part, release)
            part.replace(folder)
        folders.append(folder)
    return folders
