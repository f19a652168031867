"""``autoegg versions``, ``show``, ``diff``, ``restore`` and ``reproduce`` on the command line: what is kept, whichever kernel ran it.

None needs Node.js; the kernel that ``reproduce`` starts does.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from autoegg.errors import AutoeggError
from autoegg.versions.files import digests_of, exists, files_of, write
from autoegg.versions.index import Kept, find, kept_in, usual_store
from autoegg.versions.listing import by_library, git_text, lines_of
from autoegg.versions.reproducing import Reproduction

COMMANDS = ("versions", "show", "diff", "restore", "reproduce")

_ABOUT = {
    "versions": "Lists the versions of your libraries that kernels and programs have run, those that were run last first.",
    "show": "Shows one version: when it ran, where git was, and its files.",
    "diff": "Shows what differs between two versions, line by line.",
    "reproduce": "Says for each cell of a notebook whether what it ran on can be had here, and with -o runs the notebook on that.",
    "restore": "Writes the files of a version into a new folder, which then goes on sys.path.",
}


def main(arguments: Sequence[str]) -> int:
    """Runs one of COMMANDS. Returns 0: done; 1: refused, in one sentence; 2: the command line is wrong."""
    command = arguments[0]
    try:
        options = _parser(command).parse_args(arguments[1:])
    except SystemExit as end:
        return int(end.code or 0)
    try:
        kept = kept_in(options.store)
        if command == "versions":
            _versions(kept, options.library, options.json)
        elif command == "show":
            _show(find(kept, options.version), options.json)
        elif command == "diff":
            _diff(find(kept, options.old), find(kept, options.new), kept)
        elif command == "reproduce":
            return _reproduce(Reproduction(options.notebook, kept), options.output)
        else:
            _restore(find(kept, options.version), kept, options.output)
    except (AutoeggError, OSError) as refusal:
        print(f"autoegg: {refusal}", file=sys.stderr)
        return 1
    return 0


def _parser(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(f"autoegg {command}", description=_ABOUT[command], allow_abbrev=False)
    if command == "versions":
        parser.add_argument("library", nargs="?", metavar="NAME", help="only those of this library")
    elif command == "diff":
        parser.add_argument("old", metavar="A", help="a version: its first digits, four or more")
        parser.add_argument("new", metavar="B", help="another one")
    elif command == "reproduce":
        parser.add_argument(
            "notebook", type=Path, metavar="NOTEBOOK", help="a file whose cells say what they ran on"
        )
        parser.add_argument("-o", dest="output", type=Path, metavar="FILE", help="run it, and write it there")
    else:
        parser.add_argument("version", metavar="VERSION", help="its first digits, four or more")
    if command == "restore":
        parser.add_argument(
            "-o", dest="output", type=Path, required=True, metavar="FOLDER", help="a new folder"
        )
    if command in ("versions", "show"):
        parser.add_argument("--json", action="store_true", help="as data")
    parser.add_argument(
        "--store",
        type=Path,
        default=usual_store(),
        help="the store, where AutoeggExtension.store names another",
    )
    return parser


def _versions(kept: list[Kept], library: str | None, as_json: bool) -> None:
    shown = [it for it in kept if library in (None, it.spec.name)]
    if as_json:
        print(json.dumps([_data(it) for it in shown], indent=2))
        return
    if not shown:
        of = f" of {library}" if library else ""
        print(f"no version{of} is kept yet: a version is kept as soon as a notebook or a program has run it")
    for (name, _), versions in by_library(shown).items():
        print(f"{name}  {versions[0].spec.path}")
        for line in lines_of(versions, kept, {}):
            print(f"  {line}")


def _show(kept: Kept, as_json: bool) -> None:
    digests_of(kept)  # a list that is not the version's own is refused
    files = kept.version.manifest["files"]
    if as_json:
        print(json.dumps({**_data(kept), "files": files}, indent=2))
        return
    count, size = kept.version.size
    print(f"{kept.spec.name} {kept.name}")
    print(f"  {kept.spec.path}")
    print(
        f"  first run {kept.entry.first[:16].replace('T', ' ')} UTC, last run {kept.ran:%Y-%m-%d %H:%M} UTC"
    )
    print(f"  {git_text(kept) if kept.entry.commit else 'not in git'}")
    if not exists(kept):
        print(
            "  its eggs are gone from the store; `autoegg restore` looks for its files in git and in other versions"
        )
    print(f"  {count} {'file' if count == 1 else 'files'}, {size} bytes")
    for member, file in sorted(files.items()):
        print(f"    {file['digest'][:12]}  {file['size']:>9}  {member}")


def _diff(old: Kept, new: Kept, kept: list[Kept]) -> None:
    before, now = digests_of(old), digests_of(new)
    differing = sorted(
        member for member in before.keys() | now.keys() if before.get(member) != now.get(member)
    )
    if not differing:
        print(f"{old.name[:8]} and {new.name[:8]} have the same files")
        return
    contents = files_of(old, kept), files_of(new, kept)
    for member in differing:
        sides = [files.get(member) for files in contents]
        print("\n".join(_difference(member, sides[0], sides[1], old.name[:8], new.name[:8])))


def _difference(member: str, old: bytes | None, new: bytes | None, before: str, now: str) -> Iterator[str]:
    try:
        first, second = (("" if side is None else side.decode()).splitlines() for side in (old, new))
    except UnicodeDecodeError:
        yield f"{member} differs, and is no text"
        return
    names = [
        "/dev/null" if old is None else f"{member}\t{before}",
        "/dev/null" if new is None else f"{member}\t{now}",
    ]
    if old and new:
        yield from difflib.unified_diff(first, second, names[0], names[1], lineterm="")
    else:
        yield from _whole(names, [first, second])


def _whole(names: list[str], texts: list[list[str]]) -> Iterator[str]:
    """Of a file that only one side has, or that is empty on one, also the names: ``difflib`` says nothing of an empty one."""
    yield from (f"--- {names[0]}", f"+++ {names[1]}")
    for sign, text in zip("-+", texts, strict=True):
        yield from (f"{sign}{line}" for line in text)


def _restore(kept: Kept, others: list[Kept], folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AutoeggError(f"{folder} is there already and not empty: name a new folder")
    files = files_of(kept, others)
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        write(files, part)
        part.chmod(0o777 & ~_umask())
        part.replace(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    count = len(files)
    print(f"{kept.spec.name} {kept.name[:8]}: {count} {'file' if count == 1 else 'files'} in {folder}")


def _reproduce(reproduction: Reproduction, output: Path | None) -> int:
    """0 where all can be had, and each cell ran on it."""
    print("\n".join(reproduction.lines()))
    if output is None:
        return 0 if reproduction.complete else 1
    other = reproduction.run(output)
    print("\n".join([f"{output} has what it gives on that", *other]))
    return 1 if other else 0


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _data(kept: Kept) -> dict[str, Any]:
    entry = kept.entry
    return {
        "library": kept.spec.name,
        "kind": kept.spec.kind,
        "path": kept.spec.path,
        "version": kept.name,
        "first": entry.first,
        "last": kept.ran.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "commit": entry.commit,
        "clean": entry.commit is not None and not entry.dirty,
        "kept": exists(kept),
    }
