"""The files of a kept version, from wherever they are still to be had: its eggs, git, or the eggs of other versions. By content only."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from autoegg.errors import StoreDamaged, VersionMissing
from autoegg.protocol import Egg
from autoegg.versions.git_files import NotInGit, files_at
from autoegg.versions.index import Kept
from autoegg.versions.version import place_of

_UNREADABLE = (
    OSError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    NotImplementedError,
)
_WHY = {
    "age": "autoegg's store keeps a version for a number of days after it was last run (AUTOEGG_KEEP_DAYS), which are over",
    "size": "autoegg's store let its eggs go when it reached its size (AUTOEGG_KEEP_MEGABYTES)",
}


def digests_of(kept: Kept) -> dict[str, str]:
    """Member (POSIX path, as an egg names it) → sha256 of its content. Raises VersionMissing where the list is lost."""
    try:
        members = {path: entry["digest"] for path, entry in kept.version.manifest["files"].items()}
    except StoreDamaged:
        members = {}
    lines = "".join(f"{path}\0{digest}\n" for path, digest in sorted(members.items()))
    if hashlib.sha256(lines.encode()).hexdigest() != kept.name:
        raise VersionMissing(
            f"version {kept.name[:4]} of {kept.spec.name} cannot be had any more: the list of its files is damaged in, or was removed "
            f"from, autoegg's store ({kept.version.delivery.manifest})"
        )
    return members


def has_sound_eggs(kept: Kept) -> bool:
    """Whether the store has what brings the version as it was packed."""
    return kept.entry.gone is None and all(_is_sound(egg) for egg in kept.version.delivery.eggs)


def files_of(kept: Kept, others: Iterable[Kept] = ()) -> dict[str, bytes]:
    """Member → content, complete and each held against its digest. ``others``: versions whose eggs may have a file of it, too.

    Raises VersionMissing, which says why it is not to be had, and which files are lacking.
    """
    digests = digests_of(kept)
    found: dict[str, bytes] = {}
    _take(found, digests, _in_eggs(kept.version.delivery.eggs, digests))
    reasons = []
    if len(found) < len(digests):
        reasons = [
            _WHY.get(kept.entry.gone or "", "its eggs are damaged in, or were removed from, autoegg's store")
        ]
        reasons += _take_from_git(kept, found, digests)
    contents = {digests[member]: content for member, content in found.items()}
    lacking = [member for member in sorted(digests) if digests[member] not in contents]
    for other in others if lacking else ():
        for _, content in _in_eggs(other.version.delivery.eggs, None):
            contents.setdefault(hashlib.sha256(content).hexdigest(), content)
        lacking = [member for member in lacking if digests[member] not in contents]
        if not lacking:
            break
    if lacking:
        of = "all" if len(lacking) == len(digests) else f"{len(lacking)} of"
        raise VersionMissing(
            f"version {kept.name[:4]} of {kept.spec.name} cannot be had any more: {', and '.join(reasons)} "
            f"({of} {len(digests)} files are lacking, {lacking[0]} first)"
        )
    return {member: contents[digest] for member, digest in digests.items()}


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Writes members below a folder, which goes on ``sys.path`` then. Raises OSError; FileExistsError where something is there."""
    for member, content in files.items():
        path = folder / member
        if not path.resolve().is_relative_to(folder.resolve()):
            raise ValueError(f"{member} does not lie in its library")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
        if content.startswith((b"#!", b"\x7fELF")):
            path.chmod(0o755)


def _take_from_git(kept: Kept, found: dict[str, bytes], digests: Mapping[str, str]) -> list[str]:
    """Adds what git has. Returns why it has not all, as a part of a sentence."""
    commit = kept.entry.commit
    if commit is None:
        return ["its folder was in no git repository then"]
    paths = {place_of(kept.spec, member): member for member in digests if member not in found}
    try:
        _take(found, digests, ((paths[path], content) for path, content in files_at(commit, paths).items()))
    except NotInGit as reason:
        return [str(reason)]
    return [
        f"some of its files were not as git commit {commit[:8]} has them"
        if kept.entry.dirty
        else f"git commit {commit[:8]} has not all of them with the same bytes"
    ]


def _take(found: dict[str, bytes], digests: Mapping[str, str], offered: Iterable[tuple[str, bytes]]) -> None:
    for member, content in offered:
        if hashlib.sha256(content).hexdigest() == digests.get(member):
            found[member] = content


def _in_eggs(eggs: Iterable[Egg], members: Mapping[str, str] | None) -> Iterator[tuple[str, bytes]]:
    """What can be read of these eggs; None: all of their files."""
    for egg in eggs:
        try:
            with zipfile.ZipFile(egg.path) as archive:
                for name in archive.namelist():
                    if not name.endswith("/") and (members is None or name in members):
                        try:
                            yield name, archive.read(name)
                        except _UNREADABLE:
                            continue
        except _UNREADABLE:
            continue


def _is_sound(egg: Egg) -> bool:
    try:
        return hashlib.sha256(Path(egg.path).read_bytes()).hexdigest() == egg.digest
    except OSError:
        return False


def exists(kept: Kept) -> bool:
    """Whether the store has its eggs; what is in them is looked at when they are used."""
    return kept.entry.gone is None and all(os.path.exists(egg.path) for egg in kept.version.delivery.eggs)
