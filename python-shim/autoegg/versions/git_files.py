"""Files as a git commit has them. Nothing that the repository names is run: no hook, no monitor, no filter; nothing is fetched."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

_SECONDS = 60
_SAFE = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never")


class NotInGit(Exception):
    """Git cannot give the files; ``str()`` says why, as the end of a sentence."""


def files_at(commit: str, paths: Iterable[str]) -> dict[str, bytes]:
    """Absolute path → content, of those of these paths that the commit of their repository has, as git stores them.

    Raises NotInGit.
    """
    paths = [path for path in paths if "\n" not in path]
    folder = _existing(paths[0]) if paths else None
    if folder is None:
        raise NotInGit("its folder is not there any more, and with it no git repository")
    try:
        top = Path(_git(folder, "rev-parse", "--show-toplevel").decode().rstrip("\n"))
    except subprocess.CalledProcessError:
        raise NotInGit(f"{folder} is in no git repository (any more)") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInGit(f"git cannot be asked ({type(error).__name__}: {error})") from None
    try:
        _git(folder, "cat-file", "-e", f"{commit}^{{commit}}")
    except subprocess.CalledProcessError:
        raise NotInGit(f"git has no commit {commit[:8]} any more (its history was rewritten)") from None
    real = {os.path.join(os.path.realpath(folder), os.path.relpath(path, folder)): path for path in paths}
    names = {os.path.relpath(where, os.path.realpath(top)): path for where, path in real.items()}
    asked = "".join(f"{commit}:{os.path.normpath(name)}\n" for name in names)
    return dict(_answers(_git(folder, "cat-file", "--batch", given=asked.encode()), list(names.values())))


def _answers(output: bytes, paths: list[str]) -> Iterable[tuple[str, bytes]]:
    at = 0
    for path in paths:
        end = output.index(b"\n", at)
        head, at = output[at:end].rsplit(b" ", 2), end + 1
        if head[-1] == b"missing" or len(head) < 3 or not head[-1].isdigit():
            continue
        size = int(head[-1])
        if head[-2] == b"blob":
            yield path, output[at : at + size]
        at += size + 1


def _existing(path: str) -> str | None:
    """The folder of a file, or the nearest above it that is there; not the root, which everything lies in."""
    folder = os.path.dirname(path)
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return folder if folder != os.path.dirname(folder) else None


def _git(folder: str, *command: str, given: bytes = b"") -> bytes:
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    settings = [word for setting in _SAFE for word in ("-c", setting)]
    return subprocess.run(
        ["git", "-C", folder, *settings, *command],
        input=given,
        capture_output=True,
        check=True,
        timeout=_SECONDS,
        env={**own, "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0"},
    ).stdout
